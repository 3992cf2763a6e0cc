/** A figure over time: a line chart with a cursor for mouse and keyboard, and the same as a table. */
import uPlot from './uplot/uPlot.esm.js';
import {instantOf, local} from './dates.js';
import {announce, asTable, h} from './dom.js';
import {NONE} from './format.js';

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Between the marks beside counts, which have no halves. */
const WHOLE = Array.from({length: 10}, (none, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();

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
 * @param series rows with `start`, those of the period before beside them, or null (or none at all)
 * @param value gives a row's figure, `show` its text
 * @param notes what happened on days, with `day` and `text`
 */
export function chart({series, previous, interval, zone, value, show, name, notes}) {
  const times = series.map((row) => Date.parse(row.start) / 1000);
  const now = series.map(value);
  const then = series.map((row, at) => (previous[at] ? value(previous[at]) : null));
  const noted = series.map(() => []);
  for (const {day, text} of notes) {
    const at = series.findLastIndex((row) => Date.parse(row.start) <= Date.parse(instantOf(day, '00:00:00', zone)));
    noted[Math.max(0, at)]?.push(text);
  }
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
    `${pointName(series[at], interval, zone)}: ${show(now[at])}` +
    (previous[at] ? `, before that ${show(then[at])}` : '') +
    noted[at].map((text) => `. ${text}`).join('');

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
      ...noted[at].map((text) => h('div', {class: 'tip-note'}, text)),
    );
    const left = plot.valToPos(times[at], 'x') + plot.over.offsetLeft;
    const half = tip.offsetWidth / 2;
    tip.style.left = `${Math.min(Math.max(left, half), holder.clientWidth - half)}px`;
  }

  const counts = [...now, ...then].every((figure) => figure === null || Number.isInteger(figure));
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
        size: 34,
        splits: marks,
        values: (self, places) =>
          places.map((place) => {
            const when = new Date(place * 1000);
            const form = interval === 'hour' && local(when, zone).clock === '00:00:00' ? MARKS.day : MARKS[interval];
            return new Intl.DateTimeFormat('en-GB', {...form, timeZone: zone}).format(when);
          }),
      },
      {
        stroke: color('--muted'),
        grid: {stroke: color('--line'), width: 1},
        ticks: {show: false},
        font: '12px system-ui, sans-serif',
        size: (self, names) => 16 + 7 * Math.max(2, ...(names ?? []).map((name) => name?.length ?? 0)),
        ...(counts ? {incrs: WHOLE} : {}),
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
    hooks: {setCursor: [point], draw: [flags]},
  });

  /** A line with a flag where something happened. */
  function flags(self) {
    const {ctx, bbox} = self;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = color('--warn');
    ctx.lineWidth = devicePixelRatio;
    for (const [at, texts] of noted.entries()) {
      if (texts.length === 0) continue;
      const x = Math.round(self.valToPos(times[at], 'x', true));
      ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.beginPath();
      ctx.moveTo(x, bbox.top - 12 * devicePixelRatio);
      ctx.lineTo(x + 11 * devicePixelRatio, bbox.top - 7 * devicePixelRatio);
      ctx.lineTo(x, bbox.top - 2 * devicePixelRatio);
      ctx.fill();
    }
    ctx.restore();
  }

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

  const rows = series.map((row, at) => [
    [pointName(row, interval, zone), ...noted[at]].join(' · '),
    show(now[at]),
    ...(previous.length ? [previous[at] ? show(then[at]) : NONE] : []),
  ]);
  const figures = series.map((row, at) => [row.start, now[at], ...(previous.length ? [then[at]] : [])]);
  return h(
    'div',
    {},
    holder,
    asTable(`${name} by ${interval}`, ['Time', name, ...(previous.length ? ['Before'] : [])], rows, figures),
  );
}
