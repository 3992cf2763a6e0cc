/** Asks the collector's reading doors, with the key of this tab. */

const KEY = 'onevault.dashboard.key';
const PASSWORD = 'onevault.dashboard.password';
const kept = storage();

/** This tab's, or, in a browser that lets no page keep anything, this page's. */
function storage() {
  try {
    return sessionStorage;
  } catch {
    const memory = new Map();
    return {
      getItem: (name) => memory.get(name) ?? null,
      setItem: (name, value) => memory.set(name, value),
      removeItem: (name) => memory.delete(name),
    };
  }
}

/** Why a question has no answer: the api's code and words, or that the collector is out of reach. */
export class Refusal extends Error {
  constructor(code, message, status) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Keeps the key, or a link's token, for this tab alone: a closed tab forgets it. */
export function signIn(key) {
  signOut();
  kept.setItem(KEY, key);
}

/** Keeps the password that the link asks for, as long. */
export function unlock(password) {
  kept.setItem(PASSWORD, password);
}

export function signOut() {
  kept.removeItem(KEY);
  kept.removeItem(PASSWORD);
}

/** The key that a link brings in its fragment, which no server sees; it is taken out of the address at once. */
export function brought() {
  const key = new URLSearchParams(location.hash.slice(1)).get('key');
  if (key) history.replaceState(history.state, '', location.pathname + location.search);
  return key;
}

export const signedIn = () => kept.getItem(KEY) !== null;

export const signedInBy = (key) => kept.getItem(KEY) === key;

/** Whether it is the token of a link, and no key. */
export const isLink = () => kept.getItem(KEY).startsWith('sl_');

/** The question's address; objects and arrays go as JSON. */
function address(door, options) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options)) {
    if (value === null || value === undefined) continue;
    query.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return `../read/${door}?${query}`;
}

/** What a header can carry. */
const TOKEN = /^[\x21-\x7e]+$/;

async function send(url, signal, accept, body = null) {
  const key = kept.getItem(KEY);
  if (!TOKEN.test(key)) throw new Refusal('UNAUTHENTICATED', 'This is no key: copy the whole of it.');
  const headers = {Authorization: `Bearer ${key}`, Accept: accept};
  const password = kept.getItem(PASSWORD);
  if (password !== null) headers['Link-Password'] = encodeURIComponent(password);
  const how = body === null ? {} : {method: 'POST', body: JSON.stringify(body)};
  if (body !== null) headers['Content-Type'] = 'application/json';
  try {
    return await fetch(url, {...how, headers, signal, credentials: 'omit', cache: 'no-store'});
  } catch (failure) {
    if (failure.name === 'AbortError') throw failure;
    throw new Refusal('UNREACHABLE', 'The collector does not answer. Is it running?');
  }
}

async function refusal(response) {
  return refused(await response.json().catch(() => ({})), response.status);
}

function refused({error_code, message}, status) {
  return new Refusal(error_code ?? `HTTP_${status}`, message ?? `The collector answered ${status}.`, status);
}

/** The `data` of an answer. */
export async function ask(door, options = {}, signal = undefined) {
  const response = await send(address(door, options), signal, 'application/json');
  if (!response.ok) throw await refusal(response);
  return (await response.json()).data;
}

/** Changes settings that all share who look at this tenant; gives them back as they are now. */
export async function change(what) {
  const response = await send('../write/settings', undefined, 'application/json', what);
  if (!response.ok) throw await refusal(response);
  return (await response.json()).data;
}

/**
 * Calls `take` with each answer that the collector pushes, until the signal ends it; a broken stream is opened again,
 * one whose question is refused is not.
 */
export async function follow(door, options, signal, take, fail) {
  while (!signal.aborted) {
    try {
      const response = await send(address(door, options), signal, 'text/event-stream');
      if (!response.ok) throw await refusal(response);
      await events(response.body, async (text) => {
        const answer = JSON.parse(text);
        if (!answer.success) throw refused(answer);
        await take(answer.data);
      });
    } catch (failure) {
      if (signal.aborted) return;
      fail(failure);
      if (failure.status >= 400 && failure.status < 500 && failure.status !== 429) return;
    }
    await new Promise((done) => setTimeout(done, 3000));
  }
}

/** Reads server-sent events; the browser's own reader can't send a key. */
async function events(body, take) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += part.value;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const data = text
        .slice(0, end)
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).trim());
      text = text.slice(end + 2);
      if (data.length > 0) await take(data.join('\n'));
    }
  }
}
