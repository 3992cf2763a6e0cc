/** The figures of a period, over time and by breakdown. */
import {ask, change, Refusal} from './api.js';
import {hides, PANELS} from './breakdowns.js';
import {chart} from './chart.js';
import {before, daysBefore, daysBetween, paired, periodName, today} from './dates.js';
import {dialog, h, icon, ICONS} from './dom.js';
import {form} from './forms.js';
import {growth, number, signed, words} from './format.js';
import {mainCurrency, METRICS} from './metrics.js';
import {openNamed} from './opened.js';
import {panel} from './panels.js';
import {options, speed} from './speed.js';
import {usualInterval} from './state.js';

/** What is made of the events of the visits, and asked for apart, as it costs the most. */
const BY_EVENTS = ['goals', 'named_goals', 'experiments', 'event_types', 'properties', 'visitor_kinds', 'robots'];

/** What robots are for, by the kinds of the api. */
const ROBOTS = {
  search: 'for search engines',
  ai: 'for AI',
  monitor: 'that monitor',
  preview: 'for previews of links',
  feed: 'that read feeds',
  seo: 'for SEO',
  ads: 'for advertising',
  archive: 'of archives',
  scanner: 'that scan for holes',
  research: 'for research',
  tool: 'tools',
};

/** The places of the page; they stay where they are while other figures come into them. */
let places = null;

function layOut(into) {
  const waiting = () => h('div', {class: 'skeleton tall'});
  const tiles = h(
    'div',
    {class: 'tiles', role: 'group', 'aria-label': 'Figure of the chart'},
    Object.values(METRICS).map(({name}) =>
      h('div', {class: 'tile'}, h('span', {class: 'tile-name'}, name), h('span', {class: 'skeleton'})),
    ),
  );
  const plot = h('div', {class: 'chart-body'}, waiting());
  const sums = h('section', {class: 'card figures', 'aria-label': 'Figures'}, tiles, plot);
  const panels = PANELS.map(([title, kinds]) =>
    h(
      'section',
      {class: 'card panel', hidden: hides(kinds)},
      h('div', {class: 'panel-head'}, h('h2', {}, title)),
      waiting(),
    ),
  );
  const pace = h('section', {hidden: true});
  const foot = h('div', {class: 'foot'});
  into.replaceChildren(sums, h('div', {class: 'panels'}, panels, pace), foot);
  return {sums, tiles, plot, panels, pace, foot};
}

/** Draws the overview into a page and fills it as the answers come; what shows another question's figures is pale until then. */
export async function overview(into, context) {
  if (!places?.sums.isConnected) places = layOut(into);
  const {sums, panels, pace, foot} = places;
  for (const place of [sums, ...panels, pace, foot]) place.classList.add('stale');
  context.opens(() => openNamed(context));
  try {
    await fill(context);
  } catch (failure) {
    if (!context.signal.aborted) places = null;
    throw failure;
  }
}

async function fill(context) {
  const {state, zone, signal} = context;
  const {sums, tiles, plot, foot} = places;
  const question = context.question();
  const earlier = state.compare === 'none' ? null : {...question, ...before(context.days, state.compare === 'weekday', zone)};
  // Told to both: of the period before, which may be cut, the api could choose another one.
  const series = {interval: state.interval ?? usualInterval(context.days), breakdowns: []};
  const [now, then] = await Promise.all([
    ask('analytics', {...question, ...series}, signal),
    earlier ? orFailed(ask('analytics', {...earlier, ...series}, signal), signal) : null,
  ]);
  figures(tiles, plot, [now, then], context);
  sums.classList.remove('stale');
  await Promise.all([
    orFailed(ask('analytics', {...question, limit: 9}, signal), signal).then((answer) => drawPanels(answer, false, context)),
    orFailed(ask('analytics', {...question, breakdowns: BY_EVENTS, limit: 9}, signal), signal).then(async (answer) => {
      drawPanels(answer, true, context);
      const told = answer.failed
        ? []
        : [anonymous(await people(answer, context), context), robots(answer.robots, context)];
      foot.replaceChildren(...told);
      foot.classList.remove('stale');
    }),
    drawSpeed(context),
  ]);
}

