/** The visits of a period one by one, or those behind a step of the funnel; each opens its events. */
import {ask} from './api.js';
import {clockName, momentName} from './dates.js';
import {h, icon, ICONS} from './dom.js';
import {channel, commonHost, country, duration, money, page, plural, visitorName, words} from './format.js';
import {itemName} from './names.js';
import {wholeFile} from './wholefile.js';

const AT_ONCE = 30;
const MOST_EVENTS = 500;

/** Of their file. */
const COLUMNS = [
  'from',
  'to',
  'session',
  'visitor',
  'status',
  'pageviews',
  'events',
  'engaged_seconds',
  'conversions',
  'revenue',
  'entry_page',
  'exit_page',
  'channel',
  'source',
  'utm_campaign',
  'device',
  'browser',
  'os',
  'country',
];

export async function sessions(into, context) {
  const {state, signal} = context;
  const list = h('ol', {class: 'visits'}, h('li', {}, h('div', {class: 'skeleton tall'})));
  const more = h('button', {class: 'button', type: 'button', hidden: true}, 'Show more');
  const isBehind = state.step !== null && state.steps.length >= 2;
  const way = isBehind ? {steps: state.steps, step: state.step, outcome: state.outcome, window_minutes: state.window} : {};
  const question = () => ({...context.question(), ...way});
  const file = wholeFile({door: 'sessions', member: 'sessions', name: 'visits'}, COLUMNS, question, context);
  into.replaceChildren(
    h(
      'section',
      {class: 'card panel', 'aria-label': 'Visits'},
      h('div', {class: 'panel-head'}, h('h2', {}, isBehind ? behind(state) : 'Visits'), file.button),
      file.told,
      isBehind
        ? h('button', {class: 'link', type: 'button', onclick: () => context.go({step: null})}, 'All visits of the period')
        : null,
      list,
      more,
    ),
  );

  /** What shows or hides the events of each visit on the page. */
  const openers = new Map();
  const align = () => openers.forEach((open, session) => open(state.visits.includes(session)));

  function draw(found) {
    const fresh = found.filter(({session}) => !openers.has(session));
    const host = commonHost(fresh.map((session) => session.entry_page));
    return fresh.map((session) => {
      const {row, open} = visit(session, host, context);
      openers.set(session.session, open);
      return row;
    });
  }

  /** Visits of the address that are not among the first ones stand above them. */
  async function fillOpened() {
    const missing = state.visits.filter((session) => !openers.has(session));
    if (missing.length === 0) return;
    const asked = {...context.question(), filters: {session: missing}, include_bots: true, limit: missing.length};
    const {sessions: found} = await ask('sessions', asked, signal);
    list.prepend(...draw(found));
    if (found.length < missing.length) list.before(h('p', {class: 'notice'}, 'A visit of this address is none of this period.'));
    align();
  }

  async function fill(cursor) {
    const answer = await ask('sessions', {...question(), cursor, limit: AT_ONCE}, signal);
    const rows = draw(answer.sessions);
    if (cursor === null) list.replaceChildren();
    list.append(...(cursor === null && rows.length === 0 ? [h('li', {class: 'empty'}, 'No visits in this period.')] : rows));
    more.hidden = !answer.next_cursor;
    more.onclick = () => context.guard(() => fill(answer.next_cursor), list.parentElement);
  }

  await fill(null);
  context.opens(align);
  await context.guard(fillOpened, list.parentElement);
}

/** What a funnel's steps are called. */
export const stepName = ({name, evt_type: type, page_url: url, item_id: item}) =>
  name ?? (type ? words(type) : (url ?? itemName(item)));

function behind({steps, step, outcome}) {
  const name = (at) => `${at}. ${stepName(steps[at - 1])}`;
  return outcome === 'left' ? `Visits that took ${name(step - 1)}, but never ${name(step)}` : `Visits that took ${name(step)}`;
}

