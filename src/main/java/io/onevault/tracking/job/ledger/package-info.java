/** Accounts for every event by day and tenant. */
package io.onevault.tracking.job.ledger;
