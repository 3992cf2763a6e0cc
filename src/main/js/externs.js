/**
 * @fileoverview Names that the compiler must not shorten: what goes over the wire, what a page says
 * to the tracker, and what browsers have that it does not know yet.
 * @externs
 */

/** @record */
function OnTheWire() {}
OnTheWire.prototype.click_x;
OnTheWire.prototype.click_y;
OnTheWire.prototype.cls;
OnTheWire.prototype.consent;
OnTheWire.prototype.dnt;
OnTheWire.prototype.element_class;
OnTheWire.prototype.element_id;
OnTheWire.prototype.element_text;
OnTheWire.prototype.event_id;
OnTheWire.prototype.event_timestamp;
OnTheWire.prototype.events;
OnTheWire.prototype.evt_action;
OnTheWire.prototype.evt_type;
OnTheWire.prototype.file_extension;
OnTheWire.prototype.form_action;
OnTheWire.prototype.form_name;
OnTheWire.prototype.gpc;
OnTheWire.prototype.inp;
OnTheWire.prototype.language;
OnTheWire.prototype.lcp;
OnTheWire.prototype.link_url;
OnTheWire.prototype.page_referrer;
OnTheWire.prototype.page_title;
OnTheWire.prototype.page_url;
OnTheWire.prototype.page_view_id;
OnTheWire.prototype.screen_resolution;
OnTheWire.prototype.scroll_depth;
OnTheWire.prototype.sent_at;
OnTheWire.prototype.sequence;
OnTheWire.prototype.time_on_page;
OnTheWire.prototype.timezone;
OnTheWire.prototype.ttfb;
OnTheWire.prototype.viewport_height;
OnTheWire.prototype.viewport_width;
OnTheWire.prototype.visitor_id;

/** @record */
function OfThePage() {}
OfThePage.prototype.capture;
OfThePage.prototype.endpoint;
OfThePage.prototype.hash;
OfThePage.prototype.key;
OfThePage.prototype.onevault;
OfThePage.prototype.q;

/** @record */
function OfTheBrowser() {}
OfTheBrowser.prototype.activationStart;
OfTheBrowser.prototype.doNotTrack;
OfTheBrowser.prototype.fetchLater;
OfTheBrowser.prototype.globalPrivacyControl;
OfTheBrowser.prototype.hadRecentInput;
OfTheBrowser.prototype.interactionCount;
OfTheBrowser.prototype.interactionId;
OfTheBrowser.prototype.locks;
OfTheBrowser.prototype.prerendering;
OfTheBrowser.prototype.supportedEntryTypes;

/** Of the window, whose name would cost bytes. */
var addEventListener;
var localStorage;
