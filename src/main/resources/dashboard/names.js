/** What items are called: by an id alone nobody knows a thing again. */
import {ask} from './api.js';

const called = new Map();

/** The name of an item as far as an answer told it, else its id. */
export const itemName = (id) => called.get(id) ?? id;

/** Names are those of one site. */
export const forget = () => called.clear();

/** Notes the names that an answer tells; who shows ids hears of it by the event `named`. */
export function learn(rows) {
  for (const {value, name} of rows) if (name) called.set(value, name);
  document.dispatchEvent(new Event('named'));
}

/** Asks for those of which no answer told yet. A link may not ask; what it does not hear of keeps its id. */
export async function lookUp(ids, context) {
  if (context.site.link) return;
  const {filters, include_bots: none, ...period} = context.question();
  for (const id of ids.filter((asked) => !called.has(asked))) {
    const {items} = await ask('items', {...period, item_id: id}, context.signal).catch(() => ({items: []}));
    learn(items.map(({item_id: value, item_name: name}) => ({value, name})));
  }
}
