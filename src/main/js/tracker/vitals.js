import {safely} from './safely.js';
import {onEnding, track, view, wants} from './tracker.js';

/** Of so many interactions one is left out, as an accident. */
const ACCIDENTS = 50;

/** Interactions that are faster tell nothing, but for the first. */
const SLOW_MS = 40;

/** Shifts are one burst with less than this between two of them, and less than that in all. */
const PAUSE_MS = 1_000;
const BURST_MS = 5_000;

const observers = [];

/** The view before, whose last values may still come, and the present one: since when, and what was measured. */
let records = [];

/** The speed that people met, by the view on which it began. */
export const vitals = () => {
  if (!wants('vitals')) {
    return;
  }
  let isPainting = !document.hidden || document.prerendering;
  observe('largest-contentful-paint', (entry, record) => {
    if (isPainting && record == first) {
      record.lcp = sinceShown(entry.startTime);
    }
  });
  observe('layout-shift', addShift);
  observe('event', addInteraction, {durationThreshold: SLOW_MS});
  observe('first-input', addInteraction);
  const first = begin(0);
  onEnding((isHidden) => {
    if (!view.id) {
      return; // The first view begins.
    }
    observers.forEach((take) => take());
    isPainting = false;
    first.ttfb = sinceShown(navigation()?.responseStart);
    records[records.length - 1].view = view;
    if (isHidden) {
      records.forEach(tell);
    } else {
      records.slice(0, -1).forEach(tell);
      records = records.slice(-1);
      begin(performance.now());
    }
  });
};

const navigation = () => performance.getEntriesByType('navigation')[0];

/** Milliseconds after the page could be seen, which of a prerendered one is later than it began. */
const sinceShown = (time) => Math.max(0, Math.round(time - (navigation()?.activationStart || 0)));

const isMeasured = (type) => PerformanceObserver.supportedEntryTypes.includes(type);

const begin = (start) => {
  const cls = isMeasured('layout-shift') ? 0 : undefined;
  const record = {start, cls, slow: {}, count: performance.interactionCount};
  records.push(record);
  return record;
};

const observe = (type, measure, more) => {
  if (!isMeasured(type)) {
    return;
  }
  const take = (entries) =>
    entries.forEach((entry) => {
      const [before, present] = records;
      measure(entry, present && entry.startTime >= present.start ? present : before);
    });
  const observer = new PerformanceObserver(safely((list) => take(list.getEntries())));
  observer.observe({type, buffered: true, ...more});
  observers.push(() => take(observer.takeRecords()));
};

const addShift = (shift, record) => {
  if (!shift.hadRecentInput) {
    const isMore = shift.startTime - record.last < PAUSE_MS && shift.startTime - record.burst < BURST_MS;
    record.sum = (isMore ? record.sum : 0) + shift.value;
    record.burst = isMore ? record.burst : shift.startTime;
    record.last = shift.startTime;
    record.cls = Math.max(record.cls, record.sum);
  }
};

const addInteraction = ({interactionId, duration}, record) => {
  if (interactionId) {
    record.slow[interactionId] = Math.max(record.slow[interactionId] || 0, duration);
  }
};

const tell = (record) => {
  const slowest = Object.values(record.slow).sort((one, other) => other - one);
  const accidents = Math.floor((performance.interactionCount - record.count || 0) / ACCIDENTS);
  const values = {
    lcp: record.lcp,
    inp: slowest[Math.min(accidents, slowest.length - 1)],
    cls: record.cls && Math.round(record.cls * 10_000) / 10_000,
    ttfb: record.ttfb,
  };
  const told = JSON.stringify(values);
  if (told != record.told) {
    record.told = told;
    track('web_vitals', values, record.view);
  }
};
