/** The page: who looks, at which site, at which view of it; one question at a time decides what is shown. */
import {ask, brought, isLink, Refusal, signedIn, signedInBy, signIn, signOut, unlock} from './api.js';
import {aim, controls} from './controls.js';
import {periodName} from './dates.js';
import {announce, h, icon, ICONS} from './dom.js';
import {eventlist} from './eventlist.js';
import {funnel} from './funnel.js';
import {live} from './live.js';
import {forget} from './names.js';
import {watch} from './now.js';
import {shut} from './opened.js';
import {overview} from './overview.js';
import {pipeline} from './pipeline.js';
import {retention} from './retention.js';
import {sessions} from './sessions.js';
import {settings} from './settings.js';
import {keyChoice, keyForm} from './signin.js';
import {CLOSED, days, read, VIEWS, viewsOf, write} from './state.js';

const DRAW = {overview, live, funnel, retention, sessions, events: eventlist, pipeline, settings};
const content = document.getElementById('content');
const bar = document.getElementById('bar');
const NOTHING = {goals: [], named_goals: [], segments: [], annotations: [], links: [], alerts: []};
let site = null;
let shared = NOTHING;
let state = read();
let running = new AbortController();

/** Has what is open be what the state names, once the view is drawn. */
let align = null;

function go(change) {
  state = {...state, ...CLOSED, ...change};
  history.pushState(null, '', write(state));
  show();
}

/**
 * Keeps a choice in the address without drawing anew; what is drawn already is told of it by the state that it was given.
 * What hangs on choices before is made of the state of now, which parts that are pale may not have.
 */
function remember(change) {
  Object.assign(state, typeof change === 'function' ? change(state) : change);
  history.replaceState(null, '', write(state));
  aim(bar, state);
}

/** Opens something, which the way back closes again; the view stays as it is drawn. */
function reveal(change) {
  const before = write(state);
  Object.assign(state, change);
  if (history.state?.isRepeated) history.replaceState({before}, '', write(state));
  else history.pushState({before}, '', write(state));
  align?.();
}

/** Closes it otherwise; where that is the entry before once more, what is opened next takes its place. */
function conceal(change) {
  Object.assign(state, change);
  const now = write(state);
  history.replaceState({isRepeated: history.state?.before === now}, '', now);
  align?.();
}

function filter(name, value) {
  go({filters: {...state.filters, [name]: [value]}});
}

/** What a view needs: state, zone, the question that period, filters and robots make, and ways on. */
function context() {
  const period = days(state, site.timezone);
  return {
    state,
    site,
    shared,
    share: (now) => {
      shared = now;
    },
    zone: site.timezone,
    days: period,
    signal: running.signal,
    go,
    remember,
    reveal,
    conceal,
    opens: (aligned) => {
      align = aligned;
      aligned();
    },
    filter,
    guard: (work, place) => guard(work, running.signal, place),
    periodName: () => periodName(period),
    question: () => ({
      ...period,
      timezone: site.timezone,
      filters: Object.keys(state.filters).length > 0 ? state.filters : null,
      include_bots: state.robots || null,
    }),
  };
}

/**
 * Does a view's work, or that of a part of it, which has a place; a refusal becomes a sentence there, another key is asked
 * for where this one does not count.
 */
async function guard(work, signal, place = null) {
  place?.querySelectorAll('.notice[role=alert]').forEach((notice) => notice.remove());
  try {
    await work();
  } catch (failure) {
    if (signal.aborted) return;
    if (['PASSWORD_NEEDED', 'PASSWORD_WRONG'].includes(failure.code)) {
      login(failure.code === 'PASSWORD_WRONG' ? failure.message : null, true);
      return;
    }
    if (failure instanceof Refusal && ['UNAUTHENTICATED', 'HTTP_401'].includes(failure.code)) {
      signOut();
      login(failure.status ? 'This key or link does not count.' : failure.message);
      return;
    }
    if (!site && failure.status === 403) {
      signOut();
      login(failure.message);
      return;
    }
    if (place) {
      place.querySelectorAll('.skeleton').forEach((waiting) => waiting.remove());
      // a form is sent again by its own button
      place.append(notice(failure, place.matches('form') ? null : () => guard(work, signal, place)));
    } else {
      // above all else, in place of what does not come
      content.querySelectorAll('.notice[role=alert], .card:has(.skeleton), .stale').forEach((card) => card.remove());
      content.prepend(notice(failure, () => (site ? show() : open())));
    }
  }
}

