/** Builds the page's elements; texts become text nodes, never markup. */
import {csv} from './format.js';

const SVG = 'http://www.w3.org/2000/svg';

/** An element with properties, event handlers (`onclick`) and children (elements, texts, arrays, null for none). */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'style') for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
    else if (name === 'value') element.value = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A line icon of 20 units, drawn by the path data given. */
export function icon(path) {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [name, value] of Object.entries({viewBox: '0 0 20 20', class: 'icon', 'aria-hidden': 'true'})) {
    svg.setAttribute(name, value);
  }
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

export const ICONS = {
  close: 'M5 5l10 10M15 5L5 15',
  download: 'M10 3v9m-4-4l4 4 4-4M4 16h12',
  expand: 'M12 4h4v4M8 16H4v-4M16 4l-5 5M4 16l5-5',
  moon: 'M16 12.5A6.5 6.5 0 0 1 7.5 4 6.5 6.5 0 1 0 16 12.5z',
  plus: 'M10 4v12M4 10h12',
  flag: 'M5 17V4h9l-2 3.5 2 3.5H5',
  lock: 'M5 9h10v7H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  open: 'M8 5l5 5-5 5',
  retry: 'M15.5 8A6 6 0 1 0 16 11m0-7v4h-4',
  leave: 'M8 4H4v12h4M8 10h9m-3-3l3 3-3 3',
  star: 'M10 3l2 4.6 5 .5-3.8 3.3 1.2 4.9L10 13.7l-4.4 2.6 1.2-4.9L3 8.1l5-.5z',
};

/** A table that scrolls by itself; the first cell of each row names it, the others are figures. */
export function table(name, heads, rows, kind = '') {
  return h(
    'div',
    {class: `scroll ${kind}`, tabindex: '0', role: 'region', 'aria-label': name},
    h(
      'table',
      {},
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
        rows.map(([first, ...figures]) =>
          h(
            'tr',
            {},
            h('th', {scope: 'row'}, first),
            figures.map((figure) => h('td', {class: 'figure'}, figure)),
          ),
        ),
      ),
    ),
  );
}

/** A button that keeps rows as CSV, told when it is pressed. */
export const keep = (name, rows) =>
  h(
    'button',
    {
      class: 'quiet',
      type: 'button',
      'aria-label': `${name} as CSV`,
      title: 'CSV',
      onclick: () => download(`${name}.csv`, csv(rows())),
    },
    icon(ICONS.download),
  );

/** What a chart shows as a table, to be opened, and kept as CSV by the figures themselves. */
export const asTable = (name, heads, rows, figures = rows) =>
  h(
    'details',
    {class: 'as-table'},
    h('summary', {}, 'As a table'),
    keep(name, () => [heads, ...figures]),
    table(name, heads, rows),
  );

/** Says a sentence to screen readers. */
export function announce(sentence) {
  document.getElementById('announce').textContent = sentence;
}

/** Offers a text as a file. */
export function download(name, text) {
  const link = h('a', {href: URL.createObjectURL(new Blob([text], {type: 'text/csv;charset=utf-8'})), download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** An open dialog with a heading and a closing button; it is gone when closed. */
export function dialog(title, ...content) {
  const box = h(
    'dialog',
    {'aria-label': title, onclose: () => box.remove()},
    h(
      'div',
      {class: 'dialog-head'},
      h('h2', {}, title),
      h('button', {class: 'quiet', type: 'button', 'aria-label': 'Close', onclick: () => box.close()}, icon(ICONS.close)),
    ),
    ...content,
  );
  document.body.append(box);
  box.showModal();
  return box;
}
