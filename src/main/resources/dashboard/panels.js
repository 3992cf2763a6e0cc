/** The breakdowns: panels of rows, each of which filters the whole page when it is chosen. */
import {ask} from './api.js';
import {dialog, download, h, icon, ICONS} from './dom.js';
import {commonHost, csv, duration, money, number, page, rate, words} from './format.js';

const plain = (value) => value ?? '(none)';
const visitColumns = [
  ['Visits', (row) => row.visits, number],
  ['Page views', (row) => row.pageviews, number],
  ['Bounce rate', (row) => row.bounce_rate, rate],
  ['Duration', (row) => row.visit_duration, duration],
  ['Conversions', (row) => row.conversions, number],
  ['Rate', (row) => row.conversion_rate, rate],
  ['Revenue', (row) => row.revenue, money],
];

/** Each breakdown of the api: its tab, the filter a row sets, how a value reads, what its rows count. */
const BREAKDOWNS = {
  top_pages: {
    name: 'Top',
    name_one: 'Page',
    show: page,
    columns: [['Page views', (row) => row.pageviews, number]],
    title: (row) => row.title,
  },
  entry_pages: {name: 'Entry', name_one: 'Entry page', filter: 'entry_page', show: page, columns: visitColumns},
  exit_pages: {name: 'Exit', name_one: 'Exit page', filter: 'exit_page', show: page, columns: visitColumns},
  channels: {name: 'Channels', name_one: 'Channel', filter: 'channel', show: words, columns: visitColumns},
  sources: {
    name: 'Sources',
    name_one: 'Source',
    filter: 'source',
    show: (value) => value ?? 'Direct or none',
    columns: visitColumns,
  },
  campaigns: {name: 'Campaigns', name_one: 'Campaign', filter: 'utm_campaign', show: plain, columns: visitColumns},
  devices: {name: 'Devices', name_one: 'Device', filter: 'device', show: words, columns: visitColumns},
  browsers: {name: 'Browsers', name_one: 'Browser', filter: 'browser', show: plain, columns: visitColumns},
  operating_systems: {name: 'Systems', name_one: 'System', filter: 'os', show: plain, columns: visitColumns},
  items: {
    name: 'Items',
    name_one: 'Item',
    show: plain,
    title: (row) => row.value,
    label: (row) => row.name ?? row.value,
    columns: [
      ['Events', (row) => row.events, number],
      ['Purchases', (row) => row.purchases, number],
      ['Pieces', (row) => row.quantity, number],
      ['Revenue', (row) => row.revenue, money],
      ['Refunds', (row) => row.refunds, money],
    ],
  },
};

export const PANELS = [
  ['Sources', ['channels', 'sources', 'campaigns']],
  ['Pages', ['top_pages', 'entry_pages', 'exit_pages']],
  ['Devices', ['devices', 'browsers', 'operating_systems']],
  ['Items', ['items']],
];

/** What a filter's value is called on its chip. */
export function filterName(filter, value) {
  const found = Object.values(BREAKDOWNS).find((breakdown) => breakdown.filter === filter);
  return `${found?.name_one ?? words(filter)}: ${value === null ? '(none)' : found ? found.show(value, '') : value}`;
}

/** Draws a panel; `answer` holds its breakdowns, `context` the state and what a choice does. */
export function panel(title, kinds, answer, context) {
  const body = h('div', {class: 'rows', role: 'tabpanel', tabindex: '-1'});
  const tabs = kinds.map((kind, at) =>
    h(
      'button',
      {
        type: 'button',
        role: 'tab',
        'aria-selected': String(at === 0),
        tabindex: at === 0 ? '0' : '-1',
        onclick: () => choose(at),
      },
      BREAKDOWNS[kind].name,
    ),
  );
  let shown = 0;

  function choose(at) {
    shown = at;
    tabs.forEach((tab, index) => {
      tab.setAttribute('aria-selected', String(index === at));
      tab.tabIndex = index === at ? 0 : -1;
    });
    body.setAttribute('aria-label', BREAKDOWNS[kinds[at]].name_one);
    body.replaceChildren(...rows(kinds[at], answer[kinds[at]] ?? [], context));
  }

  const strip = h(
    'div',
    {
      class: 'tabs',
      role: 'tablist',
      'aria-label': title,
      onkeydown: (event) => {
        const by = {ArrowRight: 1, ArrowLeft: -1}[event.key];
        if (!by) return;
        choose((shown + by + kinds.length) % kinds.length);
        tabs[shown].focus();
      },
    },
    tabs,
  );
  choose(0);
  return h(
    'section',
    {class: 'card panel', 'aria-label': title},
    h(
      'div',
      {class: 'panel-head'},
      h('h2', {}, title),
      kinds.length > 1 ? strip : null,
      h(
        'button',
        {
          class: 'quiet',
          type: 'button',
          'aria-label': `All of ${title.toLowerCase()}`,
          title: 'All columns, more rows',
          onclick: () => details(kinds[shown], context),
        },
        icon(ICONS.expand),
      ),
    ),
    body,
  );
}

