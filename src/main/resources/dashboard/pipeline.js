/** Whether every event that was sent is accounted for, in words that an owner understands. */
import {ask} from './api.js';
import {ago, dayName, local, plusDays, today} from './dates.js';
import {h, keep} from './dom.js';
import {NONE, number} from './format.js';

const LAYERS = {
  tracking: ['Received', 'Events come in from sites'],
  processing: ['Processed', 'The job checks them and builds visits'],
  raw: ['Kept', 'What was sent is kept as evidence'],
  staging: ['Prepared', 'Events are ready to be looked at'],
  business: ['Counted', 'Visits, pages and items are in the vault'],
};
const STATES = {healthy: 'Works', degraded: 'Needs a look', down: 'Does not work'};
const STATUS = {
  healthy: 'Everything runs, and every event is accounted for.',
  degraded: 'It runs, but something needs a look.',
  down: 'Events do not get through.',
};
const REASONS = {
  EVENTS_WAIT: 'Events wait to be sent on.',
  BROKER_UNREACHABLE: "The message broker can't be reached; events wait and are not lost.",
  RELAY_SILENT: 'The relay, which sends on what was tracked by SQL, shows no sign of life.',
  JOB_NEVER_SEEN: 'The processing job has never run here.',
  JOB_SILENT: 'The processing job shows no sign of life; events wait and are not lost.',
  LOADING_BEHIND: 'Events are loaded later than usual.',
  MANY_REJECTED: "More than a tenth of today's events were refused.",
  PARTITIONS_MISSING: 'The tables of the coming days have not been made.',
};
const PHASES = {
  PREPARED: 'History is about to be made anew, beside this one',
  BUILDING: 'History is being made anew, beside this one',
  BUILT: 'History was made anew, beside this one',
  FOLLOWING: 'History was made anew, beside this one, and keeps up with it',
  SWITCHED: 'History was made anew; the former one is kept',
  MERGED: 'Parts of history were made anew',
  UNDONE: 'History that was made anew was put aside again',
};
const CODES = {
  EMPTY: 'without content',
  MALFORMED_JSON: 'not JSON',
  NOT_AN_OBJECT: 'not a JSON object',
  MISSING_EVENT_TYPE: 'without an event type',
  MISSING_TENANT: 'without a tenant',
  UNKNOWN_TENANT: 'of a tenant that is not registered',
  AMBIGUOUS_TENANT: 'of a name that several tenants have',
  TENANTS_UNREADABLE: 'that came while the tenants could not be read',
  TENANT_MISMATCH: 'of another tenant',
  WRONG_TYPE: 'with a value of another type than the contract says',
  OUT_OF_RANGE: 'with a figure out of its range',
  INVALID_TIMESTAMP: "with a time that can't be read",
  INVALID_UNICODE: 'with broken characters',
  NUL_CHARACTER: 'with a NUL character',
  ID_TOO_LONG: 'with an id that is too long',
  TOO_LARGE: 'too large',
  TOO_DEEP: 'nested too deep',
  TOO_MANY: 'with too many properties or items',
  DATABASE_REFUSED: 'that the database did not take',
  NO_CONSENT: 'without consent, of which nothing is kept',
};

export async function pipeline(into, context) {
  const health = h('section', {class: 'card panel', 'aria-label': 'Health'}, h('div', {class: 'skeleton tall'}));
  const ledger = h('section', {class: 'card panel', 'aria-label': 'Ledger'}, h('div', {class: 'skeleton tall'}));
  into.replaceChildren(health, ledger);
  const days = {from_day: plusDays(today('UTC'), -13), to_day: today('UTC')};
  await Promise.all([
    context.guard(async () => draw(health, await ask('status', {}, context.signal)), health),
    context.guard(async () => books(ledger, await ask('ledger', days, context.signal), context.zone), ledger),
  ]);
}

