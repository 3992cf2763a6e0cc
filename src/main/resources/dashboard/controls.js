/** The bar on top: views, period, comparison, filters and saved segments. */
import {change} from './api.js';
import {filterName} from './breakdowns.js';
import {daysBetween, PERIODS} from './dates.js';
import {dialog, h, icon, ICONS} from './dom.js';
import {form} from './forms.js';
import {lookUp} from './names.js';
import {words as now} from './now.js';
import {CLOSED, usualInterval, VIEWS, viewsOf, write} from './state.js';

const COMPARE = {previous: 'Period before', weekday: 'Same weekdays before', none: 'No comparison'};

/** Draws the bar anew. */
export function controls(bar, site, context, ways) {
  const {state} = context;
  const link = (view, props = {}, words = VIEWS[view]) =>
    h(
      'a',
      {
        ...props,
        'data-view': view,
        'aria-current': view === state.view ? 'page' : null,
        onclick: (event) => {
          if (!event.metaKey && !event.ctrlKey) {
            event.preventDefault();
            context.go({view});
          }
        },
      },
      words,
    );
  bar.replaceChildren(
    h(
      'div',
      {class: 'bar-top'},
      h('h1', {class: 'site'}, h('img', {src: 'icon.svg', alt: '', width: '24', height: '24'}), site.tenant),
      h('nav', {'aria-label': 'Views'}, viewsOf(site).map((view) => link(view))),
      h(
        'div',
        {class: 'tools'},
        state.view === 'live'
          ? null
          : link('live', {class: 'now', title: 'Visitors in the last 5 minutes'}, now(context)),
        theme(),
        site.link
          ? null
          : h(
              'button',
              {class: 'quiet', type: 'button', 'aria-label': 'Sign out', title: 'Sign out', onclick: ways.leave},
              icon(ICONS.leave),
            ),
      ),
    ),
    ['pipeline', 'settings'].includes(state.view)
      ? ''
      : h(
          'div',
          {class: 'bar-tools'},
          state.view === 'live' ? null : [period(context), compare(context), interval(context)],
          chips(site, context),
        ),
  );
  aim(bar, state);
  const nav = bar.querySelector('nav');
  nav.scrollLeft = nav.querySelector('[aria-current]').offsetLeft - nav.offsetLeft - 60; // on a phone not all have room
}

/** Has the views' own addresses, which another tab of the browser opens, hold all that is chosen. */
export function aim(bar, state) {
  for (const link of bar.querySelectorAll('a[data-view]')) link.href = write({...state, ...CLOSED, view: link.dataset.view});
}

function theme() {
  const root = document.documentElement;
  const dark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches);
  return h(
    'button',
    {
      class: 'quiet',
      type: 'button',
      'aria-label': 'Light or dark',
      title: 'Light or dark',
      onclick: () => {
        root.dataset.theme = dark() ? 'light' : 'dark';
        try {
          localStorage.setItem('onevault.dashboard.theme', root.dataset.theme);
        } catch {
          // it is of this page alone, in a browser that lets no page keep anything
        }
        window.dispatchEvent(new PopStateEvent('popstate')); // charts take their colours when they are drawn
      },
    },
    icon(ICONS.moon),
  );
}

function period(context) {
  const {state} = context;
  return h(
    'select',
    {
      class: 'button',
      'aria-label': 'Period',
      title: `${context.periodName()}, days of ${context.zone}`,
      onchange: (event) => {
        if (event.target.value === 'custom') choose(context);
        else context.go({period: event.target.value, custom: null, interval: null});
      },
    },
    state.custom ? h('option', {selected: true, value: 'shown'}, context.periodName()) : null,
    Object.entries(PERIODS).map(([key, [name]]) =>
      h('option', {value: key, selected: !state.custom && key === state.period}, name),
    ),
    h('option', {value: 'custom'}, 'From … to …'),
  );
}

function choose(context) {
  const from = h('input', {id: 'from', type: 'date', required: true, value: context.days.from});
  const to = h('input', {id: 'to', type: 'date', required: true, value: context.days.to});
  const box = dialog(
    'Period',
    h(
      'form',
      {
        class: 'dates',
        onsubmit: (event) => {
          event.preventDefault();
          const [first, last] = from.value <= to.value ? [from.value, to.value] : [to.value, from.value];
          box.close();
          context.go({custom: {from: first, to: last}, interval: null});
        },
      },
      h('label', {for: 'from'}, 'First day'),
      from,
      h('label', {for: 'to'}, 'Last day'),
      to,
      h('p', {class: 'muted'}, `Days of ${context.zone}`),
      h('button', {class: 'button main', type: 'submit'}, 'Show'),
    ),
  );
  box.addEventListener('close', () => {
    if (!context.signal.aborted) context.go({});
  });
}

