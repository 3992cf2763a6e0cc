/**
 * Pure look-ups that enrich an event: user agent, page URL, campaign, referrer, channel, and what
 * keeps personal data out. Rules and reference lists: docs/enrichment.md.
 */
package io.onevault.tracking.enrich;
