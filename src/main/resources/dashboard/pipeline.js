/** Whether every event that was sent is accounted for, in words that an owner understands. */
import {ask} from './api.js';
import {ago, dayName, plusDays, today} from './dates.js';
import {download, h, icon, ICONS} from './dom.js';
import {csv, NONE, number} from './format.js';

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
  MALFORMED_JSON: 'not JSON',
  NOT_AN_OBJECT: 'not a JSON object',
  MISSING_EVENT_TYPE: 'without an event type',
  MISSING_TENANT: 'without a tenant',
  UNKNOWN_TENANT: 'of a tenant that is not registered',
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
};

export async function pipeline(into, context) {
  const health = h('section', {class: 'card panel', 'aria-label': 'Health'}, h('div', {class: 'skeleton tall'}));
  const ledger = h('section', {class: 'card panel', 'aria-label': 'Ledger'}, h('div', {class: 'skeleton tall'}));
  into.replaceChildren(health, ledger);
  const [status, book] = await Promise.all([
    ask('status', {}, context.signal),
    ask('ledger', {from_day: plusDays(today('UTC'), -13), to_day: today('UTC')}, context.signal),
  ]);
  draw(health, status);
  books(ledger, book);
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

function books(into, {days, totals}) {
  const columns = ['received', 'loaded', 'duplicates', 'rejected', 'late'];
  const refused = new Map();
  for (const day of days)
    for (const [code, count] of Object.entries(day.rejected_by_code)) refused.set(code, (refused.get(code) ?? 0) + count);
  into.replaceChildren(
    h(
      'div',
      {class: 'panel-head'},
      h('h2', {}, 'The ledger of two weeks'),
      h(
        'button',
        {
          class: 'quiet',
          type: 'button',
          'aria-label': 'CSV',
          onclick: () =>
            download(
              'ledger.csv',
              csv([
                ['date', ...columns, 'balanced'],
                ...days.map((day) => [day.date, ...columns.map((name) => day[name]), day.balanced]),
              ]),
            ),
        },
        icon(ICONS.download),
      ),
    ),
    h(
      'p',
      {class: 'muted'},
      "Every event received was loaded, dropped as a repetition, refused with a reason, or came too late for its visit. Days are UTC's.",
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
            ['Day', 'Received', '= Loaded', '+ Repeated', '+ Refused', '+ Late', 'Adds up'].map((head, at) =>
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
              h('th', {scope: 'row'}, dayName(day.date)),
              columns.map((name) => h('td', {class: 'figure'}, day[name] === 0 ? NONE : number(day[name]))),
              h('td', {class: 'figure'}, day.balanced ? 'yes' : 'not yet'),
            ),
          ),
        ),
        h(
          'tfoot',
          {},
          h(
            'tr',
            {},
            h('th', {scope: 'row'}, 'Together'),
            columns.map((name) => h('td', {class: 'figure'}, number(totals[name]))),
            h('td', {class: 'figure'}, totals.balanced ? 'yes' : 'not yet'),
          ),
        ),
      ),
    ),
    refused.size === 0
      ? ''
      : h(
          'div',
          {},
          h('h3', {}, 'Why events were refused'),
          h(
            'ul',
            {class: 'codes'},
            [...refused]
              .sort((one, other) => other[1] - one[1])
              .map(([code, count]) =>
                h('li', {}, h('strong', {}, number(count)), ` ${CODES[code] ?? ''} `, h('code', {}, code)),
              ),
          ),
        ),
  );
}
