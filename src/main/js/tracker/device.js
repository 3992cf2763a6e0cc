import {dnt, gpc, useFetchLater} from './queue.js';
import {describe, grant, members, options} from './tracker.js';

/** What the page views tell of the device, and what only some browsers and sites have. */
export const device = () => {
  describe('page_view', {
    language: navigator.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    screen_resolution: screen.width + 'x' + screen.height,
    viewport_width: window.innerWidth,
    viewport_height: window.innerHeight,
  });
  if (options.consent == 'granted' && !members.consent && !gpc && !dnt) {
    grant(); // A site that need not ask, and a visitor who said nothing against it.
  }
  useFetchLater();
};