function draw(into, status) {
  into.replaceChildren(
    h(
      'div',
      {class: `verdict ${status.status}`},
      h('h2', {}, STATUS[status.status] ?? status.status),
      h(
        'p',
        {class: 'muted'},
        status.last_event_received
          ? `The last event came ${ago(status.last_event_received)}.`
          : 'No event has come in the last 30 days.',
      ),
    ),
    h(
      'ul',
      {class: 'reasons'},
      status.reasons.map(({code, message, severity}) =>
        h('li', {class: severity}, REASONS[code] ?? message, h('code', {}, code)),
      ),
    ),
    status.reprocess ? h('p', {class: 'muted'}, reprocess(status.reprocess)) : '',
    h(
      'ol',
      {class: 'layers'},
      Object.entries(LAYERS).map(([layer, [name, text]]) =>
        h(
          'li',
          {class: status.layers[layer]},
          h('strong', {}, name),
          h('span', {class: 'state'}, STATES[status.layers[layer]]),
          h('span', {class: 'muted'}, text),
        ),
      ),
    ),
  );
}

function reprocess({phase, progress, is_alive: isAlive}) {
  const done = progress === null ? '' : `, ${Math.round(progress * 100)} % of it`;
  return `${PHASES[phase] ?? phase}${done}.${isAlive === false ? ' Nothing works on it at the moment.' : ''}`;
}

const COLUMNS = {
  received: 'Received',
  loaded: '= Loaded',
  duplicates: '+ Repeated',
  rejected: '+ Refused',
  late: '+ Late',
  erased: '+ Erased',
};

/** The books are kept by days of UTC, which begin somewhere within a day of the site's clock. */
function beginning(day, zone) {
  const {day: from, clock} = local(new Date(`${day}T00:00:00Z`), zone);
  return clock === '00:00:00' ? dayName(from) : `${dayName(from)}, ${clock.slice(0, 5)}`;
}

function books(into, {days, totals}, zone) {
  const columns = Object.keys(COLUMNS).filter((name) => name !== 'erased' || totals.erased > 0);
  const cells = (row, show) => [
    ...columns.map((name) => h('td', {class: 'figure'}, show(row[name]))),
    h('td', {class: 'figure'}, row.balanced ? 'yes' : 'not yet'),
  ];
  into.replaceChildren(
    h(
      'div',
      {class: 'panel-head'},
      h('h2', {}, 'The ledger of two weeks'),
      keep('ledger', () => [
        ['date', ...Object.keys(COLUMNS), 'turned_away', 'balanced'],
        ...days.map((day) => [
          day.date,
          ...Object.keys(COLUMNS).map((name) => day[name]),
          day.turned_away,
          day.balanced,
        ]),
      ]),
    ),
    h(
      'p',
      {class: 'muted'},
      "Every event received was loaded, dropped as a repetition, refused with a reason, or came too late for its visit. A row is of 24 hours.",
    ),
    h(
      'div',
      {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Days'},
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ['From', ...columns.map((name) => COLUMNS[name]), 'Adds up'].map((head, at) =>
              h('th', {scope: 'col', class: at ? 'figure' : ''}, head),
            ),
          ),
        ),
        h(
          'tbody',
          {},
          [...days].reverse().map((day) =>
            h(
              'tr',
              {},
              h('th', {scope: 'row'}, beginning(day.date, zone)),
              cells(day, (count) => (count === 0 ? NONE : number(count))),
            ),
          ),
        ),
        h('tfoot', {}, h('tr', {}, h('th', {scope: 'row'}, 'Together'), cells(totals, number))),
      ),
    ),
    totals.turned_away > 0
      ? h(
          'p',
          {class: 'muted'},
          `${number(totals.turned_away)} more were turned away before they were received: more came at once than a key or an address may send.`,
        )
      : '',
    refusals(days),
  );
}

/** Why events were refused, most of them first. */
function refusals(days) {
  const counts = new Map();
  for (const day of days)
    for (const [code, count] of Object.entries(day.rejected_by_code)) counts.set(code, (counts.get(code) ?? 0) + count);
  if (counts.size === 0) return '';
  const sorted = [...counts].sort((one, other) => other[1] - one[1]);
  return h(
    'section',
    {'aria-label': 'Refusals'},
    h(
      'div',
      {class: 'panel-head'},
      h('h3', {}, 'Why events were refused'),
      keep('refused', () => [
        ['date', 'code', 'events'],
        ...days.flatMap((day) => Object.entries(day.rejected_by_code).map(([code, count]) => [day.date, code, count])),
      ]),
    ),
    h(
      'ul',
      {class: 'codes'},
      sorted.map(([code, count]) => h('li', {}, h('strong', {}, number(count)), ` ${CODES[code] ?? ''} `, h('code', {}, code))),
    ),
  );
}
