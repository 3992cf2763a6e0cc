/** What all share who look at a tenant's figures: goals, segments, annotations, links and alerts. */
import {alarm, alertOf, bounded, WATCHED} from './alerts.js';
import {ask, change, Refusal} from './api.js';
import {filterName} from './breakdowns.js';
import {dayName, momentName, today} from './dates.js';
import {announce, dialog, h, icon, ICONS, keep} from './dom.js';
import {form} from './forms.js';
import {goalOf, rule, ruled} from './goals.js';

/** As many as the api takes. */
const MOST_GOALS = 50;

/** What a list is as a file, by the names of the api. */
const COLUMNS = {
  goals: ['evt_type'],
  named_goals: ['name', 'evt_type', 'page_url', 'property', 'property_value', 'min_value'],
  alerts: ['name', 'metric', 'compared', 'above', 'below', 'hours', 'webhook', 'failure', 'is_firing', 'value'],
  segments: ['name', 'filters'],
  annotations: ['day', 'text'],
  links: ['name', 'filters', 'expires_at', 'has_password'],
};

/** The members of a goal or alert that were filled in. */
const given = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));

export async function settings(into, context) {
  const {site} = context;
  const isManager = site.may.includes('manage');
  const cards = h('div', {class: 'panels'});
  into.replaceChildren(
    isManager ? '' : h('p', {class: 'notice'}, 'This key may look at the settings, not change them.'),
    cards,
  );

  /** Changes what a form or a row stands for; a refusal is told beside it, and what was typed stays. */
  const save = (what, said, place) =>
    context.guard(async () => {
      const now = await change(typeof what === 'function' ? await what() : what);
      context.share(now);
      draw(now, place);
      announce(said);
      if (now.token && what.link) showLink(now.token);
      if (now.token && what.alert?.webhook) showSecret(now.token); // else nothing is signed with it
    }, place);

  /** Goals are written all at once: those that another one added meanwhile are among them. */
  const goals = async (changed) => {
    const all = changed((await ask('settings')).goals);
    if (all.length > MOST_GOALS) throw new Refusal('INVALID_ARGUMENT', `There are ${MOST_GOALS} goals already. Remove one first.`);
    return {goals: all};
  };

  /** The lists anew, and of the forms the one that is done; in the others somebody may have begun to type. */
  function draw(now, done) {
    const drawn = drawnCards(now);
    for (const [at, card] of [...cards.children].entries()) {
      if (card !== done && card.contains(done)) card.replaceWith(drawn[at]);
      else card.querySelector('.kept').replaceWith(drawn[at].querySelector('.kept'));
    }
  }

  let lists = null;

  function drawnCards(now) {
    lists = now;
    return [
      card(
        'goals',
        'Goals',
        'Event types that count as conversions besides purchases. What is counted already stays as it is.',
        now.goals.map((goal) => [
          goal,
          null,
          (place) => save(() => goals((all) => all.filter((other) => other !== goal)), 'Goal removed', place),
        ]),
        isManager &&
          form([['Event type', 'goal', {placeholder: 'such as sign_up', maxlength: 200}]], 'Add', ({goal}, place) =>
            save(() => goals((all) => [...all, goal]), 'Goal added', place),
          ),
      ),
      card(
        'named_goals',
        'Goals by name',
        'Events of a type, on a page, with a property or a value. They are counted as they are set now, and are no conversions.',
        (now.named_goals ?? []).map((goal) => [
          goal.name,
          rule(goal),
          (place) => save({goal: {name: goal.name, remove: true}}, 'Goal removed', place),
        ]),
        isManager &&
          ruled(
            form(
              [
                ['Name', 'name', {maxlength: 100, autocomplete: 'off'}],
                ['Event type', 'evt_type', {maxlength: 200, required: false}],
                ['Page', 'page_url', {maxlength: 2048, placeholder: 'https://… or https://…*', required: false}],
                ['Property', 'property', {maxlength: 200, required: false}],
                ['Its value', 'property_value', {maxlength: 200, required: false}],
                ['Value at least', 'min_value', {type: 'number', step: 'any', required: false}],
              ],
              'Add the goal',
              (fields, place) => save({goal: goalOf(given(fields))}, 'Goal added', place),
              'goal',
            ),
          ),
      ),
      card(
        'alerts',
        'Alerts',
        'Judged once a minute. Whoever the webhook is of is called when an alert begins and when it ends.',
        (now.alerts ?? []).map((alert) => [
          alert.name,
          alarm(alert),
          (place) => save({alert: {name: alert.name, remove: true}}, 'Alert removed', place),
        ]),
        isManager &&
          bounded(
            form(
              [
                ['Name', 'name', {maxlength: 200, autocomplete: 'off'}],
                ['Figure', 'metric', {options: WATCHED}],
                ['Compared', 'compared', {options: {'': 'as it is', true: 'with a week before, in %'}}],
                ['Above', 'above', {type: 'number', step: 'any', required: false}],
                ['Below', 'below', {type: 'number', step: 'any', required: false}],
                ['Of the last hours', 'hours', {type: 'number', min: 1, max: 168, value: 24}],
                ['Webhook, if any', 'webhook', {type: 'url', maxlength: 2048, placeholder: 'https://…', required: false}],
              ],
              'Add the alert',
              (fields, place) => save({alert: alertOf(given(fields))}, 'Alert added', place),
              'alert',
            ),
          ),
      ),
      card(
        'segments',
        'Segments',
        'Filters by a name, kept with the star beside them.',
        now.segments.map(({name, filters}) => [
          name,
          told(filters),
          (place) => save({segment: {name, remove: true}}, 'Segment removed', place),
        ]),
      ),
      card(
        'annotations',
        'Annotations',
        'What happened on a day, shown on the charts.',
        [...now.annotations]
          .reverse()
          .map(({day, text}) => [
            text,
            dayName(day),
            (place) => save({annotation: {day, text, remove: true}}, 'Annotation removed', place),
          ]),
        isManager &&
          form(
            [
              ['Day', 'day', {type: 'date', value: today(context.zone)}],
              ['What happened', 'text', {maxlength: 150}],
            ],
            'Add',
            (annotation, place) => save({annotation}, 'Annotation added', place),
          ),
      ),
      card(
        'links',
        'Links',
        'For people without a key: figures only, read-only, and nothing beyond the filters of the moment the link is made.',
        now.links.map(({name, filters, expires_at: end, has_password: isGuarded}) => [
          name,
          `${told(filters)}; until ${momentName(end, context.zone)}${isGuarded ? '; with a password' : ''}`,
          (place) => save({link: {name, remove: true}}, 'Link withdrawn', place),
        ]),
        isManager && [
          h('p', {class: 'muted'}, `A new link shows: ${told(context.state.filters)}`),
          form(
            [
              ['Name', 'name', {maxlength: 100, autocomplete: 'off'}],
              ['Days', 'days', {type: 'number', min: 1, max: 1100, value: 90}],
              ['Password, if any', 'password', {type: 'password', minlength: 8, autocomplete: 'new-password', required: false}],
            ],
            'Make a link',
            ({name, days, password}, place) =>
              save(
                {link: {name, days: Number(days), password: password || null, filters: context.state.filters}},
                'Link made',
                place,
              ),
          ),
        ],
      ),
    ];
  }

  /** One list as it is by now, a line each. */
  const file = (list) => [
    COLUMNS[list],
    ...(lists[list] ?? []).map((entry) => (list === 'goals' ? [entry] : COLUMNS[list].map((name) => entry[name]))),
  ];

  function card(list, title, hint, rows, ...below) {
    return h(
      'section',
      {class: 'card panel', 'aria-label': title},
      h(
        'div',
        {class: 'panel-head'},
        h('h2', {}, title),
        keep(title.toLowerCase(), () => file(list)),
      ),
      h('p', {class: 'muted'}, hint),
      h(
        'ul',
        {class: 'kept'},
        rows.map(([name, note, remove]) =>
          h(
            'li',
            {},
            h('span', {class: 'name'}, name, note ? h('span', {class: 'muted'}, note) : null),
            isManager
              ? h(
                  'button',
                  {
                    class: 'quiet',
                    type: 'button',
                    'aria-label': `Remove ${name}`,
                    onclick: ({target}) => remove(target.closest('.card')),
                  },
                  icon(ICONS.close),
                )
              : null,
          ),
        ),
        rows.length === 0 ? h('li', {class: 'muted'}, 'None yet.') : null,
      ),
      ...below,
    );
  }

  cards.append(...drawnCards(await ask('settings', {}, context.signal)));
}

