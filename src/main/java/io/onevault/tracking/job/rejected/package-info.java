/** Keeps what was rejected: in a topic of its own, and in the raw layer. */
package io.onevault.tracking.job.rejected;
