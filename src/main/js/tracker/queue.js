import {safely} from './safely.js';
import {ASIDE_MS, drop, keep, takeOver} from './storage.js';

/** Bytes of events in one request; with what is around them it stays below 16 KiB. */
const BATCH_BYTES = 16_000;

/** Bytes that may be under way at once: browsers grant a page so many in requests that outlive it. */
const FLYING_BYTES = 65_000;

/** Most events that wait; beyond them none is taken: the site needs storage, too. */
const WAITING = 500;

const ANSWER_MS = 30_000;
const LONGEST_BACKOFF = 300;

/** Events that no 2xx has answered, but for those under way; one that was ever sent has a `sent_at`. */
let events = [];

/** The ids of all events that are ours to send, or were sent. */
const ours = {};

/** Bytes under way. */
let flying = 0;

/** Where to send; nowhere before the start and after an opt-out. */
let url;

let isHeld;
let failures = 0;

/** So many beats to go in which nothing is sent, and how many of them the collector asked for. */
let silence = 0;
let asked = 0;

/** Where the browser can do so and the full script asks for it: what to send should the page end without a word. */
let defer;
let undefer;

/** The visitor's signals; undefined where the browser knows no such thing. */
export const gpc = () => navigator.globalPrivacyControl;
export const dnt = () => navigator.doNotTrack == 1;

export const open = (address) => {
  url = address;
};

/** Keeps all events back, or no longer. */
export const hold = (isOn) => {
  isHeld = isOn;
};

/** Forgets all events and takes no more. */
export const close = () => {
  events = [];
  url = 0;
  undefer?.();
};

export const add = (event) => {
  if (!events[WAITING - 1] && !ours[event.event_id]) {
    events.push(event);
    keep(event);
    ours[event.event_id] = 1;
    defer?.();
  }
};

/** Changes those events that were never sent, and keeps all. */
export const amend = (change) =>
  events.forEach((event) => {
    if (!event.sent_at) {
      Object.assign(event, change);
    }
    keep(event);
  });

/** Takes what other pages left, as far as there is room. */
export const gather = () => takeOver(add);

/** There may be a network again. */
export const wake = () => {
  silence = asked && silence;
};

/** Comes once a second, so that what found no room, or no answer, follows. */
export const beat = () => {
  silence--;
  flush();
};

/** Ships events, as of now, by as many as go into one request. */
const inBatches = (all, ship, batch = [], bytes = 0) => {
  all.forEach((event) => {
    event.sent_at = Date.now();
    const size = new Blob([JSON.stringify(event)]).size;
    if (bytes && bytes + size > BATCH_BYTES) {
      ship(batch, bytes);
      batch = [];
      bytes = 0;
    }
    bytes += size;
    batch.push(event);
  });
  bytes && ship(batch, bytes);
};

/** Sends what waits. */
export const flush = (isLeaving) => {
  // The end of a page is worth a last try, unless the collector asked for silence.
  if (!url || isHeld || (silence > 0 && (asked || !isLeaving))) {
    return;
  }
  undefer?.();
  inBatches(events.splice(0), send);
};

/** Holds nothing up any more, and is tried again by whichever page is there then. */
const setAside = (event) => {
  keep(event, ASIDE_MS);
  ours[event.event_id] = 0;
};

const bodyOf = (batch) => JSON.stringify({events: batch, gpc: gpc(), dnt: dnt()});

const send = async (batch, bytes) => {
  if (flying && flying + bytes > FLYING_BYTES) {
    events.push(...batch);
    return;
  }
  flying += bytes;
  // What needs no preflight: a text, no credentials, no headers of its own.
  const request = {method: 'POST', credentials: 'omit', body: bodyOf(batch), keepalive: true, signal: AbortSignal.timeout?.(ANSWER_MS)};
  let answer;
  try {
    // Other requests of the page may have used up what keepalive allows; and after an opt-out there is nowhere to send to.
    answer = await fetch(url, request).catch(() => url && fetch(url, {...request, keepalive: false}));
  } catch {
    // No network.
  }
  flying -= bytes;
  const status = answer?.status;
  if (answer?.ok || status == 400 || status == 413) {
    // Taken; or no text, or larger than any that is. Then it will be so each time, but it may be one event's fault, and no other's.
    failures = 0;
    batch.forEach(answer.ok ? drop : batch[1] ? (event) => url && send([event], bytes / batch.length) : setAside);
  } else {
    events.unshift(...batch);
    // Seconds that the collector asks for, in seconds or as a date; without the header 0 or NaN.
    const after = answer?.headers.get('Retry-After');
    const pause = after > 0 ? after : (Date.parse(after) - Date.now()) / 1000;
    // Requests that fail together are one failure; and what the collector asked for holds, whatever the others meet.
    if (pause > 0) {
      asked = silence = pause;
    } else if (silence <= 0) {
      asked = 0;
      silence = Math.min(2 ** failures++, LONGEST_BACKOFF);
    }
    if (status < 500 && status != 408 && status != 429) {
      url = 0; // It would be refused again.
    }
  }
};

/** From now on the browser holds a request of what waits, under the same ids, for the case that we can't send it. */
export const useFetchLater = () => {
  if (window.fetchLater) {
    let deferred;
    undefer = () => deferred?.abort();
    defer = safely(() => {
      undefer();
      if (url && !isHeld && silence <= 0) {
        deferred = new AbortController();
        const waiting = events.map((event) => ({...event})); // which are not sent yet
        inBatches(waiting, (batch) =>
          window.fetchLater(url, {method: 'POST', credentials: 'omit', body: bodyOf(batch), signal: deferred.signal}),
        );
      }
    });
  }
};
