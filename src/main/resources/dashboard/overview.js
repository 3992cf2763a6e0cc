/** The figures of a period, over time and by breakdown. */
import {ask} from './api.js';
import {chart} from './chart.js';
import {before} from './dates.js';
import {h} from './dom.js';
import {growth, number, signed} from './format.js';
import {mainCurrency, METRICS} from './metrics.js';
import {PANELS, panel} from './panels.js';

/** Draws the overview into a page and fills it as the answers come. */
export async function overview(into, context) {
  const {state, zone, signal} = context;
  const tiles = h('div', {class: 'tiles', role: 'group', 'aria-label': 'Figure of the chart'});
  const plot = h('div', {class: 'chart-body'}, h('div', {class: 'skeleton tall'}));
  const panels = h(
    'div',
    {class: 'panels'},
    PANELS.map(([title]) =>
      h(
        'section',
        {class: 'card panel'},
        h('div', {class: 'panel-head'}, h('h2', {}, title)),
        h('div', {class: 'skeleton tall'}),
      ),
    ),
  );
  const robots = h('p', {class: 'foot'});
  tiles.append(
    ...Object.values(METRICS).map(({name}) =>
      h('div', {class: 'tile'}, h('span', {class: 'tile-name'}, name), h('span', {class: 'skeleton'})),
    ),
  );
  into.replaceChildren(h('section', {class: 'card figures', 'aria-label': 'Figures'}, tiles, plot), panels, robots);

  const question = context.question();
  const earlier = state.compare === 'none' ? null : {...question, ...before(context.days, state.compare === 'weekday', zone)};
  const sums = await Promise.all([
    ask('analytics', {...question, interval: state.interval, breakdowns: []}, signal),
    earlier ? ask('analytics', {...earlier, interval: state.interval, breakdowns: []}, signal) : null,
  ]);
  figures(tiles, plot, sums, context);
  const answer = await ask('analytics', {...question, breakdowns: PANELS.flatMap(([, kinds]) => kinds), limit: 9}, signal);
  panels.replaceChildren(...PANELS.map(([title, kinds]) => panel(title, kinds, answer, context)));
  await hidden(robots, sums[0], context);
}

function figures(tiles, plot, [now, then], context) {
  const currency = mainCurrency(now.revenue);
  const chosen = METRICS[context.state.metric] ? context.state.metric : 'visitors';
  const draw = (key) => {
    const {of, chart: show, name} = METRICS[key];
    plot.replaceChildren(
      now.visits === 0 && now.events === 0
        ? h('p', {class: 'empty tall'}, 'No visits in this period.')
        : chart({
            series: now.series,
            previous: then?.series ?? [],
            interval: now.interval,
            zone: context.zone,
            name,
            value: (row) => of(row, currency),
            show: (value) => show(value, currency),
          }),
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

function tile(metric, now, then, currency) {
  const value = metric.of(now, currency);
  const grown = then ? growth(value, metric.of(then, currency)) : null;
  const good = grown === null || grown === 0 ? '' : grown > 0 === !metric.less ? ' good' : ' bad';
  const note = metric.note?.(now, currency);
  return [
    h('span', {class: 'tile-name'}, metric.name),
    h('strong', {}, metric.tile(value, currency)),
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

/** How many visits of robots the figures leave out, or hold. */
async function hidden(foot, shown, context) {
  const other = await ask(
    'analytics',
    {...context.question(), include_bots: !context.state.robots, breakdowns: []},
    context.signal,
  );
  const count = Math.abs(other.visits - shown.visits);
  foot.replaceChildren(
    `${number(count)} ${count === 1 ? 'visit' : 'visits'} of robots ${context.state.robots ? 'are among these figures' : 'left out'}. `,
    h(
      'button',
      {type: 'button', class: 'link', onclick: () => context.go({robots: !context.state.robots})},
      context.state.robots ? 'Leave them out' : 'Count them',
    ),
  );
}
