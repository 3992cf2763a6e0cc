package io.onevault.tracking.event;

import java.time.Instant;
import java.util.List;

/**
 * All running totals of a day and tenant, to be written in place of all that were written before.
 * They are one element, so that nothing parts them: a count that a replay does not come to again is
 * told by its absence.
 *
 * @param entries of one day and tenant, at least one, each outcome and code once
 * @param runId the run that counts them
 * @param loadDate when the totals were reached, by the job's clock
 */
public record LedgerTotals(List<LedgerEntry> entries, String runId, Instant loadDate) {}
