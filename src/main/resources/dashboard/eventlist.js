/** The events of a period one by one, the latest first. */
import {ask} from './api.js';
import {momentName} from './dates.js';
import {h} from './dom.js';
import {commonHost, NONE, page, visitorName, words} from './format.js';
import {detail, itemIds, itemNames} from './sessions.js';
import {wholeFile} from './wholefile.js';

/** Of their file. */
const COLUMNS = [
  'event_timestamp',
  'evt_type',
  'page_url',
  'page_title',
  'visitor',
  'session',
  'value',
  'currency',
  'items',
  'properties',
];

export async function eventlist(into, context) {
  const rows = h('tbody', {});
  const question = () => ({...context.question(), evt_type: context.state.type});
  const file = wholeFile({door: 'events', member: 'events', name: 'events'}, COLUMNS, question, context);
  const choice = (filter, value, text) =>
    h(
      'button',
      {class: 'link', type: 'button', 'aria-description': 'Filter by it', onclick: () => context.filter(filter, value)},
      text,
    );
  const more = h('button', {class: 'button', type: 'button', hidden: true}, 'Show more');
  const types = h('datalist', {id: 'types'});
  const kind = h('input', {
    'aria-label': 'Event type',
    placeholder: 'Event type, such as purchase',
    list: 'types',
    autocomplete: 'off',
    value: context.state.type ?? '',
    onfocus: () => suggest(),
    onchange: () => {
      context.remember({type: kind.value.trim() || null});
      context.guard(() => fill(null), panel);
    },
  });
  const panel = h(
    'section',
    {class: 'card panel', 'aria-label': 'Events'},
    h('div', {class: 'panel-head'}, h('h2', {}, 'Events'), kind, types, file.button),
    file.told,
    h(
      'div',
      {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'List of events'},
      h(
        'table',
        {class: 'wide'},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ['Time', 'Event', 'Page', 'With', 'Visitor'].map((head) => h('th', {scope: 'col'}, head)),
          ),
        ),
        rows,
      ),
    ),
    more,
  );
  into.replaceChildren(panel);
  rows.append(h('tr', {}, h('td', {colspan: '5'}, h('div', {class: 'skeleton tall'}))));
  let turn = 0;
  let suggested = null;

  /** The types that there are, asked for once somebody is about to type; without an answer nothing is suggested. */
  function suggest() {
    suggested ??= ask('analytics', {...context.question(), breakdowns: ['event_types'], limit: 1000}, context.signal).then(
      ({event_types: found}) => types.replaceChildren(...found.map(({value}) => h('option', {value}, words(value)))),
      () => {
        suggested = null;
      },
    );
  }

  async function fill(cursor) {
    const mine = ++turn;
    const answer = await ask('events', {...question(), cursor, limit: 50}, context.signal);
    if (mine !== turn) return;
    const lines = answer.events.map((event) =>
      h(
        'tr',
        {},
        h('td', {class: 'when'}, momentName(event.event_timestamp, context.zone)),
        h('td', {}, choice('event', event.evt_type, words(event.evt_type))),
        h(
          'td',
          {class: 'name', title: event.page_url ?? ''},
          event.page_url
            ? choice('page', event.page_url, event.page_title ?? page(event.page_url, commonHost([event.page_url])))
            : NONE,
        ),
        h(
          'td',
          {class: 'name', title: itemIds(event)},
          [itemNames(event), detail(event)].filter(Boolean).join(', '),
        ),
        h(
          'td',
          {class: 'mono', title: event.visitor ?? ''},
          event.visitor ? choice('visitor', event.visitor, visitorName(event.visitor)) : NONE,
        ),
      ),
    );
    if (cursor === null) rows.replaceChildren();
    rows.append(
      ...(cursor === null && lines.length === 0
        ? [h('tr', {}, h('td', {colspan: '5', class: 'empty'}, 'No events in this period.'))]
        : lines),
    );
    more.hidden = !answer.next_cursor;
    more.onclick = () => context.guard(() => fill(answer.next_cursor), panel);
  }

  await fill(null);
}
