import {listen, safely} from './safely.js';
import {optIn, optOut} from './tracker.js';

const WISHES = {'optout': optOut, 'optin': optIn};

/** By #onevault=optout behind any page people take their own visits out, by #onevault=optin back in. */
export const heedAddress = safely(() => WISHES[/\Wonevault=(opt\w+)/.exec(location.href)?.[1]]?.());

/** Before the start, for a page of whoever opted out has none; and after it, where nothing is stored that would hold it up. */
export const ownVisits = () => {
  heedAddress();
  listen('popstate hashchange', heedAddress);
};
