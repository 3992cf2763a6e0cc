/** The breakdowns: panels of rows, each of which filters the whole page when it is chosen. */
import {ask} from './api.js';
import {dialog, download, h, icon, ICONS, table} from './dom.js';
import {commonHost, country, csv, duration, money, number, page, rate, words} from './format.js';

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

const eventColumns = [
  ['Events', (row) => row.events, number],
  ['Visits', (row) => row.visits, number],
];
const itemColumns = [
  ['Events', (row) => row.events, number],
  ['Purchases', (row) => row.purchases, number],
  ['Pieces', (row) => row.quantity, number],
  ['Revenue', (row) => row.revenue, money],
  ['Refunds', (row) => row.refunds, money],
];

/** What items are; asked for once its tab is chosen. */
const groups = (name, name_one, group) => ({
  name,
  name_one,
  filter: `item_${group}`,
  show: plain,
  columns: itemColumns,
  group,
});

/** Each breakdown of the api: its tab, the filter a row sets, how a value reads, what its rows count. */
const BREAKDOWNS = {
  top_pages: {
    name: 'Top',
    name_one: 'Page',
    filter: 'page',
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
  countries: {name: 'Countries', name_one: 'Country', filter: 'country', show: country, columns: visitColumns},
  goals: {
    name: 'Goals',
    name_one: 'Goal',
    filter: 'event',
    show: words,
    columns: eventColumns,
    note: 'How often each was told. The figure Conversions counts an order once, also one told in steps, and a goal since it was set.',
  },
  event_types: {name: 'Events', name_one: 'Event', filter: 'event', show: words, columns: eventColumns},
  properties: {name: 'Properties', name_one: 'Property', opens: true, show: plain, columns: eventColumns},
  items: {
    name: 'Items',
    name_one: 'Item',
    filter: 'item',
    show: plain,
    title: (row) => row.value,
    label: (row) => row.name ?? row.value,
    columns: itemColumns,
  },
  item_categories: groups('Categories', 'Category', 'category'),
  item_brands: groups('Brands', 'Brand', 'brand'),
  item_types: groups('Types', 'Type', 'type'),
};

export const PANELS = [
  ['Sources', ['channels', 'sources', 'campaigns']],
  ['Pages', ['top_pages', 'entry_pages', 'exit_pages']],
  ['Devices', ['devices', 'browsers', 'operating_systems']],
  ['Items', ['items', 'item_categories', 'item_brands', 'item_types']],
  ['Goals and events', ['goals', 'event_types', 'properties']],
  ['Countries', ['countries']],
];

/** What a filter's value is called on its chip. */
export function filterName(filter, value) {
  const found = Object.values(BREAKDOWNS).findLast((breakdown) => breakdown.filter === filter);
  if (filter.startsWith('property:')) return `${filter.slice(9)}: ${value}`;
  if (filter === 'visitor_kind') return value === 'anonymous' ? 'Anonymous page views' : 'Recognised visitors';
  if (['visitor', 'session'].includes(filter)) return `${words(filter)} ${value.slice(0, 12)}`;
  return `${found?.name_one ?? words(filter)}: ${value === null ? '(none)' : found ? found.show(value, '') : value}`;
}

/** Which tab of a panel was chosen last; a filter or another period does not turn it back. */
const chosen = new Map();

/** Draws a panel; `answer` holds its breakdowns, `context` the state and what a choice does. */
export function panel(title, kinds, answer, context) {
  const body = h('div', {class: 'rows', role: 'tabpanel', tabindex: '-1'});
  const tabs = kinds.map((kind, at) =>
    h(
      'button',
      {
        type: 'button',
        role: 'tab',
        tabindex: '-1',
        onclick: () => choose(at),
      },
      BREAKDOWNS[kind].name,
    ),
  );
  let shown = chosen.get(title) ?? 0;

  function choose(at) {
    shown = at;
    chosen.set(title, at);
    tabs.forEach((tab, index) => {
      tab.setAttribute('aria-selected', String(index === at));
      tab.tabIndex = index === at ? 0 : -1;
    });
    body.setAttribute('aria-label', BREAKDOWNS[kinds[at]].name_one);
    const kind = kinds[at];
    if (answer.failed) {
      body.replaceChildren(h('p', {class: 'notice'}, answer.failed));
    } else if (BREAKDOWNS[kind].group && !answer[kind]) {
      body.replaceChildren(h('div', {class: 'skeleton tall'}));
      context.guard(async () => {
        answer[kind] = await ranked(kind, {...context.question(), limit: 9}, context.signal);
        if (kinds[shown] === kind) body.replaceChildren(...rows(kind, answer, context, body));
      });
    } else {
      body.replaceChildren(...rows(kind, answer, context, body));
    }
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
  choose(shown);
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

function rows(kind, answer, context, body) {
  const breakdown = BREAKDOWNS[kind];
  const all = answer[kind] ?? [];
  if (all.length === 0) return [h('p', {class: 'empty'}, 'Nothing in this period.')];
  const [head, count, show] = breakdown.columns[0];
  const most = Math.max(...all.map(count), 1);
  const host = commonHost(all.map((row) => row.value));
  const second =
    breakdown.columns === visitColumns
      ? ['Conv.', (row) => row.conversion_rate, rate]
      : breakdown.columns === itemColumns
        ? ['Revenue', (row) => row.revenue, money]
        : breakdown.columns === eventColumns
          ? ['Of visits', (row) => (answer.visits ? row.visits / answer.visits : null), rate]
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
      filters(breakdown, row) || breakdown.opens
        ? h(
            'button',
            {
              type: 'button',
              class: 'row',
              title: `${hint}`,
              'aria-description': breakdown.opens ? 'Show its values' : 'Filter by it',
              onclick: () =>
                breakdown.opens ? values(row.value, answer, context, body) : context.filter(breakdown.filter, row.value),
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
    breakdown.note ? h('p', {class: 'muted'}, breakdown.note) : '',
  ];
}

/** Items without a category are no category to filter by. */
const filters = (breakdown, row) => breakdown.filter && !(breakdown.group && row.value === null);

/** The rows of a breakdown; the values of a property are one, too. */
async function ranked(kind, question, signal) {
  const {group} = BREAKDOWNS[kind];
  if (group) return (await ask('items', {...question, group}, signal)).groups;
  if (!kind.startsWith('property:')) return (await ask('analytics', {...question, breakdowns: [kind]}, signal))[kind];
  const asked = {breakdowns: ['properties'], property: kind.slice(9)};
  return (await ask('analytics', {...question, ...asked}, signal)).properties;
}

/** The values of a property in the place of the list of properties; each of them filters. */
function values(property, names, context, body) {
  const back = h(
    'button',
    {class: 'link', type: 'button', onclick: () => body.replaceChildren(...rows('properties', names, context, body))},
    'All properties',
  );
  body.replaceChildren(back, h('div', {class: 'skeleton tall'}));
  back.focus();
  context.guard(async () => {
    const kind = `property:${property}`;
    const found = await ranked(kind, {...context.question(), limit: 9}, context.signal);
    BREAKDOWNS[kind] = {name: property, name_one: property, filter: kind, show: plain, columns: eventColumns};
    const all = h('button', {class: 'link', type: 'button', onclick: () => details(kind, context)}, 'All values');
    body.replaceChildren(back, ' · ', all, ...rows(kind, {...names, [kind]: found}, context, body));
  });
}

/** All columns and up to a thousand rows of a breakdown, which can be kept as CSV. */
async function details(kind, context) {
  const breakdown = BREAKDOWNS[kind];
  const body = h('div', {}, h('p', {class: 'empty'}, 'Loading…'));
  const isProperty = kind.startsWith('property:');
  const title = isProperty ? breakdown.name : `${breakdown.name_one.replace(/y$/, 'ie')}s`;
  const box = dialog(`${title}, ${context.periodName()}`, body);
  const name = (row) => breakdown.label?.(row) ?? breakdown.show(row.value, '');
  const choice = (row) =>
    h(
      'button',
      {
        class: 'link',
        type: 'button',
        'aria-description': 'Filter by it',
        onclick: () => {
          box.close();
          context.filter(breakdown.filter, row.value);
        },
      },
      name(row),
    );
  try {
    const all = await ranked(kind, {...context.question(), limit: 1000});
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
      table(
        breakdown.name_one,
        head,
        all.map((row) => [
          filters(breakdown, row) ? choice(row) : name(row),
          ...breakdown.columns.map(([, of, show]) => show(of(row))),
        ]),
        'tall',
      ),
      breakdown.note ? h('p', {class: 'muted'}, breakdown.note) : '',
    );
  } catch (failure) {
    body.replaceChildren(h('p', {class: 'notice', role: 'alert'}, failure.message));
  }
}
