/** Writes micro-batches to the vault, each in one transaction. */
package io.onevault.tracking.job.load;
