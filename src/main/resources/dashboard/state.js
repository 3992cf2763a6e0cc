/** What the page shows, kept in its address so that a link shows the same. */
import {PERIODS, today} from './dates.js';

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

/** The views that a site's key shows; a link shows figures only, and with filters none that count other visits. */
export function viewsOf(site) {
  if (!site.link) return Object.keys(VIEWS);
  return ['overview', 'live', 'funnel', ...(Object.keys(site.link.filters).length > 0 ? [] : ['retention'])];
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The state that an address tells; what is missing or odd is as at first. */
export function read(search = location.search) {
  const query = new URLSearchParams(search);
  const from = query.get('from');
  const to = query.get('to');
  return {
    view: Object.hasOwn(VIEWS, query.get('view')) ? query.get('view') : 'overview',
    period: Object.hasOwn(PERIODS, query.get('period')) ? query.get('period') : '30d',
    custom: DAY.test(from) && DAY.test(to) && from <= to ? {from, to} : null,
    compare: ['none', 'previous', 'weekday'].includes(query.get('compare')) ? query.get('compare') : 'previous',
    interval: query.get('interval'),
    metric: query.get('metric') ?? 'visitors',
    robots: query.get('robots') === '1',
    filters: object(query.get('filters')),
    steps: list(query.get('steps')),
    window: Number(query.get('window')) || null,
    cohort: query.get('cohort') ?? 'week',
    step: Number(query.get('step')) || null,
    outcome: query.get('outcome') === 'left' ? 'left' : 'reached',
  };
}

function object(text) {
  try {
    const value = JSON.parse(text ?? '{}');
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

function list(text) {
  try {
    const value = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
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
    query.set('to', state.custom.to);
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
  const text = query.toString();
  return text ? `?${text}` : location.pathname;
}

/** First and last day that a state asks for, in the zone. */
export function days(state, zone) {
  if (state.custom) return state.custom;
  const [from, to] = PERIODS[state.period][1](today(zone));
  return {from, to};
}
