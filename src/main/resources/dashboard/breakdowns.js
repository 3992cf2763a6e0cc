/** What figures are broken down by, and which panels tell it. */
import {channel, country, duration, money, number, page, rate, words} from './format.js';
import {itemName} from './names.js';

/** A value as it is. */
export const plain = (value) => value ?? '(none)';
export const visitColumns = [
  ['Visits', (row) => row.visits, number],
  ['Page views', (row) => row.pageviews, number],
  ['Bounce rate', (row) => row.bounce_rate, rate],
  ['Duration', (row) => row.visit_duration, duration],
  ['Conversions', (row) => row.conversions, number],
  ['Rate', (row) => row.conversion_rate, rate],
  ['Revenue', (row) => row.revenue, money],
];

export const eventColumns = [
  ['Events', (row) => row.events, number],
  ['Visits', (row) => row.visits, number],
];

export const itemColumns = [
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
export const BREAKDOWNS = {
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
  channels: {name: 'Channels', name_one: 'Channel', filter: 'channel', show: channel, columns: visitColumns},
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
  named_goals: {
    name: 'By name',
    name_one: 'Goal by name',
    name_all: 'Goals by name',
    filter: 'goal',
    show: plain,
    columns: eventColumns,
  },
  experiments: {
    name: 'Experiments',
    name_one: 'Variant',
    filter: 'experiment',
    show: plain,
    columns: [
      ['Visitors', (row) => row.visitors, number],
      ['Visits', (row) => row.visits, number],
      ['Page views', (row) => row.pageviews, number],
      ['Conversions', (row) => row.conversions, number],
      ['Rate', (row) => row.conversion_rate, rate],
    ],
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

/** A breakdown by its name; the values of a property are one, too. */
export function breakdownOf(kind) {
  if (Object.hasOwn(BREAKDOWNS, kind)) return BREAKDOWNS[kind];
  const [, name] = /^property:(.+)$/s.exec(kind) ?? [];
  return name ? {name, name_one: name, name_all: name, filter: kind, show: plain, columns: eventColumns} : null;
}

/** The titles of the panels, and the breakdowns that are each one's tabs. */
export const PANELS = [
  ['Sources', ['channels', 'sources', 'campaigns']],
  ['Pages', ['top_pages', 'entry_pages', 'exit_pages']],
  ['Devices', ['devices', 'browsers', 'operating_systems']],
  ['Items', ['items', 'item_categories', 'item_brands', 'item_types']],
  ['Goals and events', ['goals', 'event_types', 'properties']],
  ['Goals by name', ['named_goals']],
  ['Experiments', ['experiments']],
  ['Countries', ['countries']],
];

/** Panels that not every site has something for are there where it has. */
export const hides = ([kind], answer = {}) =>
  ['named_goals', 'experiments', 'countries'].includes(kind) && !answer[kind]?.some(({value}) => value !== null);

/** What a filter's value is called on its chip. */
export function filterName(filter, value) {
  const found = Object.values(BREAKDOWNS).findLast((breakdown) => breakdown.filter === filter);
  if (filter.startsWith('property:')) return `${filter.slice(9)}: ${value}`;
  if (filter === 'visitor_kind') return value === 'anonymous' ? 'Anonymous page views' : 'Recognised visitors';
  if (filter === 'item') return `Item: ${itemName(value)}`;
  if (['visitor', 'session'].includes(filter)) return `${words(filter)} ${value?.slice(0, 12) ?? '(none)'}`;
  return `${found?.name_one ?? words(filter)}: ${value === null ? '(none)' : found ? found.show(value, '') : value}`;
}
