/** How many visitors are on the site now: a figure above all other views, which leads to the live one. */
import {ask, Refusal} from './api.js';
import {h} from './dom.js';
import {NONE, number} from './format.js';

/** Milliseconds between two questions, of five minutes each and of those who look alone. */
const PAUSE = 15000;

const figure = h('strong');

/** Whom the figure counts. */
let counted = null;

/** What the way to the live view says; the figure stays over views of the same question. */
export function words({site, question}) {
  const {filters, include_bots} = question();
  const asked = JSON.stringify([site, filters, include_bots]);
  if (asked !== counted) figure.textContent = NONE;
  counted = asked;
  return [figure, ' now', h('span', {class: 'unseen'}, ' on the site, as it happens')];
}

/** Keeps the figure true while the page is seen, until the signal ends. */
export function watch({signal, question, guard}) {
  const {filters, include_bots} = question();
  let isAsking = false;
  const look = async () => {
    if (document.hidden || isAsking) return;
    isAsking = true;
    try {
      const {visitors_now} = await ask('realtime', {minutes: 5, filters, include_bots}, signal);
      figure.textContent = number(visitors_now);
    } catch (failure) {
      if (signal.aborted) return;
      figure.textContent = NONE; // the view itself tells what is wrong
      if (failure.status === 401 || !(failure instanceof Refusal)) guard(() => Promise.reject(failure));
    } finally {
      isAsking = false;
    }
  };
  const timer = setInterval(look, PAUSE);
  signal.addEventListener('abort', () => clearInterval(timer));
  document.addEventListener('visibilitychange', look, {signal});
  look();
}
