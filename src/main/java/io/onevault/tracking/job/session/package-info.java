/** Builds sessions: windows in event time on keyed state and timers, around the pure rules. */
package io.onevault.tracking.job.session;
