import {listen, safely} from './safely.js';
import {describe, onEnding, track, wants} from './tracker.js';

const DOWNLOAD = /\.(pdf|docx?|xlsx?|pptx?|od[tsp]|rtf|csv|txt|epub|zip|rar|7z|gz|tar|exe|dmg|pkg|msi|apk|iso|mp[34]|m4[av]|wav|ogg|mov|avi|webm)$/i;
const TEXT_CHARS = 100;

/** What cutting may leave of a character of two units. */
const HALF = /[\uD800-\uDBFF]$/;

const DATA_TRACK = 'data-track-';

/** Clicks, forms and scrolling, as far as the site wants them. */
export const autocapture = () => {
  listen('click auxclick', click);
  if (wants('forms')) {
    listen('submit', submit);
  }
  if (wants('scroll')) {
    listen('scroll', scroll);
    onEnding(tellDepth);
  }
};

/** The innermost element of this kind that the event met, also within components of the page. */
const find = (event, selector) => event.composedPath().find((node) => node.matches && node.matches(selector));

/** The address that an attribute means; undefined where it means none. */
const urlOf = safely((text) => new URL(text, document.baseURI));

/** An address without its query, which may say who the visitor is. */
const plain = (url) => url && url.origin + url.pathname;

/** When the last click was told: one on a label is followed by the browser's own, of the same time, on what it labels. */
let clickedAt;

const click = (event) => {
  if (event.button > 1) {
    return; // A menu opens, nothing else.
  }
  const link = find(event, 'a[href], area[href]');
  const url = link && urlOf(link.getAttribute('href'));
  const isWeb = url && url.protocol.startsWith('http');
  const target = isWeb ? {link_url: plain(url)} : {};
  const tracked = find(event, '[data-track]');
  const [, extension] = (isWeb && DOWNLOAD.exec(url.pathname)) || [];
  if (tracked) {
    event.timeStamp == clickedAt || trackElement(tracked, event, target);
    clickedAt = event.timeStamp;
  } else if (isWeb && wants('downloads') && (extension || link.hasAttribute('download'))) {
    track('file_download', {...target, file_extension: extension});
  } else if (isWeb && wants('outbound') && url.host != location.host) {
    track('outbound_click', target);
  }
};

const trackElement = (element, event, target) => {
  const params = {
    ...target,
    element_id: element.getAttribute('id'),
    element_class: element.getAttribute('class'),
    element_text: element.isContentEditable || element.querySelector('[contenteditable]') ? undefined : element.textContent.replace(/\s+/g, ' ').trim().slice(0, TEXT_CHARS).replace(HALF, ''),
    click_x: event.pageX,
    click_y: event.pageY,
  };
  for (const {name, value} of element.attributes) {
    if (name.startsWith(DATA_TRACK)) {
      params[name.slice(DATA_TRACK.length).replaceAll('-', '_')] = value;
    }
  }
  track(element.getAttribute('data-track') || 'click', params);
};

/** What the form is; never what is in it. */
const submit = (event) => {
  const [form] = event.composedPath();
  track('form_submit', {
    element_id: form.getAttribute('id'),
    form_name: form.getAttribute('name'),
    form_action: plain(urlOf(form.getAttribute('action') || '')),
  });
};

/** How far this view was scrolled, in percent; undefined before it was. */
let deepest;
let isUntold;

const scroll = (event) => {
  if (event.target != document) {
    return; // A part of the page that scrolls by itself.
  }
  const depth = Math.round((100 * (window.scrollY + window.innerHeight)) / document.documentElement.scrollHeight);
  if (!(depth <= deepest)) {
    deepest = Math.min(100, depth);
    isUntold = true;
    describe('page_ping', {scroll_depth: deepest});
  }
};

const tellDepth = (isHidden) => {
  if (isUntold) {
    track('scroll', {scroll_depth: deepest});
    isUntold = false;
  }
  if (!isHidden) {
    deepest = undefined;
    describe('page_ping');
  }
};
