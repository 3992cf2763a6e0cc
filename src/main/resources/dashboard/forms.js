/** Forms as all of the page has them. */
import {h} from './dom.js';

/** A form of labelled fields; `done` is given what they hold, and the form. Of several on a page each has another `prefix`. */
export function form(fields, button, done, prefix = 'field') {
  const inputs = fields.map(([, name, {options, ...attributes}]) =>
    options
      ? h(
          'select',
          {id: `${prefix}-${name}`, name, ...attributes},
          Object.entries(options).map(([value, label]) => h('option', {value}, label)),
        )
      : h('input', {id: `${prefix}-${name}`, name, required: true, ...attributes}),
  );
  return h(
    'form',
    {
      class: 'dates',
      onsubmit: async (event) => {
        event.preventDefault();
        // A password's hash takes seconds, by design.
        const submit = event.target.querySelector('[type=submit]');
        submit.disabled = true;
        submit.textContent = 'Working …';
        const text = ({type, value}) => (type === 'password' ? value : value.trim()); // which is asked for as it is
        await done(Object.fromEntries(inputs.map((input) => [input.name, text(input)])), event.target);
        submit.disabled = false;
        submit.textContent = button;
      },
    },
    fields.map(([label, name], at) => [h('label', {for: `${prefix}-${name}`}, label), inputs[at]]),
    h('button', {class: 'button main', type: 'submit'}, button),
  );
}
