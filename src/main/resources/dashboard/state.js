/** What the page shows, kept in its address so that a link shows the same. */
import {breakdownOf, PANELS} from './breakdowns.js';
import {daysBetween, isDay, PERIODS, plusDays, today} from './dates.js';

export const VIEWS = {
  overview: 'Overview',
  live: 'Live',
  funnel: 'Funnel',
  retention: 'Retention',
  sessions: 'Visits',
  events: 'Events',
  pipeline: 'Pipeline',
  settings: 'Settings',
};

/** Nothing is open: no dialog of all rows or of an experiment, no visit. */
export const CLOSED = {all: null, experiment: null, control: null, visits: []};

/** Visits of an address that are opened. */
const MOST_VISITS = 20;

/** The tabs that panels don't begin with. */
const LATER_TABS = PANELS.flatMap(([, [, ...later]]) => later);

/** The views that a site's key shows; a link shows figures only, and with filters none that count other visits. */
export function viewsOf(site) {
  if (!site.link) return Object.keys(VIEWS);
  return ['overview', 'live', 'funnel', ...(Object.keys(site.link.filters).length > 0 ? [] : ['retention'])];
}

/** The state that an address tells; what is missing or odd is as at first. */
export function read(search = location.search) {
  const query = new URLSearchParams(search);
  const from = query.get('from');
  const to = query.get('to');
  const steps = stepsOf(json(query.get('steps')));
  const outcome = query.get('outcome') === 'left' ? 'left' : 'reached';
  const tabs = LATER_TABS.filter((kind) => query.get('tabs')?.split(',').includes(kind));
  const view = Object.hasOwn(VIEWS, query.get('view')) ? query.get('view') : 'overview';
  return {
    view,
    period: Object.hasOwn(PERIODS, query.get('period')) ? query.get('period') : '30d',
    custom: isDay(from) && (to === null || (isDay(to) && from <= to)) ? {from, to} : null,
    compare: ['none', 'previous', 'weekday'].includes(query.get('compare')) ? query.get('compare') : 'previous',
    interval: ['hour', 'day', 'week', 'month'].includes(query.get('interval')) ? query.get('interval') : null,
    metric: query.get('metric') ?? 'visitors',
    robots: query.get('robots') === '1',
    filters: filtersOf(json(query.get('filters'))),
    steps,
    window: whole(query.get('window'), 1, Infinity),
    cohort: ['day', 'week', 'month'].includes(query.get('cohort')) ? query.get('cohort') : 'week',
    step: whole(query.get('step'), outcome === 'left' ? 2 : 1, steps.length), // nobody leaves before the first
    outcome,
    tabs,
    property: (tabs.includes('properties') && query.get('property')) || null,
    type: query.get('type')?.trim() || null,
    ...opened(view, query),
  };
}

/** What is open on the view that has it. */
function opened(view, query) {
  if (view === 'sessions') return {...CLOSED, visits: query.getAll('visit').filter(Boolean).slice(0, MOST_VISITS)};
  if (view !== 'overview') return CLOSED;
  const all = query.get('all');
  if (all && breakdownOf(all)) return {...CLOSED, all};
  const experiment = query.get('experiment') || null;
  return {...CLOSED, experiment, control: (experiment && query.get('control')) || null};
}

function whole(text, least, most) {
  const value = Number(text);
  return Number.isInteger(value) && value >= least && value <= most ? value : null;
}

function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

/** Each filter has a value, or several of which one is enough: texts, or null for none. */
function filtersOf(given) {
  const isValue = (value) => value === null || typeof value === 'string';
  const isFilter = ([, values]) => isValue(values) || (Array.isArray(values) && values.length > 0 && values.every(isValue));
  return isObject(given) ? Object.fromEntries(Object.entries(given).filter(isFilter)) : {};
}

function stepsOf(given) {
  const isStep = (step) => isObject(step) && ['evt_type', 'page_url', 'item_id'].some((kind) => typeof step[kind] === 'string');
  return Array.isArray(given) && given.every(isStep) ? given : [];
}

/** The address of a state, without what is as at first. */
export function write(state) {
  const query = new URLSearchParams();
  const first = read('');
  const set = (name, value, usual) => {
    if (value && value !== usual) query.set(name, value);
  };
  set('view', state.view, first.view);
  if (state.custom) {
    query.set('from', state.custom.from);
    set('to', state.custom.to, null);
  } else {
    set('period', state.period, first.period);
  }
  set('compare', state.compare, first.compare);
  set('interval', state.interval, null);
  set('metric', state.metric, first.metric);
  if (state.robots) query.set('robots', '1');
  if (Object.keys(state.filters).length > 0) query.set('filters', JSON.stringify(state.filters));
  if (state.steps.length > 0) query.set('steps', JSON.stringify(state.steps));
  if (state.window) query.set('window', state.window);
  set('cohort', state.cohort, first.cohort);
  if (state.step) {
    query.set('step', state.step);
    set('outcome', state.outcome, first.outcome);
  }
  set('tabs', state.tabs.join(','), '');
  set('property', state.property, null);
  set('type', state.type, null);
  set('all', state.all, null);
  set('experiment', state.experiment, null);
  set('control', state.control, null);
  for (const visit of state.visits) query.append('visit', visit);
  const text = query.toString();
  return text ? `?${text}` : location.pathname;
}

/** The steps of the chart that fit so many days, and are shown unless others are chosen. */
export const usualInterval = ({from, to}) => (daysBetween(from, to) <= 2 ? 'hour' : 'day');

/** As many as the api bears. */
const MOST_DAYS = 1100;

/** First and last day that a state asks for, in the zone; without a last one it is today, as far as the api goes. */
export function days(state, zone) {
  if (state.custom) {
    const {from, to} = state.custom;
    return {from, to: to ?? [from, [today(zone), plusDays(from, MOST_DAYS - 1)].sort()[0]].sort()[1]};
  }
  const [from, to] = PERIODS[state.period][1](today(zone));
  return {from, to};
}
