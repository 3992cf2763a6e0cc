package io.onevault.tracking.state;

/**
 * A running total of the ledger.
 *
 * @param runId the job run that began to count
 */
public record TallyState(String runId, long count) {}
