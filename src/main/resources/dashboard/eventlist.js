/** The events of a period one by one, the latest first. */
import {ask} from './api.js';
import {momentName} from './dates.js';
import {h} from './dom.js';
import {page, words} from './format.js';

export async function eventlist(into, context) {
  const rows = h('tbody', {});
  const more = h('button', {class: 'button', type: 'button', hidden: true}, 'Show more');
  const kind = h('input', {
    'aria-label': 'Event type',
    placeholder: 'Event type, such as purchase',
    onchange: () => fill(null),
  });
  into.replaceChildren(
    h(
      'section',
      {class: 'card panel', 'aria-label': 'Events'},
      h('div', {class: 'panel-head'}, h('h2', {}, 'Events'), kind),
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
              ['Time', 'Event', 'Page', 'Visitor', 'Session'].map((head) => h('th', {scope: 'col'}, head)),
            ),
          ),
          rows,
        ),
      ),
      more,
    ),
  );
  let turn = 0;

  async function fill(cursor) {
    const mine = ++turn;
    const answer = await ask(
      'events',
      {...context.question(), evt_type: kind.value.trim() || null, cursor, limit: 50},
      context.signal,
    );
    if (mine !== turn) return;
    const lines = answer.events.map((event) =>
      h(
        'tr',
        {},
        h('td', {class: 'when'}, momentName(event.event_timestamp, context.zone)),
        h('td', {}, words(event.evt_type)),
        h('td', {class: 'name', title: event.page_url ?? ''}, event.page_title ?? page(event.page_url, '')),
        h('td', {class: 'mono', title: event.visitor ?? ''}, event.visitor?.slice(4, 12) ?? ''),
        h('td', {class: 'mono name', title: event.session ?? ''}, event.session ?? ''),
      ),
    );
    if (cursor === null) rows.replaceChildren();
    rows.append(
      ...(cursor === null && lines.length === 0
        ? [h('tr', {}, h('td', {colspan: '5', class: 'empty'}, 'No events in this period.'))]
        : lines),
    );
    more.hidden = !answer.next_cursor;
    more.onclick = () => context.guard(() => fill(answer.next_cursor));
  }

  await fill(null);
}