/** The kinds of visitors, without robots, who agree to nothing either. */
async function people({visitor_kinds: kinds}, {state, question, signal}) {
  if (!state.robots || state.filters.visitor_kind) return kinds;
  const asked = {...question(), include_bots: null, breakdowns: ['visitor_kinds']};
  return (await orFailed(ask('analytics', asked, signal), signal)).visitor_kinds ?? [];
}

/** What is refused of a part is told there; the other parts go on. */
async function orFailed(answer, signal) {
  try {
    return await answer;
  } catch (failure) {
    if (signal.aborted || !(failure instanceof Refusal) || failure.status === 401) throw failure;
    return {failed: failure.message};
  }
}

/** Of the filters those of page and device tell it apart; a link with filters does not show it. */
async function drawSpeed(context) {
  if (Object.keys(context.site.link?.filters ?? {}).length > 0) {
    places.pace.classList.remove('stale');
    return;
  }
  const {filters, include_bots: none, ...period} = context.question();
  const question = {...period, ...options(filters ?? {}), limit: 9};
  const drawn = speed(await orFailed(ask('vitals', question, context.signal), context.signal), context);
  places.pace.replaceWith(drawn);
  places.pace = drawn;
}

/** Those that an answer tells of, in their places. */
function drawPanels(answer, isByEvents, context) {
  for (const [at, [title, kinds]] of PANELS.entries()) {
    if (BY_EVENTS.includes(kinds[0]) !== isByEvents) continue;
    const drawn = panel(title, kinds, answer, context);
    drawn.hidden = hides(kinds, answer);
    places.panels[at].replaceWith(drawn);
    places.panels[at] = drawn;
  }
}

function figures(tiles, plot, [now, earlier], context) {
  const then = earlier?.failed ? null : earlier;
  const currency = mainCurrency(now.revenue);
  const chosen = Object.hasOwn(METRICS, context.state.metric) ? context.state.metric : 'visitors';
  const series = now.series.filter(({start}) => Date.parse(start) <= Date.now()); // of hours to come nothing is known
  const {from, to} = context.days;
  const shift = daysBetween(daysBefore(context.days, context.state.compare === 'weekday').from, from) - 1;
  const lastNoted = [to, today(context.zone)].sort()[0];
  const draw = (key) => {
    const {of, chart: show, name} = METRICS[key];
    plot.replaceChildren(
      then && now.visits > 0 ? legend(context) : '',
      earlier?.failed ? h('p', {class: 'notice'}, `Nothing to compare with: ${earlier.failed}`) : '',
      now.visits === 0 && now.events === 0
        ? h(
            'div',
            {class: 'empty tall'},
            h('p', {}, 'No visits in this period.'),
            h('button', {class: 'link', type: 'button', onclick: () => context.go({view: 'live'})}, 'Look at what comes in now'),
          )
        : chart({
            series,
            previous: then ? paired(series, then.series, now.interval, shift) : [],
            interval: now.interval,
            zone: context.zone,
            name,
            value: (row) => of(row, currency),
            show: (value) => show(value, currency),
            notes: context.shared.annotations.filter(({day}) => day >= from && day <= lastNoted),
          }),
      context.site.may.includes('manage') ? annotate(context) : '',
    );
  };
  tiles.replaceChildren(
    ...Object.entries(METRICS).map(([key, metric]) =>
      h(
        'button',
        {
          type: 'button',
          class: 'tile',
          title: metric.hint,
          'aria-pressed': String(key === chosen),
          onclick: (event) => {
            for (const tile of tiles.children) tile.setAttribute('aria-pressed', String(tile === event.currentTarget));
            context.remember({metric: key});
            draw(key);
          },
        },
        tile(metric, now, then, currency),
      ),
    ),
  );
  draw(chosen);
}