function notice(failure, again) {
  const isTold = failure instanceof Refusal;
  if (!isTold) console.error(failure);
  return h(
    'div',
    {class: 'notice', role: 'alert'},
    h('p', {}, isTold ? failure.message : 'Something is wrong with this page. Reload it.'),
    failure.code ? h('code', {}, failure.code) : null,
    // what is asked wrongly would be answered the same
    again && failure.status !== 400
      ? h('button', {class: 'button', type: 'button', onclick: again}, icon(ICONS.retry), 'Again')
      : null,
  );
}

const nameOf = (element) => element.getAttribute('aria-label') || element.title || element.textContent;

/** What had the focus was drawn anew: the same control has it again, or else the figures, so that a keyboard goes on from there. */
function refocus(name) {
  if (name === null || document.activeElement !== document.body) return;
  const controls = [...document.querySelectorAll(':is(header, main) :is(a, button, select)')];
  (controls.find((control) => nameOf(control) === name) ?? content).focus({preventScroll: true});
}

async function show() {
  running.abort();
  running = new AbortController();
  align = null;
  shut();
  const {signal} = running;
  if (!viewsOf(site).includes(state.view)) state = {...state, view: 'overview'};
  const focused = document.activeElement === document.body ? null : nameOf(document.activeElement);
  document.title = `${VIEWS[state.view]} · ${site.tenant}`;
  content.setAttribute('aria-busy', 'true');
  await guard(async () => {
    controls(bar, site, context(), {
      leave: () => {
        signOut();
        login();
      },
    });
    refocus(focused);
    try {
      await DRAW[state.view](content, context());
    } finally {
      if (!signal.aborted && state.view !== 'live') watch(context());
    }
  }, signal);
  if (!signal.aborted) {
    content.removeAttribute('aria-busy');
    refocus(focused);
    announce(`${VIEWS[state.view]} loaded`);
  }
}

/** Shows a card, and nothing of what was there before. */
function admit(title, card) {
  running.abort();
  align = null;
  content.removeAttribute('aria-busy');
  bar.replaceChildren();
  document.querySelectorAll('dialog').forEach((box) => box.remove());
  document.title = `${title} · Site tracking`;
  content.replaceChildren(card);
  card.querySelector('input, button').focus();
}

/** Asks for a key, or for the password of the link. */
function login(why, isLocked = false) {
  const look = async (given) => {
    if (isLocked) unlock(given);
    else signIn(given.trim());
    await open();
  };
  admit('Sign in', keyForm(why, isLocked, look));
}

/**
 * Begins with the key that a link brings, or the tab's. Where both are there, people choose: or else any page could have them
 * look at another site than they think, and write to it.
 */
async function begin() {
  const key = brought();
  if (key && signedIn() && !signedInBy(key)) {
    const change = () => {
      signIn(key);
      open();
    };
    admit('Which key?', keyChoice(open, change));
    return;
  }
  if (key && !signedIn()) signIn(key);
  if (signedIn()) await open();
  else login();
}

/** Begins with the key of this tab; of what another one showed nothing is left, nor is what it asked for still awaited. */
async function open() {
  running.abort();
  running = new AbortController();
  const {signal} = running;
  if (site) {
    bar.replaceChildren();
    content.replaceChildren();
  }
  site = null;
  shared = NOTHING;
  forget();
  await guard(async () => {
    const [found, settings] = await Promise.all([
      ask('site', {}, signal),
      isLink() ? NOTHING : ask('settings', {}, signal), // which are no link's
    ]);
    shared = settings;
    site = found;
  }, signal);
  if (signal.aborted) return;
  if (site) await show();
  else content.removeAttribute('aria-busy');
}

window.addEventListener('popstate', () => {
  const next = read();
  const isShown = write({...next, ...CLOSED}) === write({...state, ...CLOSED}) && write(next) !== write(state);
  if (site && isShown && align) {
    Object.assign(state, next);
    align();
    return;
  }
  state = next;
  if (site) show();
});
window.addEventListener('pageshow', ({persisted}) => {
  if (persisted && !signedIn()) login(); // a page that was left before the key was
});
window.addEventListener('hashchange', () => {
  if (location.hash.includes('key=')) begin();
});
begin();
