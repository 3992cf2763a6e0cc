package io.onevault.tracking.event;

import java.time.Instant;

/**
 * A running total of the ledger, to be written over the previous one.
 *
 * @param runId the job run that began to count this total
 * @param loadDate when the total was reached, by the job's clock
 */
public record LedgerTotal(LedgerEntry entry, String runId, Instant loadDate) {}
