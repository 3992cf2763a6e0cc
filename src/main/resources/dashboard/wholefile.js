/** All of a list as a file, and not only what is on the page: asked for page by page, to its end. */
import {ask} from './api.js';
import {announce, download, h, icon, ICONS} from './dom.js';
import {csv, number} from './format.js';

/** Rows of a file at most: what a browser holds without trouble, and a hundred questions. */
const MOST = 100000;

/** As many as the api gives at once. */
const AT_ONCE = 1000;

/**
 * A button that keeps such a file, and the place where it tells how far it is.
 *
 * @param list the door, the member of its answers and the name of the file
 * @param columns members of the rows
 * @param question gives the options, as they are chosen when it is pressed
 */
export function wholeFile(list, columns, question, context) {
  const told = h('div', {});
  const button = h(
    'button',
    {
      class: 'quiet',
      type: 'button',
      'aria-label': `${list.name} as CSV`,
      title: 'CSV',
      onclick: () => context.guard(fetchAll, told),
    },
    icon(ICONS.download),
  );

  async function fetchAll() {
    const rows = [];
    let isStopped = false;
    const stop = () => {
      isStopped = true;
      progress.remove();
    };
    const count = h('span', {}, 'Asking for all of them …');
    const progress = h('p', {class: 'muted'}, count, ' ', h('button', {class: 'link', type: 'button', onclick: stop}, 'Stop'));
    told.replaceChildren(progress);
    button.disabled = true;
    try {
      const asked = question();
      let cursor = null;
      do {
        const answer = await ask(list.door, {...asked, cursor, limit: AT_ONCE}, context.signal);
        rows.push(...answer[list.member].map((row) => columns.map((name) => row[name])));
        cursor = answer.next_cursor ?? null;
        count.textContent = `${number(rows.length)} ${list.name} so far …`;
      } while (cursor && rows.length < MOST && !isStopped);
      if (isStopped) return;
      download(`${list.name}.csv`, csv([columns, ...rows]));
      announce(`${number(rows.length)} ${list.name} in the file`);
      if (cursor) told.append(cut(list.name));
    } finally {
      progress.remove();
      button.disabled = false;
    }
  }

  return {button, told};
}

/** Nobody takes a part for all of it. */
const cut = (name) =>
  h(
    'p',
    {class: 'notice'},
    `There are more: the file has the latest ${number(MOST)} ${name}. For those before them choose another period or filters.`,
  );
