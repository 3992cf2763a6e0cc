package io.onevault.tracking.job.step;

/** Names of the job's metrics, documented in docs/pipeline.md; they never change. */
public final class Metrics {

    public static final String RECEIVED = "events_received_total";
    public static final String LOADED = "events_loaded_total";
    public static final String DUPLICATES = "events_duplicate_total";
    public static final String REJECTED = "events_rejected_total";
    public static final String ERASED = "events_erased_total";
    public static final String LATE = "events_late_total";

    /** Label of {@link #REJECTED}. */
    public static final String REASON = "reason";

    /** How old the subtask's knowledge of the tenants is; a gauge. */
    public static final String TENANTS_AGE_MILLIS = "tenants_age_millis";

    /** Records of unknown tenants that wait for the next reading; a gauge. */
    public static final String HELD = "events_held";

    public static final String BATCHES = "batches_total";
    public static final String BATCH_ROWS = "batch_rows_total";

    /** Time spent in writing batches, in milliseconds, summed. */
    public static final String BATCH_WRITE_MILLIS = "batch_write_millis_total";

    public static final String BATCH_RETRIES = "batch_retries_total";

    /** Elements that the database does not take for their data. */
    public static final String REFUSED = "elements_refused_total";

    /** Values that became {@code (other)}. */
    public static final String CAPPED = "values_capped_total";

    /** Label of {@link #CAPPED}. */
    public static final String KIND = "kind";

    private Metrics() {}
}
