/** A figure over time: a line chart with a cursor for mouse and keyboard, and the same as a table. */
import uPlot from './uplot/uPlot.esm.js';
import {announce, h} from './dom.js';
import {NONE} from './format.js';

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** How the time axis names its marks. */
const MARKS = {
  hour: {hour: '2-digit', minute: '2-digit'},
  day: {day: 'numeric', month: 'short'},
  week: {day: 'numeric', month: 'short'},
  month: {month: 'short', year: 'numeric'},
};

/** A label of a point of time, by the interval of the series. */
function pointName(row, interval, zone) {
  const when = new Date(row.start);
  const forms = {
    hour: {weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit'},
    day: {weekday: 'short', day: 'numeric', month: 'short', year: 'numeric'},
    week: {day: 'numeric', month: 'short', year: 'numeric'},
    month: {month: 'long', year: 'numeric'},
  };
  const name = new Intl.DateTimeFormat('en-GB', {...forms[interval], timeZone: zone}).format(when);
  return interval === 'week' ? `Week of ${name}` : name;
}

/**
 * The chart of one metric.
 *
 * @param series rows with `start`, the period before beside them row by row (or empty)
 * @param value gives a row's figure, `show` its text
 */
export function chart({series, previous, interval, zone, value, show, name}) {
  const times = series.map((row) => Date.parse(row.start) / 1000);
  const now = series.map(value);
  const then = series.map((row, at) => (previous[at] ? value(previous[at]) : null));
  const tip = h('div', {class: 'tip', hidden: true});
  const holder = h(
    'div',
    {
      class: 'plot',
      tabindex: '0',
      role: 'group',
      'aria-roledescription': 'chart',
      'aria-label': `${name} by ${interval}. Arrow keys move from point to point.`,
    },
    tip,
  );

  const sentence = (at) =>
    `${pointName(series[at], interval, zone)}: ${show(now[at])}` + (previous[at] ? `, before that ${show(then[at])}` : '');

  function point(plot) {
    const at = plot.cursor.idx;
    tip.hidden = at === null || at === undefined || !series[at];
    if (tip.hidden) return;
    tip.replaceChildren(
      h('div', {class: 'tip-when'}, pointName(series[at], interval, zone)),
      h('div', {class: 'tip-now'}, h('i', {}), show(now[at])),
      previous[at]
        ? h('div', {class: 'tip-then'}, h('i', {}), show(then[at]), h('span', {}, pointName(previous[at], interval, zone)))
        : '',
    );
    const left = plot.valToPos(times[at], 'x') + plot.over.offsetLeft;
    const half = tip.offsetWidth / 2;
    tip.style.left = `${Math.min(Math.max(left, half), holder.clientWidth - half)}px`;
  }

  let plot = null;
  const options = (width) => ({
    width,
    height: 280,
    tzDate: (stamp) => uPlot.tzDate(new Date(stamp * 1000), zone),
    padding: [16, 28, 0, 0],
    legend: {show: false},
    cursor: {y: false, points: {size: 9, width: 2, fill: color('--surface')}, drag: {x: false, y: false}},
    scales: {y: {range: (self, low, high) => [Math.min(0, low ?? 0), high > 0 ? high * 1.08 : 1]}},
    axes: [
      {
        stroke: color('--muted'),
        grid: {show: false},
        ticks: {show: false},
        font: '12px system-ui, sans-serif',
        splits: marks,
        values: (self, places) =>
          places.map((place) =>
            new Intl.DateTimeFormat('en-GB', {...MARKS[interval], timeZone: zone}).format(new Date(place * 1000)),
          ),
      },
      {
        stroke: color('--muted'),
        grid: {stroke: color('--line'), width: 1},
        ticks: {show: false},
        font: '12px system-ui, sans-serif',
        size: 72,
        values: (self, places) => places.map((place) => show(place).replace(/\.00$/, '')),
      },
    ],
    series: [
      {},
      {stroke: color('--before'), width: 1.5, dash: [5, 5], points: {show: false}},
      {
        stroke: color('--accent'),
        width: 2.5,
        fill: (self) => shade(self),
        points: {show: times.length <= 12, size: 7, fill: color('--surface'), width: 2},
      },
    ],
    hooks: {setCursor: [point]},
  });

  /** Marks lie on points of the series, as many as have room. */
  function marks(self) {
    const every = Math.ceil(times.length / Math.max(1, Math.floor(self.bbox.width / devicePixelRatio / 84)));
    return times.filter((time, at) => at % every === 0);
  }

  function shade(self) {
    const {top, height} = self.bbox;
    if (!Number.isFinite(top + height) || height === 0) return color('--accent-soft');
    const gradient = self.ctx.createLinearGradient(0, top, 0, top + height);
    gradient.addColorStop(0, color('--accent-fade'));
    gradient.addColorStop(1, color('--accent-gone'));
    return gradient;
  }

  function move(by) {
    const at = Math.min(series.length - 1, Math.max(0, (plot.cursor.idx ?? (by > 0 ? -1 : series.length)) + by));
    plot.setCursor({left: plot.valToPos(times[at], 'x'), top: 20});
    announce(sentence(at));
  }

  holder.addEventListener('keydown', (event) => {
    const steps = {ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity, PageDown: 7, PageUp: -7};
    if (!(event.key in steps) || !plot || series.length === 0) return;
    event.preventDefault();
    move(steps[event.key] === -Infinity ? -series.length : Math.min(steps[event.key], series.length));
  });
  holder.addEventListener('blur', () => plot?.setCursor({left: -10, top: -10}));

  const data = [times, then, now];
  new ResizeObserver(() => {
    const width = Math.floor(holder.clientWidth);
    if (width === 0) return;
    if (plot) plot.setSize({width, height: 280});
    else plot = new uPlot(options(width), data, holder);
  }).observe(holder);

  const table = h(
    'details',
    {class: 'as-table'},
    h('summary', {}, 'As a table'),
    h(
      'div',
      {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `${name} as a table`},
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', {scope: 'col'}, 'Time'),
            h('th', {scope: 'col', class: 'figure'}, name),
            previous.length ? h('th', {scope: 'col', class: 'figure'}, 'Before') : null,
          ),
        ),
        h(
          'tbody',
          {},
          series.map((row, at) =>
            h(
              'tr',
              {},
              h('th', {scope: 'row'}, pointName(row, interval, zone)),
              h('td', {class: 'figure'}, show(now[at])),
              previous.length ? h('td', {class: 'figure'}, previous[at] ? show(then[at]) : NONE) : null,
            ),
          ),
        ),
      ),
    ),
  );
  return h('div', {}, holder, table);
}
