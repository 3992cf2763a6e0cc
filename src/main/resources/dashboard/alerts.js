/** Alerts as people set and read them: shares in percent. */

/** What an alert may watch, as the api names it. */
export const WATCHED = {
  visits: 'Visits',
  visitors: 'Visitors',
  pageviews: 'Page views',
  bounce_rate: 'Bounce rate',
  conversions: 'Conversions',
  conversion_rate: 'Conversion rate',
  received: 'Events received',
  rejected_rate: 'Share of events rejected',
  late_rate: 'Share of events late',
  duplicate_rate: 'Share of events received twice',
};

/** Whether the bounds of an alert are shares, which people read in percent. */
const isShare = ({metric, compared}) => metric.endsWith('_rate') || Boolean(compared);

const grouped = new Intl.NumberFormat('en', {maximumFractionDigits: 12});

/** A number without what binary fractions add: 0.29 * 100 is 28.999999999999996. */
const exact = (value) => Number(value.toPrecision(12));

/** The alert that the fields of its form ask for. */
export function alertOf(fields) {
  const unit = isShare(fields) ? 100 : 1;
  const alert = {...fields, hours: Number(fields.hours)};
  for (const name of ['above', 'below']) if (name in alert) alert[name] = exact(alert[name] / unit);
  if (alert.compared) alert.compared = true;
  return alert;
}

/** An alert's form, whose bounds have the unit of the figure; one of them is needed, and only one. */
export function bounded(alert) {
  const {metric, compared, above, below} = alert.elements;
  const tell = () => {
    const unit = isShare({metric: metric.value, compared: compared.value}) ? ', in %' : '';
    alert.querySelector('[for=alert-above]').textContent = `Above${unit}`;
    alert.querySelector('[for=alert-below]').textContent = `Below${unit}`;
    above.setCustomValidity((above.value === '') === (below.value === '') ? 'Fill in either Above or Below.' : '');
  };
  alert.addEventListener('input', tell);
  tell();
  return alert;
}

/** What an alert says, and how it is. */
export function alarm({metric, above, below, hours, compared, webhook, failure, is_firing: isFiring, value}) {
  const figure = (of) => (isShare({metric, compared}) ? `${grouped.format(exact(of * 100))}%` : grouped.format(of));
  const bound = above === undefined || above === null ? `below ${figure(below)}` : `above ${figure(above)}`;
  return [
    `${WATCHED[metric] ?? metric} of ${hours ?? 24} h${compared ? ' against a week before' : ''} ${bound}`,
    webhook ? `calls ${webhook}` : null,
    failure ? `its last call failed: ${failure}` : null,
    isFiring ? `has begun: ${figure(value)}` : null,
  ]
    .filter(Boolean)
    .join('; ');
}
