/** The breakdowns: panels of rows, each of which filters the whole page when it is chosen. */
import {ask} from './api.js';
import {BREAKDOWNS, breakdownOf, eventColumns, itemColumns, visitColumns} from './breakdowns.js';
import {dialog, download, h, icon, ICONS, table} from './dom.js';
import {comparisons} from './experiment.js';
import {commonHost, csv, money, rate} from './format.js';
import {learn} from './names.js';

/** Draws a panel; `answer` holds its breakdowns, `context` the state and what a choice does. */
export function panel(title, all, answer, context) {
  const kinds = all.filter((kind) => !context.site.link || !BREAKDOWNS[kind].group); // a link may not ask for these
  const body = h('div', {class: 'rows', role: 'tabpanel', tabindex: '-1'});
  const tabs = kinds.map((kind, at) =>
    h(
      'button',
      {
        type: 'button',
        role: 'tab',
        tabindex: '-1',
        onclick: () => choose(at),
      },
      BREAKDOWNS[kind].name,
    ),
  );
  let shown = Math.max(
    0,
    kinds.findIndex((kind) => context.state.tabs.includes(kind)),
  );

  function choose(at) {
    context.remember(({tabs}) => {
      const others = tabs.filter((kind) => !all.includes(kind));
      return {tabs: at === 0 ? others : [...others, kinds[at]], ...(all.includes('properties') ? {property: null} : {})};
    });
    show(at);
  }

  function show(at) {
    shown = at;
    tabs.forEach((tab, index) => {
      tab.setAttribute('aria-selected', String(index === at));
      tab.tabIndex = index === at ? 0 : -1;
    });
    body.setAttribute('aria-label', BREAKDOWNS[kinds[at]].name_one);
    const kind = kinds[at];
    if (answer.failed) {
      body.replaceChildren(h('p', {class: 'notice'}, answer.failed));
    } else if (BREAKDOWNS[kind].group && !answer[kind]) {
      const place = h('div', {});
      body.replaceChildren(place);
      context.guard(async () => {
        place.replaceChildren(h('div', {class: 'skeleton tall'}));
        answer[kind] = await ranked(kind, {...context.question(), limit: 9}, context.signal);
        if (kinds[shown] === kind) body.replaceChildren(...rows(kind, answer, context, body));
      }, place);
    } else if (kind === 'properties' && context.state.property) {
      values(context.state.property, answer, context, body);
    } else {
      body.replaceChildren(...rows(kind, answer, context, body));
    }
  }

  const strip = h(
    'div',
    {
      class: 'tabs',
      role: 'tablist',
      'aria-label': title,
      onkeydown: (event) => {
        const by = {ArrowRight: 1, ArrowLeft: -1}[event.key];
        if (!by) return;
        choose((shown + by + kinds.length) % kinds.length);
        tabs[shown].focus();
      },
    },
    tabs,
  );
  show(shown);
  return h(
    'section',
    {class: 'card panel', 'aria-label': title},
    h(
      'div',
      {class: 'panel-head'},
      h('h2', {}, title),
      kinds.length > 1 ? strip : null,
      h(
        'button',
        {
          class: 'quiet',
          type: 'button',
          'aria-label': `All of ${title.toLowerCase()}`,
          title: 'All columns, more rows',
          onclick: () => context.reveal({all: kinds[shown]}),
        },
        icon(ICONS.expand),
      ),
    ),
    body,
  );
}

function rows(kind, answer, context, body) {
  const breakdown = breakdownOf(kind);
  const all = answer[kind] ?? [];
  if (kind === 'items') learn(all);
  if (all.length === 0) return [h('p', {class: 'empty'}, 'Nothing in this period.')];
  const [head, count, show] = breakdown.columns[0];
  const most = Math.max(...all.map(count), 1);
  const host = commonHost(all.map((row) => row.value));
  const second =
    breakdown.columns === visitColumns || kind === 'experiments'
      ? ['Conv.', (row) => row.conversion_rate, rate]
      : breakdown.columns === itemColumns
        ? ['Revenue', (row) => row.revenue, money]
        : breakdown.columns === eventColumns
          ? ['Of visits', (row) => (answer.visits ? row.visits / answer.visits : null), rate]
          : null;
  const open = (property) => {
    context.remember({property});
    values(property, answer, context, body).focus();
  };
  const line = (row) => {
    const name = breakdown.label?.(row) ?? breakdown.show(row.value, host);
    const inside = [
      h('span', {class: 'fill', style: {width: `${(100 * count(row)) / most}%`}}),
      h('span', {class: 'name'}, name),
      second ? h('span', {class: 'minor'}, second[2](second[1](row))) : null,
      h('span', {class: 'figure'}, show(count(row))),
    ];
    const hint = breakdown.title?.(row) ?? row.value ?? '';
    return h(
      'li',
      {},
      filters(breakdown, row) || breakdown.opens
        ? h(
            'button',
            {
              type: 'button',
              class: 'row',
              title: `${hint}`,
              'aria-description': breakdown.opens ? 'Show its values' : 'Filter by it',
              onclick: () => (breakdown.opens ? open(row.value) : context.filter(breakdown.filter, row.value)),
            },
            inside,
          )
        : h('div', {class: 'row', title: `${hint}`}, inside),
    );
  };
  return [
    h(
      'div',
      {class: 'rows-head'},
      h('span', {}, breakdown.name_one),
      second ? h('span', {class: 'minor'}, second[0]) : null,
      h('span', {class: 'figure'}, head),
    ),
    h('ul', {}, all.map(line)),
    kind === 'experiments' && !context.site.link ? comparisons(all, context) : '',
    breakdown.note ? h('p', {class: 'muted'}, breakdown.note) : '',
  ];
}

