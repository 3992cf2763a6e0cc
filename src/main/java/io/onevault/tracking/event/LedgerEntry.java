package io.onevault.tracking.event;

import org.jspecify.annotations.Nullable;

/**
 * One event's outcome, or a count of such, for the ledger that must balance: received = loaded +
 * duplicates + rejected + late.
 *
 * @param day epoch day, UTC, of the record's append time
 * @param tenantHk lower-case hex; 64 zeros where the tenant is unknown
 * @param code the reject reason; {@link #RECOVERED}; else empty
 * @param count how many events
 */
public record LedgerEntry(long day, String tenantHk, Outcome outcome, String code, long count) {

    /** Code of received records that were received and rejected before. */
    public static final String RECOVERED = "RECOVERED";

    private static final long SECONDS_A_DAY = 86_400;
    private static final String NO_TENANT = "0".repeat(64);

    /** What became of an event; stored by name. */
    public enum Outcome {
        /** Read from Kafka. */
        RECEIVED,
        /** Admitted, new and loaded; those that are also LATE are in no session. */
        ACCEPTED,
        /** Known already, dropped. */
        DUPLICATE,
        /** Refused with a reason. */
        REJECTED,
        /** Accepted, but too late for its session. */
        LATE
    }

    public static LedgerEntry of(
            SourcePosition position, @Nullable String tenantHk, Outcome outcome, String code) {
        long day = Math.floorDiv(position.appendedAt().getEpochSecond(), SECONDS_A_DAY);
        return new LedgerEntry(day, tenantHk == null ? NO_TENANT : tenantHk, outcome, code, 1);
    }

    /** A record that was read; one that was submitted again is told by its code. */
    public static LedgerEntry received(SourcePosition position, @Nullable String tenantHk) {
        String code = position.recovered() == null ? "" : RECOVERED;
        return of(position, tenantHk, Outcome.RECEIVED, code);
    }

    /**
     * No record of the day without a tenant. Whether a record's tenant is known may differ when it
     * is read again after a failure; this has the totals of those without one told again on each
     * day that is read.
     */
    public static LedgerEntry noneWithoutTenant(long day) {
        return new LedgerEntry(day, NO_TENANT, Outcome.RECEIVED, "", 0);
    }

    /** What balances: the entries of a tenant and day. */
    public String key() {
        return tenantHk + '|' + day;
    }

    /** Whether both count the same, given the same {@link #key}. */
    public boolean isOfSame(LedgerEntry other) {
        return outcome == other.outcome && code.equals(other.code);
    }

    public LedgerEntry plus(long more) {
        return new LedgerEntry(day, tenantHk, outcome, code, count + more);
    }
}
