/** How many of those who came first in a week come again in each later one. */
import {ask} from './api.js';
import {download, h, icon, ICONS} from './dom.js';
import {csv, number, rate} from './format.js';

const INTERVALS = {day: 'Days', week: 'Weeks', month: 'Months'};

export async function retention(into, context) {
  const body = h('div', {}, h('div', {class: 'skeleton tall'}));
  const interval = context.state.cohort;
  const pick = h(
    'select',
    {'aria-label': 'Interval', onchange: (event) => context.go({cohort: event.target.value})},
    Object.entries(INTERVALS).map(([name, text]) => h('option', {value: name, selected: name === interval}, text)),
  );
  const save = h('button', {class: 'quiet', type: 'button', 'aria-label': 'CSV', hidden: true}, icon(ICONS.download));
  into.replaceChildren(
    h(
      'section',
      {class: 'card panel', 'aria-label': 'Retention'},
      h('div', {class: 'panel-head'}, h('h2', {}, 'Retention'), pick, save),
      h(
        'p',
        {class: 'muted'},
        'Visitors by when they came first (with filters: by a visit that passes), and the share of them who came again. Robots are left out.',
      ),
      body,
    ),
  );
  const {include_bots: none, ...question} = context.question();
  const {cohorts} = await ask('retention', {...question, interval}, context.signal);
  const filled = cohorts.filter(({visitors}) => visitors > 0);
  if (filled.length === 0) {
    body.replaceChildren(h('p', {class: 'empty'}, 'Nobody came for the first time in this period.'));
    return;
  }
  const width = Math.max(...filled.map(({rates}) => rates.length));
  const heads = ['First visit', 'Visitors', ...Array.from({length: width}, (none, at) => (at === 0 ? 'Same' : `+${at}`))];
  save.hidden = false;
  save.addEventListener('click', () =>
    download('retention.csv', csv([heads, ...filled.map(({label, visitors, returned}) => [label, visitors, ...returned])])),
  );
  body.replaceChildren(
    h(
      'div',
      {class: 'scroll tall', tabindex: '0', role: 'region', 'aria-label': 'Cohorts'},
      h(
        'table',
        {class: 'cohorts'},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            heads.map((head, at) => h('th', {scope: 'col', class: at ? 'figure' : ''}, head)),
          ),
        ),
        h(
          'tbody',
          {},
          filled.map(({label, visitors, rates, returned}) =>
            h(
              'tr',
              {},
              h('th', {scope: 'row'}, label),
              h('td', {class: 'figure'}, number(visitors)),
              rates.map((share, at) =>
                h(
                  'td',
                  {
                    class: `figure heat${share > 0.55 ? ' dense' : ''}`,
                    style: {'--share': share ?? 0},
                    title: `${number(returned[at])} visitors`,
                  },
                  rate(share),
                ),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}