/** Items without a category are no category to filter by. */
const filters = (breakdown, row) => breakdown.filter && !(breakdown.group && row.value === null);

/** The rows of a breakdown; the values of a property are one, too. */
async function ranked(kind, question, signal) {
  const {group} = breakdownOf(kind);
  if (group) return (await ask('items', {...question, group}, signal)).groups;
  if (!kind.startsWith('property:')) return (await ask('analytics', {...question, breakdowns: [kind]}, signal))[kind];
  const asked = {breakdowns: ['properties'], property: kind.slice(9)};
  return (await ask('analytics', {...question, ...asked}, signal)).properties;
}

/** The values of a property in the place of the list of properties; each of them filters. Gives the way back. */
function values(property, names, context, body) {
  const back = h(
    'button',
    {
      class: 'link',
      type: 'button',
      onclick: () => {
        context.remember({property: null});
        body.replaceChildren(...rows('properties', names, context, body));
      },
    },
    'All properties',
  );
  const place = h('div', {});
  body.replaceChildren(back, place);
  context.guard(async () => {
    place.replaceChildren(h('div', {class: 'skeleton tall'}));
    const kind = `property:${property}`;
    const found = await ranked(kind, {...context.question(), limit: 9}, context.signal);
    const all = h('button', {class: 'link', type: 'button', onclick: () => context.reveal({all: kind})}, 'All values');
    place.replaceWith(' · ', all, ...rows(kind, {...names, [kind]: found}, context, body)); // where it is still there
  }, place);
  return back;
}

/** A dialog of all columns and up to a thousand rows of a breakdown, which can be kept as CSV. */
export function details(kind, context) {
  const body = h('div', {}, h('p', {class: 'empty'}, 'Loading…'));
  const {name_all: all, name_one: one} = breakdownOf(kind);
  const box = dialog(`${all ?? `${one.replace(/y$/, 'ie')}s`}, ${context.periodName()}`, body);
  fill(body, breakdownOf(kind), kind, context);
  return box;
}

async function fill(body, breakdown, kind, context) {
  const name = (row) => breakdown.label?.(row) ?? breakdown.show(row.value, '');
  const named = ([value, called, ...figures]) => (breakdown.label ? [value, called, ...figures] : [value, ...figures]);
  const choice = (row) =>
    h(
      'button',
      {
        class: 'link',
        type: 'button',
        title: breakdown.title?.(row) ?? row.value ?? '',
        'aria-description': 'Filter by it',
        onclick: () => context.filter(breakdown.filter, row.value),
      },
      name(row),
    );
  try {
    const all = await ranked(kind, {...context.question(), limit: 1000});
    if (kind === 'items') learn(all);
    const head = [breakdown.name_one, ...breakdown.columns.map(([name]) => name)];
    body.replaceChildren(
      h(
        'button',
        {
          class: 'button',
          type: 'button',
          onclick: () =>
            download(
              `${kind}.csv`,
              csv([
                named([head[0], 'Name', ...head.slice(1)]),
                ...all.map((row) => named([row.value, row.name, ...breakdown.columns.map(([, of]) => of(row))])),
              ]),
            ),
        },
        icon(ICONS.download),
        'CSV',
      ),
      table(
        breakdown.name_one,
        head,
        all.map((row) => [
          filters(breakdown, row) ? choice(row) : name(row),
          ...breakdown.columns.map(([, of, show]) => show(of(row))),
        ]),
        'tall',
      ),
      breakdown.note ? h('p', {class: 'muted'}, breakdown.note) : '',
    );
  } catch (failure) {
    body.replaceChildren(h('p', {class: 'notice', role: 'alert'}, failure.message));
  }
}
