import {add, amend, beat, close, flush, gather, hold, open, wake} from './queue.js';
import {listen, newId, safely} from './safely.js';
import {OPT_OUT, VISITOR, allow, forget, keep, read, visitor, write} from './storage.js';

/** The first ping comes after 5 s, the next ones every 10 s: so many seconds the visitor was there. */
export const FIRST_PING = 5;
export const PING = 10;

/** Without a sign of the visitor for so many seconds a page is open, but nobody is there. */
const IDLE = 120;

/** The page view that events belong to. Before the page was visible it is the one that led here. */
export let view = {url: document.referrer};

/** The event of the view while its title may still come. */
let titleless;

export let options;

let sequence = 0;

/** Events that came before the page was visible. */
const early = [];

/** Members that all events get. */
export const members = {};

/** What the parts have to say, where there are any: before a view ends, and of events by their types. */
let ending;
let extend;
const extras = {};

/** Calls this before the page is hidden, or shows another view; the argument tells which. */
export const onEnding = (action) => {
  const others = ending;
  ending = (isHidden) => {
    others?.(isHidden);
    safely(action)(isHidden);
  };
};

/** Gives these members to all events of the type that have none such. */
export const describe = (type, members) => {
  extras[type] = members;
  extend = (event) => Object.assign(event, {...extras[event.evt_type], ...event});
};

/** Whether the site wants this part of what is captured. */
export const wants = (part) => !options.capture || options.capture.includes(part);

export const track = (type, params, of = view) => {
  if (read(OPT_OUT)) {
    return;
  }
  if (!of.id) {
    early.push([type, params]);
    return;
  }
  // A copy: the page may change what it gave, and what can't be written must fail here.
  const event = JSON.parse(
    JSON.stringify({
      evt_type: type,
      page_url: of.url,
      ...members,
      ...params,
      event_id: newId(),
      page_view_id: of.id,
      event_timestamp: Date.now(),
      sequence: ++sequence,
    }),
  );
  extend?.(event);
  add(event);
  return event;
};

// --- page views

/** What the page said of the view that is to be the first. */
let first;

/** Of the last view: the path, and the path with the query. */
let lastPath;
let lastPlace;

const showView = (params) => {
  end(false);
  const referrer = view.url;
  view = {id: newId(), url: params?.page_url || location.href};
  titleless = track('page_view', {page_referrer: referrer, ...params});
  seconds = idle = 0;
  clearInterval(ticking);
  ticking = setInterval(safely(tick), 1000);
};

/** Frameworks set the title after the path: it is read when the view is sent, or ends. */
const readTitle = () => {
  if (titleless) {
    // An image or a form of that name is the document's title, too.
    titleless.page_title || (titleless.page_title = document.title.trim?.());
    keep(titleless);
    titleless = 0;
  }
};

const end = (isHidden) => {
  ending?.(isHidden);
  readTitle();
};

/** A replaced state is a view only where the path is another one; else a filter or a scroll mark would be. */
const followPath = safely((isReplaced) => {
  const path = location.pathname + (options.hash == 'on' ? location.hash : '');
  const place = path + location.search;
  const isNew = isReplaced == 1 ? path != lastPath : place != lastPlace;
  lastPath = path;
  lastPlace = place;
  if (view.id && isNew) {
    showView();
  }
});

const followHistory = (name, isReplaced) => {
  const original = history[name];
  history[name] = (...args) => {
    original.apply(history, args);
    followPath(isReplaced);
  };
};

// --- time: one beat a second, so that no sleep of the machine is ever taken for a stay

let ticking;

/** Seconds of this view in which it was visible and somebody there; and since the last sign of somebody. */
export let seconds;
let idle;

const tick = () => {
  if (!document.hidden && idle++ < IDLE && seconds++ % PING == FIRST_PING - 1) {
    track('page_ping', {time_on_page: seconds * 1000});
    gather();
  }
  readTitle();
  beat();
};

const show = () => {
  if (!view.id) {
    showView(first);
    early.forEach((call) => track(...call));
  }
  gather();
};

/** Both events that may be the last come here; what the first one sent is under way for the second. */
const hide = () => {
  if (view.id) {
    end(true);
    flush(true);
  }
};

/** Neither a prerendered page nor one in the background is seen before it is visible. */
const look = () => (document.hidden ? hide() : show());

// --- consent

export const decide = (consent) => {
  const answer = {consent, visitor_id: visitor};
  Object.assign(members, answer);
  amend(answer);
  hold(false);
};

export const grant = () => {
  if (!read(OPT_OUT)) {
    allow();
    decide('granted');
  }
};

/** Holds on the pages that are open, until what is stored says so. */
const refuse = () => {
  forget();
  decide('denied');
};

const deny = () => {
  refuse();
  write(VISITOR, '');
};

export const optIn = () => write(OPT_OUT, '');

export const optOut = () => {
  forget();
  write(OPT_OUT, 1);
  close();
  clearInterval(ticking);
};

/** What the visitor decided on another page, while this one was open or in the back/forward cache, holds here too. */
const heed = () => {
  if (read(OPT_OUT)) {
    optOut();
  } else if (read(VISITOR) != visitor) {
    read(VISITOR) ? grant() : refuse();
  }
};

// --- start

const script = document.currentScript;

let parts;

/** Calls this at the start. */
export const onStart = (action) => {
  const others = parts;
  parts = () => {
    others?.();
    safely(action)();
  };
};

const start = (given) => {
  if (options || !given.key) {
    return;
  }
  options = given;
  followPath();
  open(new URL((options.endpoint || '/in') + '?key=' + options.key, script?.src || location));
  hold(!members.consent && options.consent == 'wait');
  ['pushState', 'replaceState'].forEach(followHistory);
  listen('popstate hashchange', followPath);
  heed();
  if (read(OPT_OUT)) {
    return; // Nothing is heeded any more but a link that takes it back.
  }
  visitor || forget();
  listen('pageshow storage', (event) => {
    heed();
    event.persisted && view.id && showView();
  });
  listen('online', wake);
  listen('pointermove pointerdown keydown scroll', () => {
    idle = 0;
  });
  listen('pagehide', hide);
  listen('visibilitychange', look);
  parts?.();
  look();
};

/** Makes the one global, unless a page that keeps its window runs the script again. */
export const boot = safely(() => {
  const stub = window.onevault;
  // An element of that name is in the window, too.
  if (stub?.call && !stub.q) {
    return;
  }
  const commands = {
    'event': track,
    // Before there is a view, or anybody to see one, a page says what its first view is.
    'page': (params) => (view.id ? showView(params) : (first = params)),
    'set': (given) => Object.assign(members, given),
    'grant': grant,
    'deny': deny,
    'optout': optOut,
    'optin': optIn,
    'start': start,
  };
  window.onevault = safely((name, ...args) => {
    commands[name](...args);
  });
  stub?.q?.forEach((call) => window.onevault(...call));
  if (script) {
    start(script.dataset);
  }
});
