/** Who is on the site now, and what they do, as the collector pushes it. */
import {ask, follow} from './api.js';
import {clockName} from './dates.js';
import {announce, h} from './dom.js';
import {commonHost, number, page, words} from './format.js';

/** Draws the live view and keeps it true until the signal ends. */
export function live(into, {signal, zone}) {
  const now = h('strong', {class: 'huge'}, '–');
  const minutes = h('div', {class: 'minutes', role: 'img', 'aria-label': 'Page views by minute'});
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
        minutes,
      ),
      h(
        'section',
        {class: 'card panel', 'aria-label': 'Pages'},
        h('div', {class: 'panel-head'}, h('h2', {}, 'Pages of the last half hour')),
        pages,
      ),
    ),
    h(
      'section',
      {class: 'card panel', 'aria-label': 'Feed'},
      h('div', {class: 'panel-head'}, h('h2', {}, 'As it happens')),
      feed,
    ),
    state,
  );

  let latest = null;
  follow(
    'realtime',
    {minutes: 30},
    signal,
    async (data) => {
      state.textContent = `As of ${clockName(data.to, zone)} (${zone})`;
      bars(minutes, data.series);
      const host = commonHost(data.top_pages.map(({page_url: url, value}) => url ?? value));
      const most = Math.max(1, ...data.top_pages.map(({pageviews}) => pageviews));
      pages.replaceChildren(
        ...data.top_pages.map((row) =>
          h(
            'li',
            {},
            h(
              'div',
              {class: 'row'},
              h('span', {class: 'fill', style: {width: `${(100 * row.pageviews) / most}%`}}),
              h('span', {class: 'name'}, page(row.value ?? row.page_url, host)),
              h('span', {class: 'figure'}, number(row.pageviews)),
            ),
          ),
        ),
      );
      if (data.top_pages.length === 0)
        pages.replaceChildren(h('li', {class: 'empty'}, 'Nobody was here in the last half hour.'));
      const recent = await ask('realtime', {minutes: 5}, signal);
      if (now.textContent !== number(recent.visitors)) {
        now.textContent = number(recent.visitors);
        announce(`${recent.visitors} visitors now`);
      }
      if (data.events !== latest) {
        latest = data.events;
        const from = new Date(Date.parse(data.to) - 3600000).toISOString();
        const {events} = await ask('events', {from, limit: 25}, signal);
        feed.replaceChildren(
          ...(events.length === 0
            ? [h('li', {class: 'empty'}, 'Nothing in the last hour. Open a page that carries the tracker.')]
            : events.map((event) => line(event, zone))),
        );
      }
    },
    (failure) => {
      state.textContent = failure.message;
    },
  );
}

function bars(into, series) {
  const most = Math.max(1, ...series.map(({pageviews}) => pageviews));
  into.replaceChildren(
    ...series
      .slice(-30)
      .map(({start, pageviews}) =>
        h('span', {style: {height: `${(100 * pageviews) / most}%`}, title: `${start.slice(11, 16)} UTC: ${pageviews}`}),
      ),
  );
  into.setAttribute(
    'aria-label',
    `Page views by minute: ${series
      .slice(-30)
      .map(({pageviews}) => pageviews)
      .join(', ')}`,
  );
}

function line(event, zone) {
  return h(
    'li',
    {},
    h('time', {datetime: event.event_timestamp}, clockName(event.event_timestamp, zone)),
    h('span', {class: `kind ${event.evt_type === 'purchase' ? 'strong' : ''}`}, words(event.evt_type)),
    h('span', {class: 'name'}, event.page_title ?? event.items?.[0]?.item_id ?? page(event.page_url, '')),
    h('span', {class: 'muted mono', title: event.visitor ?? ''}, event.visitor ? event.visitor.slice(4, 10) : ''),
  );
}