/** Which days the two lines are. */
function legend({days, state}) {
  return h(
    'p',
    {class: 'legend'},
    h('i', {}),
    periodName(days),
    h('i', {class: 'then'}),
    periodName(daysBefore(days, state.compare === 'weekday')),
  );
}

function tile(metric, now, then, currency) {
  const value = metric.of(now, currency);
  const grown = then ? growth(value, metric.of(then, currency)) : null;
  const good = grown === null || grown === 0 ? '' : grown > 0 === !metric.less ? ' good' : ' bad';
  const note = metric.note?.(now, currency);
  const told = metric.tile(value, currency);
  return [
    h('span', {class: 'tile-name'}, metric.name),
    h('strong', {title: metric.chart(value, currency), style: {'--length': told.length}}, told),
    h(
      'span',
      {class: 'tile-foot'},
      grown === null
        ? null
        : h(
            'span',
            {class: `delta${good}`, title: `Before: ${metric.tile(metric.of(then, currency), currency)}`},
            signed(grown),
          ),
      note ? h('span', {class: 'note'}, note) : null,
    ),
  ];
}

function annotate(context) {
  const now = today(context.zone);
  const day = [context.days.to, now].sort()[0];
  const ask = () => {
    const box = dialog(
      'Note on the chart',
      h('p', {class: 'muted'}, 'For all who look at this site.'),
      form(
        [
          ['Day', 'day', {type: 'date', max: now, value: day}],
          ['What happened', 'text', {maxlength: 150}],
        ],
        'Note',
        (annotation, place) =>
          context.guard(async () => {
            context.share(await change({annotation}));
            box.close();
            context.go({});
          }, place),
      ),
    );
  };
  return h('button', {class: 'link annotate', type: 'button', onclick: ask}, icon(ICONS.flag), 'Note what happened');
}

/** What those leave in the figures who may not be recognised, in words that an owner understands. */
function anonymous(kinds, context) {
  const {visitor_kind: chosen, ...others} = context.state.filters;
  if (context.site.link?.filters.visitor_kind) return '';
  if (chosen) {
    return h(
      'p',
      {},
      'Page views of people who did not agree to be recognised are left out, and so are their orders. ',
      h('button', {type: 'button', class: 'link', onclick: () => context.go({filters: others})}, 'Count them'),
    );
  }
  const found = kinds.find(({value}) => value === 'anonymous');
  if (!found) return '';
  return h(
    'p',
    {},
    `${number(found.visits)} of these visits are single page views of people who did not agree to be recognised. Each counts as a visitor of its own, so there were fewer visits and visitors than shown. `,
    h(
      'button',
      {
        type: 'button',
        class: 'link',
        onclick: () => context.go({robots: false, filters: {...context.state.filters, visitor_kind: ['recognised']}}),
      },
      context.state.robots ? 'Leave them and the robots out' : 'Leave them out',
    ),
  );
}

/** How many visits of robots the figures leave out, or hold, and what these robots are for. */
function robots(kinds, context) {
  const count = kinds.reduce((sum, {visits}) => sum + visits, 0);
  const told = kinds.map(
    ({value, visits}) => `${number(visits)} ${value === null ? 'other' : (ROBOTS[value] ?? words(value))}`,
  );
  return h(
    'p',
    {},
    `${number(count)} ${count === 1 ? 'visit' : 'visits'} of robots ${context.state.robots ? 'are among these figures' : 'left out'}`,
    told.length > 0 ? `: ${told.join(', ')}. ` : '. ',
    h(
      'button',
      {type: 'button', class: 'link', onclick: () => context.go({robots: !context.state.robots})},
      context.state.robots ? 'Leave them out' : 'Count them',
    ),
  );
}
