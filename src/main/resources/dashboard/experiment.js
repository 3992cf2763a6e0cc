/** How the variants of an experiment do against one of them, its control. */
import {ask} from './api.js';
import {dialog, h, keep, table} from './dom.js';
import {money, NONE, number, rate, signed} from './format.js';

const VERDICTS = {better: 'better', worse: 'worse', unsure: 'may be chance'};

/** Buttons that open the comparisons of the experiments that these rows are of. */
export function comparisons(rows, context) {
  const names = new Set(rows.map(({experiment}) => experiment));
  return h(
    'p',
    {class: 'muted choices'},
    [...names].map((name) =>
      h(
        'button',
        {class: 'link', type: 'button', onclick: () => context.reveal({experiment: name})},
        `Compare the variants of ${name}`,
      ),
    ),
  );
}

/** The dialog of one, against the control that is chosen. */
export function compare({experiment, control: chosen}, context) {
  const body = h('div', {}, h('p', {class: 'empty'}, 'Loading…'));
  const box = dialog(`Experiment ${experiment}, ${context.periodName()}`, body);
  const {filters, include_bots: none, ...question} = context.question();
  const draw = async (control) => {
    if (control !== chosen) context.remember({control});
    try {
      const answer = await ask('experiment', {...question, experiment, control});
      const isEmpty = answer.variants.length === 0;
      body.replaceChildren(...(isEmpty ? [h('p', {class: 'empty'}, 'Nothing in this period.')] : told(answer, draw)));
      if (control !== chosen) box.querySelector('select').focus();
      chosen = control;
    } catch (failure) {
      body.replaceChildren(h('p', {class: 'notice', role: 'alert'}, failure.message));
    }
  };
  draw(chosen);
  return box;
}

function told(answer, draw) {
  const {experiment, variants, in_several: several, is_even: isEven} = answer;
  const [control] = variants;
  const pick = h(
    'select',
    {class: 'button', 'aria-label': 'Control', onchange: () => draw(pick.value)},
    variants
      .map(({variant}) => variant)
      .sort()
      .map((variant) => h('option', {value: variant, selected: variant === control.variant}, `Against ${variant}`)),
  );
  return [
    h('div', {class: 'form-foot'}, pick, keep(`Experiment ${experiment}`, () => lines(variants))),
    isEven === false
      ? h(
          'p',
          {class: 'notice'},
          'The variants have not equally many visitors, by more than chance. Find out why before you believe the rest.',
        )
      : '',
    table(
      `Experiment ${experiment}`,
      ['Variant', 'Visitors', 'Converted', 'Rate', 'Uplift', 'Difference, 95 %', 'Revenue'],
      variants.map((row) => [
        row.variant,
        number(row.visitors),
        number(row.converted),
        rate(row.conversion_rate),
        row.interval ? uplift(row) : 'control',
        row.interval ? difference(row.interval) : NONE,
        money(row.revenue),
      ]),
    ),
    h(
      'p',
      {class: 'muted'},
      'Visitors count for the variant that they were shown, whatever the filters; what they did since then counts.',
      several > 0 ? ` ${number(several)} saw several variants and ${several === 1 ? 'counts' : 'count'} for none.` : '',
    ),
  ];
}

/** By which part of the control's rate a variant has more, and whether that is more than chance. */
function uplift({uplift: share, interval: [low, high]}) {
  const verdict = low > 0 ? 'better' : high < 0 ? 'worse' : 'unsure';
  return h('span', {class: `verdict-of ${verdict}`}, share === null ? '' : `${signed(share)}, `, VERDICTS[verdict]);
}

/** In percentage points. */
function difference([low, high]) {
  const points = (share) => `${share > 0 ? '+' : share < 0 ? '−' : '±'}${Math.abs(share * 100).toFixed(1)}`;
  return `${points(low)} to ${points(high)} points`;
}

/** What the api tells, as it tells it. */
function lines(variants) {
  const names = ['variant', 'visitors', 'converted', 'conversions', 'conversion_rate', 'difference', 'uplift', 'revenue'];
  return [
    [...names, 'interval_low', 'interval_high'],
    ...variants.map((row) => [...names.map((name) => row[name]), ...(row.interval ?? [])]),
  ];
}
