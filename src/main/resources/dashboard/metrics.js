/** The figures that can be looked at over time. */
import {amount, compact, duration, money, NONE, number, rate} from './format.js';

/** The currency with the most revenue; a chart shows one, as currencies are never added up. */
export function mainCurrency(revenue) {
  return Object.entries(revenue ?? {}).sort((one, other) => other[1] - one[1])[0]?.[0] ?? null;
}

/** Each metric's name, its value in an answer, how it is written on a tile and on the chart, and its meaning. */
export const METRICS = {
  visitors: {
    name: 'Visitors',
    of: (row) => row.visitors,
    tile: compact,
    chart: number,
    hint: 'Different visitors with a visit that began in the period',
  },
  visits: {name: 'Visits', of: (row) => row.visits, tile: compact, chart: number, hint: 'Sessions that began in the period'},
  pageviews: {name: 'Page views', of: (row) => row.pageviews, tile: compact, chart: number, hint: 'Page views in these visits'},
  bounce_rate: {
    name: 'Bounce rate',
    of: (row) => row.bounce_rate,
    tile: rate,
    chart: rate,
    less: true,
    hint: 'Visits of one page view, without an interaction and under 10 seconds of attention',
  },
  engagement: {
    name: 'Time engaged',
    of: (row) => row.engaged_seconds_per_visit,
    tile: duration,
    chart: duration,
    hint: 'Seconds with signs of attention, a visit',
  },
  conversions: {
    name: 'Conversions',
    of: (row) => row.conversions,
    tile: compact,
    chart: number,
    hint: 'Purchases and goals; an order counts once, a goal since it was set',
    note: (row) => (row.visits > 0 ? `${rate(row.conversion_rate)} of visits` : null),
  },
  revenue: {
    name: 'Revenue',
    of: (row, currency) => row.revenue?.[currency] ?? 0,
    tile: (value, currency) => (currency ? amount(value, currency, value < 1000000 ? 'standard' : 'compact') : NONE),
    chart: (value, currency) => amount(value, currency),
    hint: 'Values of transactions; refunds are not taken off',
    note: (row, currency) =>
      money(Object.fromEntries(Object.entries(row.revenue ?? {}).filter(([other]) => other !== currency))).replace(NONE, ''),
  },
};
