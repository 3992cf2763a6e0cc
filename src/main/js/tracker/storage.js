import {newId, safely} from './safely.js';
import {options} from './tracker.js';

const NAME = 'onevault';

/** Events that wait begin with this. */
const EVENTS = NAME + '.e.';

/** The visitor's id; empty where the visitor denied it, for a site that takes consent as given must not ask that of each page. */
export const VISITOR = NAME + '.id';

/** The wish not to be counted, which is kept whatever the consent. */
export const OPT_OUT = NAME + '-off';

/** How long an event belongs to the page that wrote it; then another one may send it. */
const LEASE_MS = 10_000;

/** How long one waits that was refused for what it is, some 28 hours. */
export const ASIDE_MS = 100_000_000;

/** How long one waits for a page of the site that it is of, some 35 days, where pages of another site come by. */
const LEFT_MS = 3_000_000_000;

/** Undefined where the browser refuses storage. */
const store = safely(() => localStorage)();

/** In whose name events may be kept; without consent nothing but an opt-out or a denial is written. */
export let visitor;

/**
 * Read so often that a name for it is shorter.
 * @noinline
 */
export const read = (name) => store?.[name];

export const write = safely((name, value) => {
  store[name] = value;
});

const remove = safely((key) => {
  delete store[key];
});

const eachEvent = (action) => Object.keys(store).forEach((key) => key.startsWith(EVENTS) && action(key));

/** From here on events are kept, where the browser keeps anything. */
export const allow = () => {
  read(VISITOR) || write(VISITOR, newId());
  visitor = read(VISITOR);
};

/** Forgets what consent allowed, and keeps nothing more; a denial stays one. */
export const forget = safely(() => {
  visitor = undefined;
  eachEvent(remove);
  read(VISITOR) && remove(VISITOR);
});

/** Keeps an event, for so long for this page, under a name of its own: what two pages write never overwrites the other's. With it the site's key, as pages of one origin can be of several sites. */
export const keep = (event, lease = LEASE_MS) => {
  if (visitor) {
    write(EVENTS + event.event_id, JSON.stringify([options.key, Date.now(), event, lease]));
  }
};

export const drop = (event) => remove(EVENTS + event.event_id);

/** Offers what other pages of this site left, to be kept anew; under a lock, so that no two pages take the same. */
export const takeOver = async (accept) => {
  const take = safely(() =>
    eachEvent(
      safely((key) => {
        const [site, leased, event, lease] = JSON.parse(store[key]);
        if (site != options.key) {
          Date.now() - leased > LEFT_MS && remove(key);
        } else if (visitor && !(Math.abs(Date.now() - leased) <= lease)) {
          // Earlier versions gave no lease.
          accept(event);
        }
      }),
    ),
  );
  try {
    await navigator.locks.request(NAME, take);
  } catch {
    take(); // Without TLS there are no locks: then an event may be sent twice, and counts once.
  }
};