function told(filters) {
  const all = Object.entries(filters).map(([name, values]) =>
    [values]
      .flat()
      .map((value) => filterName(name, value))
      .join(' or '),
  );
  return all.length === 0 ? 'all visits' : all.join(', ');
}

/** The secret that calls of a new alert are signed with is told once, too. */
function showSecret(token) {
  const field = h('input', {readonly: true, value: token, 'aria-label': 'The secret', onfocus: () => field.select()});
  dialog(
    'The secret of the alert',
    h('div', {class: 'dates'}, h('p', {class: 'muted'}, 'Calls are signed with it. Copy it now: it is not shown again.'), field),
  );
}

/** A link is shown once: only its hash is stored. */
function showLink(token) {
  const address = new URL(`#key=${token}`, new URL('./', location.href)).href;
  const field = h('input', {readonly: true, value: address, 'aria-label': 'The link', onfocus: () => field.select()});
  dialog(
    'The link',
    h(
      'div',
      {class: 'dates'},
      h('p', {class: 'muted'}, 'Copy it now: it is not shown again.'),
      field,
      h(
        'button',
        {
          class: 'button main',
          type: 'button',
          onclick: async () => {
            field.select();
            await navigator.clipboard?.writeText(address);
            announce('Copied');
          },
        },
        'Copy',
      ),
    ),
  );
}
