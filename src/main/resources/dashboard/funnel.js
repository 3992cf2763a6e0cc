/** How many visitors take steps that the user builds, one after the other. */
import {ask} from './api.js';
import {announce, asTable, h, icon, ICONS} from './dom.js';
import {number, plural, rate} from './format.js';
import {lookUp} from './names.js';
import {stepName} from './sessions.js';

const KINDS = {evt_type: 'Event type', page_url: 'Page URL (* at its end: all that begin so)', item_id: 'Item'};
const FIRST = [{evt_type: 'page_view'}, {evt_type: 'add_to_cart'}, {evt_type: 'purchase'}];

/** What a step of an address may have besides the kind that its row shows. */
const ALSO = {evt_type: 'Event type', page_url: 'Page URL', item_id: 'Item', name: 'Name'};

/** As many as the api takes. */
const MOST_STEPS = 10;

/** Draws the builder and, below it, the funnel of the steps in the address. */
export async function funnel(into, context) {
  const steps = structuredClone(context.state.steps.length >= 2 ? context.state.steps : FIRST);
  const list = h('ol', {class: 'steps'});
  const result = h('div', {class: 'funnel'}, h('div', {class: 'skeleton tall'}));
  const limit = h('input', {
    id: 'window',
    type: 'number',
    min: '1',
    max: '525600',
    placeholder: 'no limit',
    value: context.state.window ?? '',
  });

  const more = h(
    'button',
    {
      class: 'button',
      type: 'button',
      onclick: () => {
        steps.push({evt_type: ''});
        draw();
      },
    },
    icon(ICONS.plus),
    'Step',
  );

  function draw() {
    list.replaceChildren(...steps.map((step, at) => row(step, at)));
    more.disabled = steps.length >= MOST_STEPS;
  }

  function row(step, at) {
    const kind = Object.keys(KINDS).find((name) => name in step) ?? 'evt_type';
    const {[kind]: asked, ...kept} = step;
    const value = h('input', {
      'aria-label': `Value of step ${at + 1}`,
      required: true,
      value: asked ?? '',
      oninput: () => {
        steps[at] = {...kept, [pick.value]: value.value};
      },
    });
    const pick = h(
      'select',
      {
        'aria-label': `Kind of step ${at + 1}`,
        onchange: () => {
          steps[at] = {...kept, [pick.value]: value.value};
        },
      },
      Object.entries(KINDS)
        .filter(([name]) => !(name in kept))
        .map(([name, text]) => h('option', {value: name, selected: name === kind}, text)),
    );
    return h(
      'li',
      {},
      pick,
      value,
      h(
        'button',
        {
          class: 'quiet',
          type: 'button',
          'aria-label': `Remove step ${at + 1}`,
          disabled: steps.length <= 2,
          onclick: () => {
            steps.splice(at, 1);
            draw();
          },
        },
        icon(ICONS.close),
      ),
      Object.entries(kept).map(([name, told]) => h('span', {class: 'muted'}, `${ALSO[name] ?? name}: ${told}`)),
    );
  }

  draw();
  into.replaceChildren(
    h(
      'section',
      {class: 'card panel', 'aria-label': 'Steps'},
      h('div', {class: 'panel-head'}, h('h2', {}, 'Funnel')),
      h(
        'form',
        {
          onsubmit: (event) => {
            event.preventDefault();
            context.go({steps, window: Number(limit.value) || null});
          },
        },
        list,
        h(
          'div',
          {class: 'form-foot'},
          more,
          h('label', {for: 'window'}, 'All within minutes '),
          limit,
          h('button', {class: 'button main', type: 'submit'}, 'Count'),
        ),
      ),
    ),
    h('section', {class: 'card panel', 'aria-label': 'Result'}, result),
  );

  const [answer] = await Promise.all([
    ask('funnel', {...context.question(), steps, window_minutes: context.state.window}, context.signal),
    lookUp(steps.map(({item_id: item}) => item).filter(Boolean), context),
  ]);
  const visits = (step, outcome) =>
    context.site.link
      ? null
      : h(
          'button',
          {class: 'link', type: 'button', onclick: () => context.go({view: 'sessions', steps, step, outcome})},
          outcome === 'left' ? 'Visits of those who left' : 'Visits behind it',
        );
  if (answer.steps[0].visitors === 0) {
    result.replaceChildren(h('p', {class: 'empty'}, 'Nobody took the first step in this period.'));
    return;
  }
  result.replaceChildren(
    h(
      'p',
      {class: 'lead'},
      h('strong', {class: 'huge'}, rate(answer.conversion_rate)),
      ' of visitors who took the first step took the last one.',
    ),
    bars(answer.steps, visits),
    asTable(
      'Funnel',
      ['Step', 'Visitors', 'Of the first', 'Of the one before'],
      answer.steps.map((step) => [
        stepName(step),
        number(step.visitors),
        rate(step.rate_of_first),
        rate(step.rate_of_previous),
      ]),
      answer.steps.map((step) => [stepName(step), step.visitors, step.rate_of_first, step.rate_of_previous]),
    ),
  );
}

/** A bar a step, with a cursor for the keyboard. */
function bars(steps, visits) {
  const stages = steps.map((step, at) => stage(step, at, steps, visits));
  let at = null;
  const mark = () => stages.forEach((bar, index) => bar.classList.toggle('at', index === at));
  return h(
    'div',
    {
      tabindex: '0',
      role: 'group',
      'aria-roledescription': 'chart',
      'aria-label': 'Visitors by step. Arrow keys move from step to step.',
      onkeydown: (event) => {
        const by = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -Infinity, End: Infinity}[event.key];
        if (!by || event.target !== event.currentTarget) return; // the buttons within have their own keys
        event.preventDefault();
        at = Math.min(steps.length - 1, Math.max(0, (at ?? (by > 0 ? -1 : steps.length)) + by));
        mark();
        stages[at].scrollIntoView({block: 'nearest'});
        announce(`${at + 1}. ${stepName(steps[at])}: ${plural(steps[at].visitors, 'visitor')}, ${place(steps[at], at, steps)}`);
      },
      onblur: () => {
        at = null;
        mark();
      },
    },
    h('ol', {class: 'funnel-steps'}, stages),
  );
}

const lost = (step, at, all) => (at === 0 ? 0 : all[at - 1].visitors - step.visitors);

/** What a step is to the one before. */
const place = (step, at, all) =>
  at === 0
    ? 'where the funnel begins'
    : `${rate(step.rate_of_previous)} of the step before, ${number(lost(step, at, all))} left`;

function stage(step, at, all, visits) {
  return h(
    'li',
    {},
    h(
      'div',
      {class: 'stage-head'},
      h('span', {class: 'name', title: step.item_id}, `${at + 1}. ${stepName(step)}`),
      h('span', {class: 'figure'}, plural(step.visitors, 'visitor')),
    ),
    h('div', {class: 'stage'}, h('span', {style: {width: `${100 * (step.rate_of_first ?? 0)}%`}})),
    h(
      'div',
      {class: 'muted stage-foot'},
      place(step, at, all),
      step.visitors > 0 ? visits(at + 1, 'reached') : null,
      lost(step, at, all) > 0 ? visits(at + 1, 'left') : null,
    ),
  );
}
