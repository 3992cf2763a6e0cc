/** Makes a function that never throws: what goes wrong in here is no matter of the page. */
export const safely =
  (action) =>
  (...args) => {
    try {
      return action(...args);
    } catch {
      // Nobody to tell: the console is the page's.
    }
  };

/** Listens to all of the page before its own listeners, whatever they stop. */
export const listen = (types, action) => types.split(' ').forEach((type) => addEventListener(type, safely(action), true));

/** An id that comes once in the world; `randomUUID` is missing on pages without TLS. */
export const newId = () => crypto.getRandomValues(new Uint32Array(4)).join('-');
