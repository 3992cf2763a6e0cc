/** Shows /openapi.json to people; it is the one description, and nothing here says more than it. */

import {h} from '../dashboard/dom.js';

const json = (value) => h('pre', {tabindex: '0'}, JSON.stringify(value, null, 2));

/** A schema by its name, with a link to it, or whole. */
function schema(value) {
  const name = /^#\/components\/schemas\/(\w+)$/.exec(value?.$ref ?? '')?.[1];
  return name ? h('a', {href: `#${name}`}, name) : h('code', {}, value?.type ?? 'any');
}

const contents = (content = {}) =>
  Object.entries(content).map(([type, media]) => h('span', {}, h('code', {}, type), ' ', schema(media.schema), ' '));

function list(title, rows) {
  if (rows.length === 0) return [];
  return [h('h3', {}, title), h('dl', {}, rows.flatMap(([name, ...what]) => [h('dt', {}, h('code', {}, name)), h('dd', {}, what)]))];
}

const resolved = (description, response) =>
  response.$ref ? response.$ref.slice(2).split('/').reduce((part, name) => part[name], description) : response;

function door(description, path, method, operation) {
  const keys = (operation.security ?? []).flatMap(Object.keys);
  return h(
    'details',
    {},
    h('summary', {}, h('code', {}, h('span', {class: 'method'}, method.toUpperCase()), path), ' ', h('span', {class: 'muted'}, operation.summary)),
    list('Key', keys.map((name) => [name, description.components.securitySchemes[name].description])),
    list('Parameters', (operation.parameters ?? []).map(({name, description: says, schema: of}) => [name, `${says} `, schema(of)])),
    operation.requestBody ? list('Body', [['body', `${operation.requestBody.description} `, ...contents(operation.requestBody.content)]]) : [],
    list(
      'Answers',
      Object.entries(operation.responses).map(([status, response]) => {
        const {description: says, content} = resolved(description, response);
        return [status, `${says} `, ...contents(content)];
      }),
    ),
  );
}

function draw(into, description) {
  const doors = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => door(description, path, method, operation)),
  );
  into.replaceChildren(
    h('h1', {}, description.info.title),
    h('p', {class: 'muted'}, `${description.info.description} For programs: `, h('a', {href: '../openapi.json'}, 'openapi.json')),
    h('h2', {}, 'Doors'),
    ...doors,
    h('h2', {}, 'Forms'),
    ...Object.entries(description.components.schemas).map(([name, form]) =>
      h('details', {id: name}, h('summary', {}, h('code', {}, name), ' ', h('span', {class: 'muted'}, form.description ?? '')), json(form)),
    ),
  );
  into.removeAttribute('aria-busy');
}

/** A link to a form opens it. */
function open() {
  const target = document.getElementById(location.hash.slice(1));
  if (target?.tagName === 'DETAILS') target.open = true;
}

const content = document.getElementById('content');
try {
  draw(content, await (await fetch('../openapi.json')).json());
  addEventListener('hashchange', open);
  open();
} catch (failure) {
  content.replaceChildren(h('p', {role: 'alert'}, `The description can't be read: ${failure.message}`));
}
