import './tracker.js';

/** On a server, where there is no page, calls do nothing. */
export const onevault = (...call) => globalThis.onevault?.(...call);

export default onevault;
