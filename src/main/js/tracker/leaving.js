import {FIRST_PING, PING, onEnding, seconds, track, view} from './tracker.js';

/** Of which view so many seconds were told. */
let told;

/** A view that ends, or is hidden, tells the seconds since its last ping, or up to ten of them would be lost. */
export const leaving = () =>
  onEnding(() => {
    const seen = view.id + seconds;
    if (view.id && seconds && seconds % PING != FIRST_PING && seen != told) {
      told = seen;
      track('page_ping', {evt_action: 'leave', time_on_page: seconds * 1000});
    }
  });
