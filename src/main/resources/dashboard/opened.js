/** The dialog that the address names; it is there as long as the address names it. */
import {breakdownOf} from './breakdowns.js';
import {compare} from './experiment.js';
import {details} from './panels.js';
import {CLOSED} from './state.js';

let box = null;
let name = null;

/** Opens what the state names, and closes what it names no more. */
export function openNamed(context) {
  const {all, experiment, control} = context.state;
  const named = all ?? experiment;
  if (box?.isConnected && name === named) return;
  shut();
  if (!named) return;
  const mine = draw(all, {experiment, control}, context);
  box = mine;
  name = named;
  mine?.addEventListener('close', () => {
    if (box !== mine) return; // the address was there first
    box = null;
    context.conceal(CLOSED);
  });
}

/** A link asks for no groups of items and no experiment. */
function draw(all, compared, context) {
  if (context.site.link && (!all || breakdownOf(all).group)) return null;
  return all ? details(all, context) : compare(compared, context);
}

/** Closes it and leaves the address as it is. */
export function shut() {
  const shown = box;
  box = null;
  shown?.close();
}