function visit(session, host, context) {
  const events = h('div', {class: 'visit-events', hidden: true});
  const button = h(
    'button',
    {
      class: 'visit',
      type: 'button',
      'aria-expanded': 'false',
      onclick: () => {
        const {visits} = context.state;
        const others = visits.filter((other) => other !== session.session);
        if (others.length < visits.length) context.conceal({visits: others});
        else context.reveal({visits: [...visits, session.session]});
      },
    },
    icon(ICONS.open),
    h('span', {class: 'when'}, momentName(session.from, context.zone)),
    h(
      'span',
      {class: 'name'},
      h('strong', {}, session.source ?? channel(session.channel)),
      session.entry_page ? h('span', {class: 'muted'}, ` → ${page(session.entry_page, host)}`) : null,
    ),
    isNow(session) ? h('span', {class: 'badge live'}, 'Now') : null,
    session.is_bot ? h('span', {class: 'badge'}, 'Robot') : null,
    session.conversions > 0
      ? h('span', {class: 'badge good'}, session.revenue ? money(session.revenue) : plural(session.conversions, 'conversion'))
      : null,
    h('span', {class: 'minor'}, [session.device, session.browser].filter(Boolean).map(words).join(' · ')),
    h('span', {class: 'figure'}, plural(session.pageviews, 'page')),
    h('span', {class: 'figure'}, duration(session.duration_seconds)),
  );
  const open = (isOpen) => {
    events.hidden = !isOpen;
    button.setAttribute('aria-expanded', String(isOpen));
    if (isOpen && events.childElementCount === 0) context.guard(() => tell(events, session, context), events);
  };
  return {row: h('li', {}, button, events), open};
}

/** Where no event tells that time goes on, a visit stays open. */
const isNow = ({status, to}) => status === 'OPEN' && Date.now() - Date.parse(to) < 1800000;

async function tell(into, session, context) {
  into.replaceChildren(h('div', {class: 'skeleton'}));
  const after = new Date(Math.max(Date.parse(session.to), Date.parse(session.from)) + 1000).toISOString();
  const {events, next_cursor: isLong} = await ask(
    'events',
    {from: session.from, to: after, filters: {session: session.session}, include_bots: true, limit: MOST_EVENTS},
    context.signal,
  );
  into.replaceChildren(
    h(
      'p',
      {class: 'muted'},
      'Visitor ',
      h(
        'button',
        {class: 'link mono', type: 'button', onclick: () => context.go({step: null, filters: {visitor: [session.visitor]}})},
        visitorName(session.visitor),
      ),
      `, ${[channel(session.channel), session.utm_campaign, session.os, session.language, session.country && country(session.country)].filter(Boolean).join(', ')}`,
      isLong ? `. The last ${MOST_EVENTS} events:` : '',
    ),
    h(
      'ol',
      {class: 'feed', 'aria-label': 'Events in order'},
      events.reverse().map((event) => line(event, context.zone)),
    ),
  );
}

/** An event as a line of a feed; with `filter`, what a choice does, it names the visitor. */
export function line(event, zone, filter = null) {
  return h(
    'li',
    {},
    h('time', {datetime: event.event_timestamp}, clockName(event.event_timestamp, zone)),
    h('span', {class: `kind ${event.evt_type === 'purchase' ? 'strong' : ''}`}, words(event.evt_type)),
    h(
      'span',
      {class: 'name', title: itemIds(event) ?? event.page_url ?? ''},
      itemNames(event) ?? event.page_title ?? page(event.page_url, commonHost([event.page_url])),
      filter && event.value !== undefined ? h('span', {class: 'muted'}, ` ${worth(event)}`) : null,
    ),
    filter && event.visitor
      ? h(
          'button',
          {
            class: 'link muted mono',
            type: 'button',
            title: event.visitor,
            'aria-description': 'Filter by it',
            onclick: () => filter('visitor', event.visitor),
          },
          visitorName(event.visitor),
        )
      : h('span', {class: 'muted'}, detail(event)),
  );
}

const listed = ({items}, name) => (items?.length > 0 ? items.map(name).join(', ') : null);

/** What the items of an event are called, and which they are; null where it has none. */
export const itemNames = (event) => listed(event, ({item_name: name, item_id: id}) => name ?? id);
export const itemIds = (event) => listed(event, ({item_id: id}) => id);

const worth = ({value, currency}) => money({[currency ?? 'XXX']: value});

/** What an event tells beside its page: money and properties. */
export function detail(event) {
  const told = event.properties ? Object.entries(event.properties).map(([name, value]) => `${name}: ${value}`) : [];
  if (event.value !== undefined) told.unshift(worth(event));
  return told.join(', ').slice(0, 60);
}
