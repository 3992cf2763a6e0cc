/** How fast pages were for three quarters of those who saw them. */
import {h, keep, table} from './dom.js';
import {commonHost, NONE, page, rate} from './format.js';

const seconds = (value) => (value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`);

/** The measures of the api: what each is called, means and how its values read. */
const MEASURES = {
  lcp: ['LCP', 'Until the largest part is painted', seconds],
  inp: ['INP', 'Until the page answers to input', seconds],
  cls: ['CLS', 'How much of it jumps about', (value) => value.toFixed(2)],
  ttfb: ['TTFB', 'Until the first byte comes', seconds],
};
const RATINGS = {good: 'good', needs_improvement: 'needs improvement', poor: 'poor'};

/** The filters by which speed is told apart, as the api calls them. */
const OPTIONS = {page: 'page_url', device: 'device'};

/** Those filters as options; of each the api takes one value. */
export function options(filters) {
  const told = Object.entries(OPTIONS)
    .map(([name, option]) => [option, [filters[name]].flat()])
    .filter(([, values]) => values.length === 1 && typeof values[0] === 'string');
  return Object.fromEntries(told.map(([option, [value]]) => [option, value]));
}

/** What the figures don't hang on. */
function whatever(filters) {
  const told = Object.keys(options(filters)).length;
  if (Object.keys(filters).length === told) return '';
  return told > 0 ? ', whatever the other filters' : ', whatever the filters';
}

/** The panel of a period, hidden where nothing was measured. */
export function speed({measures, rows, failed}, {state, filter}) {
  if (failed) {
    return h(
      'section',
      {class: 'card panel', 'aria-label': 'Speed'},
      h('div', {class: 'panel-head'}, h('h2', {}, 'Speed')),
      h('p', {class: 'notice'}, failed),
    );
  }
  const host = commonHost(rows.map(({value}) => value));
  const cells = (row) => Object.entries(MEASURES).map(([measure, [, , show]]) => figure(row[measure], show));
  return h(
    'section',
    {class: 'card panel', 'aria-label': 'Speed', hidden: rows.length === 0},
    h('div', {class: 'panel-head'}, h('h2', {}, 'Speed'), keep('speed', () => lines(measures, rows))),
    h(
      'p',
      {class: 'muted'},
      `At most this long for three quarters of the page views${whatever(state.filters)}.`,
    ),
    table(
      'Speed of pages',
      ['Page', ...Object.values(MEASURES).map(([name, meaning]) => h('span', {title: meaning}, name))],
      [['All pages', ...cells(measures)], ...rows.map((row) => [choice(row, host, filter), ...cells(row)])],
    ),
  );
}

/** A page, by which all else is filtered when it is chosen. */
const choice = ({value}, host, filter) =>
  h(
    'button',
    {class: 'link', type: 'button', title: value, 'aria-description': 'Filter by it', onclick: () => filter('page', value)},
    page(value, host),
  );

/** What the api tells, as it tells it: the page's own address, milliseconds, shares of page views. */
function lines(measures, rows) {
  const names = Object.keys(MEASURES);
  return [
    ['page', ...names.flatMap((measure) => [`${measure}_p75`, `${measure}_rating`, `${measure}_good`, `${measure}_views`])],
    ...[{...measures, value: null}, ...rows].map((row) => [
      row.value,
      ...names.flatMap((measure) => ['p75', 'rating', 'good', 'views'].map((member) => row[measure]?.[member])),
    ]),
  ];
}

/** The colour is told in words, too. */
function figure(told, show) {
  if (!told) return NONE;
  const rating = RATINGS[told.rating];
  return h(
    'span',
    {class: `rating ${told.rating}`, title: `${rating}; ${rate(told.good)} of ${told.views} page views are good`},
    show(told.p75),
    h('span', {class: 'unseen'}, `, ${rating}`),
  );
}