function rows(kind, all, context) {
  const breakdown = BREAKDOWNS[kind];
  if (all.length === 0) return [h('p', {class: 'empty'}, 'Nothing in this period.')];
  const [head, count, show] = breakdown.columns[0];
  const most = Math.max(...all.map(count), 1);
  const host = commonHost(all.map((row) => row.value));
  const second =
    breakdown.columns === visitColumns
      ? ['Conv.', (row) => row.conversion_rate, rate]
      : kind === 'items'
        ? ['Revenue', (row) => row.revenue, money]
        : null;
  const line = (row) => {
    const name = breakdown.label?.(row) ?? breakdown.show(row.value, host);
    const inside = [
      h('span', {class: 'fill', style: {width: `${(100 * count(row)) / most}%`}}),
      h('span', {class: 'name'}, name),
      second ? h('span', {class: 'minor'}, second[2](second[1](row))) : null,
      h('span', {class: 'figure'}, show(count(row))),
    ];
    const hint = breakdown.title?.(row) ?? row.value ?? '';
    return h(
      'li',
      {},
      breakdown.filter
        ? h(
            'button',
            {
              type: 'button',
              class: 'row',
              title: `${hint}`,
              'aria-description': 'Filter by it',
              onclick: () => context.filter(breakdown.filter, row.value),
            },
            inside,
          )
        : h('div', {class: 'row', title: `${hint}`}, inside),
    );
  };
  return [
    h(
      'div',
      {class: 'rows-head'},
      h('span', {}, breakdown.name_one),
      second ? h('span', {class: 'minor'}, second[0]) : null,
      h('span', {class: 'figure'}, head),
    ),
    h('ul', {}, all.map(line)),
  ];
}

/** All columns and up to a thousand rows of a breakdown, which can be kept as CSV. */
async function details(kind, context) {
  const breakdown = BREAKDOWNS[kind];
  const body = h('div', {}, h('p', {class: 'empty'}, 'Loading…'));
  dialog(`${breakdown.name_one}s, ${context.periodName()}`, body);
  try {
    const all = (await ask('analytics', {...context.question(), breakdowns: [kind], limit: 1000}))[kind];
    const head = [breakdown.name_one, ...breakdown.columns.map(([name]) => name)];
    body.replaceChildren(
      h(
        'button',
        {
          class: 'button',
          type: 'button',
          onclick: () =>
            download(
              `${kind}.csv`,
              csv([head, ...all.map((row) => [row.value, ...breakdown.columns.map(([, of]) => of(row))])]),
            ),
        },
        icon(ICONS.download),
        'CSV',
      ),
      h(
        'div',
        {class: 'scroll tall', tabindex: '0', role: 'region', 'aria-label': breakdown.name_one},
        h(
          'table',
          {},
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              head.map((name, at) => h('th', {scope: 'col', class: at ? 'figure' : ''}, name)),
            ),
          ),
          h(
            'tbody',
            {},
            all.map((row) =>
              h(
                'tr',
                {},
                h('th', {scope: 'row'}, breakdown.label?.(row) ?? breakdown.show(row.value, '')),
                breakdown.columns.map(([, of, show]) => h('td', {class: 'figure'}, show(of(row)))),
              ),
            ),
          ),
        ),
      ),
    );
  } catch (failure) {
    body.replaceChildren(h('p', {class: 'notice', role: 'alert'}, failure.message));
  }
}
