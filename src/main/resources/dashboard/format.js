/** Figures as people read them. */

const whole = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
const short = new Intl.NumberFormat('en', {notation: 'compact', maximumFractionDigits: 1});
const percent = new Intl.NumberFormat('en', {style: 'percent', maximumFractionDigits: 1});
const decimal = new Intl.NumberFormat('en', {maximumFractionDigits: 2});

export const NONE = '–';

export const number = (value) => (value === null || value === undefined ? NONE : whole.format(value));
export const plural = (count, name) => `${number(count)} ${name}${count === 1 ? '' : 's'}`;
export const compact = (value) =>
  value === null || value === undefined ? NONE : Math.abs(value) < 10000 ? whole.format(value) : short.format(value);
export const rate = (value) => (value === null || value === undefined ? NONE : percent.format(value));

/** Seconds as minutes and seconds, or hours and minutes. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return NONE;
  const all = Math.round(seconds);
  const two = (value) => String(value).padStart(2, '0');
  return all < 3600
    ? `${Math.floor(all / 60)}:${two(all % 60)}`
    : `${Math.floor(all / 3600)} h ${two(Math.floor((all % 3600) / 60))}`;
}

/** An amount of one currency; `XXX` is money of none. */
export function amount(value, currency, notation = 'standard') {
  if (value === null || value === undefined) return NONE;
  if (!currency || currency === 'XXX') return decimal.format(value);
  try {
    return new Intl.NumberFormat('en', {
      style: 'currency',
      currency,
      notation,
      maximumFractionDigits: notation === 'compact' ? 1 : Math.abs(value) < 10000 ? 2 : 0,
    }).format(value);
  } catch {
    return `${currency} ${decimal.format(value)}`; // a code that the browser does not know
  }
}

/** Amounts by currency, the largest first. */
export function money(amounts) {
  const all = Object.entries(amounts ?? {}).sort((one, other) => other[1] - one[1]);
  return all.length === 0 ? NONE : all.map(([currency, value]) => amount(value, currency)).join(' · ');
}

/** A URL as its path, with its host where it is another one than most have; other values as they are. */
export function page(url, host) {
  if (!url) return '(none)';
  if (!/^https?:/.test(url)) return url;
  const rest = url.replace(/^https?:\/\//, '');
  const slash = rest.indexOf('/');
  const path = slash < 0 ? '/' : rest.slice(slash);
  return rest.startsWith(`${host}/`) || rest === host ? path : rest;
}

/** The host that most of these URLs have. */
export function commonHost(urls) {
  const counts = new Map();
  for (const url of urls) {
    const host = /^https?:\/\/([^/?#]+)/.exec(url ?? '')?.[1];
    if (host) counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  return [...counts].sort((one, other) => other[1] - one[1])[0]?.[0] ?? '';
}

/** By which share a figure has grown; null where there was nothing to grow from. */
export function growth(now, before) {
  return now === null || now === undefined || !before ? null : (now - before) / before;
}

/** A growth, whose tenths tell something only where it is small. */
export function signed(share) {
  if (share === null) return '';
  const size = Math.abs(share);
  return `${share > 0 ? '+' : share < 0 ? '−' : '±'}${percent.format(size < 0.1 ? size : Math.round(size * 100) / 100)}`;
}

/** Rows of cells as CSV, by RFC 4180; a cell that a spreadsheet would take for a formula, of letters of full width too, is made a text. */
export function csv(rows) {
  const cell = (value) => {
    let text = value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
    if (typeof value === 'string' && /^[=+\-@\t\r\n＝＋－＠]/.test(text)) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return (
    byCurrency(rows)
      .map((row) => row.map(cell).join(','))
      .join('\r\n') + '\r\n'
  );
}

/** Rows below their heads, with a column a currency in place of one of amounts by currency, which no spreadsheet adds up. */
function byCurrency([heads, ...rows]) {
  const isObject = (value) => value !== null && typeof value === 'object';
  const currencies = heads.map((head, at) => {
    if (!/^(revenue|refunds)$/i.test(head) || !rows.some((row) => isObject(row[at]))) return null;
    return [...new Set(rows.flatMap((row) => Object.keys(row[at] ?? {})))].sort();
  });
  const spread = (row, of, none) =>
    row.flatMap((value, at) => {
      const all = currencies[at];
      if (!all) return [value];
      return all.length === 0 ? [none(value)] : all.map((currency) => of(value, currency));
    });
  return [
    spread(heads, (head, currency) => `${head} ${currency}`, (head) => head),
    ...rows.map((row) => spread(row, (amounts, currency) => amounts?.[currency], () => null)),
  ];
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** A name of the api (`page_view`, `organic_search`) as words. */
export const words = (name) =>
  name === null || name === undefined || name === '' ? '(none)' : capital(String(name).replaceAll('_', ' '));

/** Channels that people call otherwise than the api. */
const CHANNELS = new Map([
  ['assistant', 'AI assistant'],
  ['sms', 'SMS'],
]);

export const channel = (name) => CHANNELS.get(name) ?? words(name);

/** A visitor by the beginning of the pseudonym; one of a single page view has no name. */
export const visitorName = (pseudonym) =>
  pseudonym ? (pseudonym.startsWith('anon_') ? 'anonymous' : pseudonym.slice(4, 12)) : NONE;

const countries = new Intl.DisplayNames(['en'], {type: 'region', fallback: 'code'});

/** A country by its two letters. */
export function country(code) {
  try {
    return code === null ? 'Not known' : countries.of(code);
  } catch {
    return code; // none of the codes that there are
  }
}
