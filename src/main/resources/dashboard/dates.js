/** Days and instants of a time zone; a day is a text `2026-11-28`. */

const DAY = 86400000;

/** The local day and clock of an instant in a zone. */
export function local(instant, zone) {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
      .formatToParts(instant)
      .map(({type, value}) => [type, value]),
  );
  return {day: `${parts.year}-${parts.month}-${parts.day}`, clock: `${parts.hour}:${parts.minute}:${parts.second}`};
}

/** Whether a text is a day of the calendar. */
export function isDay(text) {
  const start = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : NaN;
  return !Number.isNaN(Number(start)) && start.toISOString().startsWith(text);
}

export const today = (zone) => local(new Date(), zone).day;

export function plusDays(day, days) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** How many days lie from one to another, both counted. */
export function daysBetween(from, to) {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY) + 1;
}

/** The first instant at which a zone's clock shows this day and time or, where it is missing, a later one; ISO 8601 in UTC. */
export function instantOf(day, clock, zone) {
  const wanted = Date.parse(`${day}T${clock}Z`);
  const offsetAt = (instant) => {
    const shown = local(new Date(instant), zone);
    return Date.parse(`${shown.day}T${shown.clock}Z`) - instant;
  };
  const before = offsetAt(wanted - DAY);
  const after = offsetAt(wanted + DAY);
  const offset = [before, after].find((one) => offsetAt(wanted - one) === one);
  if (offset !== undefined) return new Date(wanted - offset).toISOString();
  let [last, first] = [wanted - after, wanted - before];
  while (first - last > 1000) {
    const middle = last + Math.floor((first - last) / 2000) * 1000;
    if (offsetAt(middle) === before) last = middle;
    else first = middle;
  }
  return new Date(first).toISOString();
}

const startOfWeek = (day) => plusDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
const startOfMonth = (day) => `${day.slice(0, 8)}01`;

/** The periods a click away: their names, and the days they are on a given day. */
export const PERIODS = {
  today: ['Today', (day) => [day, day]],
  yesterday: ['Yesterday', (day) => [plusDays(day, -1), plusDays(day, -1)]],
  '7d': ['Last 7 days', (day) => [plusDays(day, -6), day]],
  '30d': ['Last 30 days', (day) => [plusDays(day, -29), day]],
  '90d': ['Last 90 days', (day) => [plusDays(day, -89), day]],
  week: ['This week', (day) => [startOfWeek(day), day]],
  month: ['This month', (day) => [startOfMonth(day), day]],
  lastmonth: ['Last month', (day) => [startOfMonth(plusDays(startOfMonth(day), -1)), plusDays(startOfMonth(day), -1)]],
  '12m': ['Last 12 months', (day) => [plusDays(day, -364), day]],
};

/** The days before: as many, or by whole weeks so that weekdays meet. */
export function daysBefore({from, to}, weekdays) {
  const days = daysBetween(from, to);
  const shift = weekdays ? Math.ceil(days / 7) * 7 : days;
  return {from: plusDays(from, -shift), to: plusDays(to, -shift)};
}

/** The period before, which ends at the same hour of the same day where the period is not over. */
export function before(period, weekdays, zone, now = new Date()) {
  const {from, to} = daysBefore(period, weekdays);
  const {day, clock} = local(now, zone);
  if (day < period.from || day > period.to) return {from, to};
  return {from, to: instantOf(plusDays(day, 1 - daysBetween(from, period.from)), clock, zone)};
}

/** How long the intervals of a series are at most half, in milliseconds. */
const HALF = {hour: DAY / 48, day: DAY / 2, week: 3.5 * DAY, month: 15.5 * DAY};

/**
 * Beside each row of a series that of the one before which lies as far from its period's beginning by the calendar and the
 * clock, or the nearest where weeks and months can't; null where there is none. None is beside two. Labels tell when an
 * interval begins, also one of which the period has a part only.
 */
export function paired(series, earlier, interval, days) {
  const when = ({label}) => Date.parse(`${label.slice(0, 10)}T${label.slice(11) || '00:00'}Z`);
  const begins = earlier.map(when);
  const wanted = series.map((row) => when(row) - days * DAY);
  const nearest = (to, all) => all.reduce((best, none, at) => (Math.abs(all[at] - to) < Math.abs(all[best] - to) ? at : best), 0);
  return wanted.map((place, row) => {
    const at = nearest(place, begins);
    const isNear = Math.abs(begins[at] - place) <= HALF[interval];
    return isNear && nearest(begins[at], wanted) === row ? earlier[at] : null;
  });
}

export function dayName(day, form = {day: 'numeric', month: 'short', year: 'numeric'}) {
  return new Intl.DateTimeFormat('en-GB', {...form, timeZone: 'UTC'}).format(new Date(`${day}T00:00:00Z`));
}

/** A period as shortly as it can be said. */
export function periodName({from, to}) {
  const form = new Intl.DateTimeFormat('en-GB', {day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC'});
  return form.formatRange(new Date(`${from}T00:00:00Z`), new Date(`${to}T00:00:00Z`));
}

export function clockName(instant, zone) {
  return new Intl.DateTimeFormat('en-GB', {timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit'}).format(
    new Date(instant),
  );
}

export function momentName(instant, zone) {
  return new Intl.DateTimeFormat('en-GB', {timeZone: zone, dateStyle: 'medium', timeStyle: 'medium'}).format(new Date(instant));
}

/** How long ago an instant was, in words. */
export function ago(instant, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - Date.parse(instant)) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return seconds < 172800 ? `${Math.floor(seconds / 3600)} h ago` : `${Math.floor(seconds / 86400)} days ago`;
}