function compare(context) {
  if (context.state.view !== 'overview') return null;
  return h(
    'select',
    {class: 'button', 'aria-label': 'Compared with', onchange: (event) => context.go({compare: event.target.value})},
    Object.entries(COMPARE).map(([key, name]) => h('option', {value: key, selected: key === context.state.compare}, name)),
  );
}

/** The steps of the chart, as fine and as coarse as the period bears. */
function interval(context) {
  if (context.state.view !== 'overview') return null;
  const days = daysBetween(context.days.from, context.days.to);
  const usual = usualInterval(context.days);
  const fit = {hour: days <= 14, day: days > 1, week: days > 7, month: days > 31};
  const shown = context.state.interval ?? usual;
  return h(
    'select',
    {
      class: 'button',
      'aria-label': 'Steps of the chart',
      onchange: ({target}) => context.go({interval: target.value === usual ? null : target.value}),
    },
    Object.entries(fit)
      .filter(([name, isFit]) => isFit || name === shown)
      .map(([name]) => h('option', {value: name, selected: name === shown}, `By ${name}`)),
  );
}

/** The filters as chips, those of a link without a way to remove them, and the segments: filters kept by a name. */
function chips(site, context) {
  const {filters} = context.state;
  const {segments} = context.shared;
  const locked = Object.entries(site.link?.filters ?? {});
  const active = Object.entries(filters).filter(([name]) => !(name in (site.link?.filters ?? {})));
  const without = (name) => Object.fromEntries(active.filter(([other]) => other !== name));
  const text = (name, values) =>
    [values]
      .flat()
      .map((value) => filterName(name, value))
      .join(' or ');
  /** A chip in words, in other ones once an item's name is known. */
  const told = (chip, name, values, say) => {
    const draw = () => say(chip, text(name, values));
    draw();
    if (name === 'item') {
      document.addEventListener('named', draw, {signal: context.signal});
      lookUp([values].flat(), context);
    }
    return chip;
  };
  const same = (kept) => sorted(kept) === sorted(filters);
  const keep = () => {
    const box = dialog(
      'Keep as a segment',
      h('p', {class: 'muted'}, 'For all who look at this site.'),
      form([['Name', 'name', {maxlength: 100}]], 'Keep', ({name}, place) =>
        context.guard(async () => {
          context.share(await change({segment: {name, filters}}));
          box.close();
          context.go({});
        }, place),
      ),
    );
  };
  return h(
    'div',
    {class: 'chips'},
    segments.length === 0
      ? null
      : h(
          'select',
          {
            class: 'button',
            'aria-label': 'Segment',
            onchange: (event) => context.go({filters: segments.find(({name}) => name === event.target.value)?.filters ?? {}}),
          },
          h(
            'option',
            {value: ''},
            active.length > 0 && !segments.some((kept) => same(kept.filters)) ? 'Own filters' : 'All visits',
          ),
          segments.map(({name, filters: kept}) => h('option', {value: name, selected: same(kept)}, name)),
        ),
    locked.map(([name, values]) =>
      told(h('span', {class: 'chip locked', title: ids(name, values)}), name, values, (chip, said) =>
        chip.replaceChildren(icon(ICONS.lock), said),
      ),
    ),
    active.map(([name, values]) =>
      told(
        h('button', {
          type: 'button',
          class: 'chip',
          title: ids(name, values),
          onclick: () => context.go({filters: without(name)}),
        }),
        name,
        values,
        (chip, said) => {
          chip.setAttribute('aria-label', `Remove the filter ${said}`);
          chip.replaceChildren(h('span', {class: 'name'}, said), icon(ICONS.close));
        },
      ),
    ),
    context.state.robots
      ? h(
          'button',
          {
            type: 'button',
            class: 'chip',
            'aria-label': 'Leave out robots',
            onclick: () => context.go({robots: false}),
          },
          h('span', {class: 'name'}, 'With robots'),
          icon(ICONS.close),
        )
      : null,
    active.length === 0 || !site.may.includes('manage') || segments.some((kept) => same(kept.filters))
      ? null
      : h(
          'button',
          {
            class: 'quiet',
            type: 'button',
            'aria-label': 'Keep these filters as a segment',
            title: 'Keep as a segment',
            onclick: keep,
          },
          icon(ICONS.star),
        ),
  );
}

/** What the words on a chip leave out. */
const ids = (name, values) => (['item', 'session', 'visitor'].includes(name) ? [values].flat().join(', ') : null);

/** Filters as a text that does not hang on their order, nor on whether one value stands in an array. */
const sorted = (filters) =>
  JSON.stringify(
    Object.entries(filters)
      .map(([name, values]) => [name, [values].flat()])
      .sort(),
  );
