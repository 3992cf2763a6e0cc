/** How many of those who came first in a week come again in each later one. */
import {ask} from './api.js';
import {dayName} from './dates.js';
import {announce, asTable, h} from './dom.js';
import {number, plural, rate} from './format.js';

const INTERVALS = {day: 'Days', week: 'Weeks', month: 'Months'};

export async function retention(into, context) {
  const body = h('div', {}, h('div', {class: 'skeleton tall'}));
  const interval = context.state.cohort;
  const pick = h(
    'select',
    {'aria-label': 'Interval', onchange: (event) => context.go({cohort: event.target.value})},
    Object.entries(INTERVALS).map(([name, text]) => h('option', {value: name, selected: name === interval}, text)),
  );
  into.replaceChildren(
    h(
      'section',
      {class: 'card panel', 'aria-label': 'Retention'},
      h('div', {class: 'panel-head'}, h('h2', {}, 'Retention'), pick),
      h(
        'p',
        {class: 'muted'},
        'Visitors by when they came first (with filters: by a visit that passes), and the share of them who came again. Robots are left out.',
      ),
      body,
    ),
  );
  const {include_bots: none, ...question} = context.question();
  const {cohorts} = await ask('retention', {...question, interval}, context.signal);
  const filled = cohorts.filter(({visitors}) => visitors > 0);
  if (filled.length === 0) {
    body.replaceChildren(h('p', {class: 'empty'}, 'Nobody came for the first time in this period.'));
    return;
  }
  const width = Math.max(...filled.map(({rates}) => rates.length));
  const heads = ['First visit', 'Visitors', ...Array.from({length: width}, (none, at) => (at === 0 ? 'Same' : `+${at}`))];
  body.replaceChildren(
    grid(filled, heads, interval),
    asTable(
      'Retention',
      heads,
      filled.map((cohort) => [name(cohort, interval), number(cohort.visitors), ...padded(cohort.returned.map(number), width)]),
      filled.map(({label, visitors, returned}) => [label, visitors, ...returned]),
    ),
  );
}

const padded = (cells, width) => [...cells, ...Array(width - cells.length).fill('')];

/** A cohort by its first day. */
function name({label}, interval) {
  return interval === 'month' ? dayName(label, {month: 'long', year: 'numeric'}) : dayName(label);
}

/** The shares as a table whose cells are shaded, with a cursor for the keyboard. */
function grid(cohorts, heads, interval) {
  const rows = cohorts.map((cohort) =>
    h(
      'tr',
      {},
      h('th', {scope: 'row'}, name(cohort, interval)),
      h('td', {class: 'figure'}, number(cohort.visitors)),
      cohort.rates.map((share, at) =>
        h(
          'td',
          {
            class: `figure heat${share > 0.55 ? ' dense' : ''}`,
            style: {'--share': share ?? 0},
            title: `${number(cohort.returned[at])} of ${plural(cohort.visitors, 'visitor')}`,
          },
          rate(share),
        ),
      ),
    ),
  );
  let at = null;
  const cell = () => rows[at.row].children[at.column + 2];
  const leave = () => {
    if (at) cell().classList.remove('at');
    at = null;
  };
  const move = (down, right) => {
    const from = at ?? {row: 0, column: 0};
    const first = at === null;
    leave();
    const row = Math.min(cohorts.length - 1, Math.max(0, from.row + (first ? 0 : down)));
    const last = cohorts[row].rates.length - 1;
    at = {row, column: Math.min(last, Math.max(0, from.column + (first ? 0 : right)))};
    cell().classList.add('at');
    cell().scrollIntoView({block: 'nearest', inline: 'nearest'});
    const {rates, returned, visitors} = cohorts[row];
    announce(
      `${name(cohorts[row], interval)}, ${heads[at.column + 2]}: ${rate(rates[at.column])}, ${number(returned[at.column])} of ${plural(visitors, 'visitor')}`,
    );
  };
  return h(
    'div',
    {
      class: 'scroll tall',
      tabindex: '0',
      role: 'group',
      'aria-roledescription': 'chart',
      'aria-label': 'Shares of cohorts that came again. Arrow keys move from cell to cell.',
      onkeydown: (event) => {
        const by = {
          ArrowDown: [1, 0],
          ArrowUp: [-1, 0],
          ArrowRight: [0, 1],
          ArrowLeft: [0, -1],
          Home: [0, -100],
          End: [0, 100],
        }[event.key];
        if (!by) return;
        event.preventDefault();
        move(...by);
      },
      onblur: leave,
    },
    h(
      'table',
      {class: 'cohorts'},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          heads.map((head, column) => h('th', {scope: 'col', class: column ? 'figure' : ''}, head)),
        ),
      ),
      h('tbody', {}, rows),
    ),
  );
}
