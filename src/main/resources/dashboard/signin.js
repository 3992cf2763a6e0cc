/** Who comes in, and by which key. */
import {h} from './dom.js';

const head = () => [h('img', {src: 'icon.svg', alt: '', width: '40', height: '40'}), h('h1', {}, 'Site tracking')];

/** Asks for a key, or for the password of a link, and hands it on. */
export function keyForm(why, isLocked, look) {
  const key = h('input', {
    id: 'key',
    type: 'password',
    autocomplete: 'off',
    required: true,
    spellcheck: 'false',
    'aria-describedby': 'key-hint',
  });
  return h(
    'form',
    {
      class: 'card login',
      onsubmit: async (event) => {
        event.preventDefault();
        const button = event.target.querySelector('[type=submit]');
        button.disabled = true;
        button.textContent = 'Looking …';
        await look(key.value);
        button.disabled = false;
        button.textContent = 'Look';
      },
    },
    head(),
    why ? h('p', {class: 'notice', role: 'alert'}, why) : null,
    h('label', {for: 'key'}, isLocked ? 'Password' : 'Key'),
    key,
    h(
      'p',
      {class: 'muted', id: 'key-hint'},
      isLocked
        ? 'Whoever sent you this link knows it. It is kept in this tab alone.'
        : "A key that may read your site's figures. It is kept in this tab alone.",
    ),
    h('button', {class: 'button main', type: 'submit'}, 'Look'),
  );
}

/** Asks which key counts: the tab's, or that of the link which somebody followed. */
export const keyChoice = (stay, change) =>
  h(
    'section',
    {class: 'card login', 'aria-label': 'Which key?'},
    head(),
    h('p', {role: 'alert'}, 'You are signed in with another key than the one that this link brings.'),
    h('p', {class: 'muted'}, 'It may show another site. What you change then is changed there.'),
    h('button', {class: 'button main', type: 'button', onclick: stay}, 'Stay signed in'),
    h('button', {class: 'button', type: 'button', onclick: change}, 'Use the key of the link'),
  );
