import {newId, safely} from './safely.js';

const NAME = 'onevault';

/** What consent allows to keep begins with this. */
const KEPT = '.';
const EVENTS = '.e.';

export const VISITOR = '.id';

/** The wish not to be counted, which is kept whatever the consent. */
export const OPT_OUT = '-off';

/** How long an event belongs to the page that wrote it; then another one may send it. */
const LEASE_MS = 10_000;

/** Undefined where the browser refuses storage. */
const store = safely(() => window.localStorage)();

/** In whose name events may be kept; without consent nothing but an opt-out is written. */
export let visitor;

/**
 * Read so often that a name for it is shorter.
 * @noinline
 */
export const read = (name) => store?.getItem(NAME + name);

export const write = safely((name, value) => store.setItem(NAME + name, value));

const remove = safely((key) => store.removeItem(key));

const keys = (prefix) => Object.keys(store).filter((key) => key.startsWith(NAME + prefix));

/** From here on events are kept, where the browser keeps anything. */
export const allow = () => {
  read(VISITOR) || write(VISITOR, newId());
  visitor = read(VISITOR);
};

/** Forgets what consent allowed, and keeps nothing more. */
export const forget = safely(() => {
  visitor = undefined;
  keys(KEPT).forEach(remove);
});

/** Keeps an event under a key of its own: what two pages write never overwrites the other's. */
export const keep = (event) => {
  if (visitor) {
    write(EVENTS + event.event_id, JSON.stringify([Date.now(), event]));
  }
};

export const drop = (event) => remove(NAME + EVENTS + event.event_id);

/** Offers what other pages left, to be kept anew; under a lock, so that no two pages take the same. */
export const takeOver = async (accept) => {
  const take = safely(() =>
    keys(EVENTS).forEach(
      safely((key) => {
        const [leased, event] = JSON.parse(store.getItem(key));
        if (visitor && Math.abs(Date.now() - leased) > LEASE_MS) {
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
