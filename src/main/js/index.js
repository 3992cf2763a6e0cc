/** On a server, where there is no page, calls do nothing. */
if (typeof document !== 'undefined') {
  await import('./tracker.js');
}

export const onevault = (...call) => globalThis.onevault?.(...call);

export default onevault;
