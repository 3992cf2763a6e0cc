import {dnt, gpc, useFetchLater} from './queue.js';
import {forget, visitor} from './storage.js';
import {decide, describe, grant, members, options} from './tracker.js';

/** What the page views tell of the device, and what only some browsers and sites have. */
export const device = () => {
  describe('page_view', {
    language: navigator.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    screen_resolution: screen.width + 'x' + screen.height,
    get viewport_width() {
      return window.innerWidth;
    },
    get viewport_height() {
      return window.innerHeight;
    },
  });
  if (options.consent == 'granted') {
    // A site that need not ask, and a visitor who says nothing against it, or does so since.
    if (!gpc() && !dnt()) {
      members.consent || grant();
    } else if (visitor) {
      forget();
      decide();
    }
  }
  useFetchLater();
};
