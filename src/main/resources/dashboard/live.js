/** Who is on the site now, and what they do, as the collector pushes it. */
import {ask, follow} from './api.js';
import {clockName} from './dates.js';
import {announce, asTable, h, keep} from './dom.js';
import {commonHost, number, page, plural} from './format.js';
import {line} from './sessions.js';

/** Milliseconds between two questions for the latest events. */
const PAUSE = 600;

/** Draws the live view and keeps it true until the signal ends. */
export function live(into, context) {
  const {signal, zone, site} = context;
  const {filters, include_bots} = context.question();
  const isPart = Object.keys({...filters, ...site.link?.filters}).length > 0;
  const none = isPart ? 'Nobody who passes the filters was here' : 'Nobody was here';
  const now = h('strong', {class: 'huge'}, '–');
  const minutes = bars(zone);
  const pages = h('ul', {class: 'rows plain'});
  const feed = h('ol', {class: 'feed', 'aria-label': 'Latest events'});
  const state = h('p', {class: 'foot'}, 'Connecting…');
  into.replaceChildren(
    h(
      'div',
      {class: 'panels'},
      h(
        'section',
        {class: 'card panel', 'aria-label': 'Now'},
        h('div', {class: 'panel-head'}, h('h2', {}, 'Visitors in the last 5 minutes')),
        now,
        h('p', {class: 'muted'}, 'Page views by minute, the last half hour'),
        minutes.chart,
      ),
      h(
        'section',
        {class: 'card panel', 'aria-label': 'Pages'},
        h(
          'div',
          {class: 'panel-head'},
          h('h2', {}, 'Pages of the last half hour'),
          keep('pages', () => [['Page', 'Page views'], ...(listed ?? []).map((row) => [row.value, row.pageviews])]),
        ),
        pages,
      ),
    ),
    site.link
      ? ''
      : h(
          'section',
          {class: 'card panel', 'aria-label': 'Feed'},
          h('div', {class: 'panel-head'}, h('h2', {}, 'As it happens')),
          feed,
        ),
    state,
  );

  /** Drawn anew only where it differs, and not under whoever moves in it. */
  let listed = null;
  function list(rows) {
    if (JSON.stringify(rows) === JSON.stringify(listed) || pages.contains(document.activeElement)) return;
    listed = rows;
    const host = commonHost(rows.map(({value}) => value));
    const most = Math.max(1, ...rows.map(({pageviews}) => pageviews));
    pages.replaceChildren(
      ...rows.map((row) =>
        h(
          'li',
          {},
          h(
            'button',
            {
              type: 'button',
              class: 'row',
              title: row.value,
              'aria-description': 'Filter by it',
              onclick: () => context.filter('page', row.value),
            },
            h('span', {class: 'fill', style: {width: `${(100 * row.pageviews) / most}%`}}),
            h('span', {class: 'name'}, page(row.value, host)),
            h('span', {class: 'figure'}, number(row.pageviews)),
          ),
        ),
      ),
    );
    if (rows.length === 0) pages.replaceChildren(h('li', {class: 'empty'}, `${none} in the last half hour.`));
  }

  let latest = null;
  let asked = 0;
  follow(
    'realtime',
    {minutes: 30, filters, include_bots},
    signal,
    async (data) => {
      state.textContent = `As of ${clockName(data.to, zone)} (${zone})`;
      minutes.draw(data.series);
      list(data.top_pages);
      if (now.textContent !== number(data.visitors_now)) {
        now.textContent = number(data.visitors_now);
        announce(`${plural(data.visitors_now, 'visitor')} now`);
      }
      // the first of many events at once, the others together
      if (data.events !== latest && Date.now() - asked > PAUSE && !site.link && !feed.contains(document.activeElement)) {
        latest = data.events;
        asked = Date.now();
        // with filters visits are asked for by when they began, and none is longer than a day
        const from = new Date(Date.parse(data.to) - (filters ? 24 : 1) * 3600000).toISOString();
        const {events} = await ask('events', {from, filters, include_bots, limit: 25}, signal);
        feed.replaceChildren(
          ...(events.length === 0
            ? [
                h(
                  'li',
                  {class: 'empty'},
                  filters ? 'Nothing passes the filters.' : 'Nothing in the last hour. Open a page that carries the tracker.',
                ),
              ]
            : events.map((event) => line(event, zone, context.filter))),
        );
      }
    },
    (failure) => {
      if (failure.status === 401) context.guard(() => Promise.reject(failure));
      else state.textContent = failure.message;
    },
  );
}

/** A bar a minute, with a cursor for the keyboard and the same as a table, which stays open over new figures. */
function bars(zone) {
  let shown = [];
  let at = null;
  const minute = ({start}) => clockName(start, zone).slice(0, 5);
  const sentence = (row) => `${minute(row)}: ${number(row.pageviews)}`;
  const plot = h('div', {
    class: 'minutes',
    tabindex: '0',
    role: 'group',
    'aria-roledescription': 'chart',
    'aria-label': 'Page views by minute. Arrow keys move from minute to minute.',
    onkeydown: (event) => {
      const by = {ArrowRight: 1, ArrowLeft: -1, Home: -30, End: 30}[event.key];
      if (!by || shown.length === 0) return;
      event.preventDefault();
      at = Math.min(shown.length - 1, Math.max(0, (at ?? shown.length) + by));
      mark();
      announce(sentence(shown[at]));
    },
    onblur: () => {
      at = null;
      mark();
    },
  });
  let table = h('div', {});
  const chart = h('div', {}, plot, table);
  const mark = () => [...plot.children].forEach((bar, index) => bar.classList.toggle('at', index === at));

  function draw(series) {
    shown = series.slice(-30);
    const most = Math.max(1, ...shown.map(({pageviews}) => pageviews));
    plot.replaceChildren(
      ...shown.map((row) => h('span', {style: {height: `${(100 * row.pageviews) / most}%`}, title: sentence(row)})),
    );
    mark();
    const next = asTable(
      'Page views by minute',
      ['Minute', 'Page views'],
      [...shown].reverse().map((row) => [minute(row), number(row.pageviews)]),
      [...shown].reverse().map((row) => [row.start, row.pageviews]),
    );
    if (table.contains(document.activeElement)) return;
    next.open = table.open ?? false;
    table.replaceWith(next);
    table = next;
  }

  return {chart, draw};
}
