package io.onevault.tracking.job.step;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSink;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;

/**
 * The steps of the data flow. A step's id is its operator's name, uid and metric scope; it binds
 * the operator to its state in savepoints and never changes. See docs/pipeline.md.
 */
public enum Step {
    TRACKER_EVENTS("tracker-events"),
    KEEP_TIME("keep-time"),
    ADMIT("admit"),
    ARCHIVE("archive"),
    ENRICH("enrich"),
    BATCH_EVENTS("batch-events"),
    LOAD_EVENTS("load-events"),
    FIND_DESCRIPTIONS("find-descriptions"),
    TRACK_DESCRIPTIONS("track-descriptions"),
    BATCH_DESCRIPTIONS("batch-descriptions"),
    LOAD_DESCRIPTIONS("load-descriptions"),
    SELECT_SESSION_EVENTS("select-session-events"),
    COUNT_TRANSACTIONS("count-transactions"),
    BUILD_SESSIONS("build-sessions"),
    RECORD_LATE_EVENTS("record-late-events"),
    BATCH_LATE_EVENTS("batch-late-events"),
    LOAD_LATE_EVENTS("load-late-events"),
    BATCH_SESSIONS("batch-sessions"),
    LOAD_SESSIONS("load-sessions"),
    PUBLISH_REJECTED("publish-rejected"),
    SELECT_REJECTED_OF_TENANTS("select-rejected-of-tenants"),
    BATCH_REJECTED("batch-rejected"),
    LOAD_REJECTED("load-rejected"),
    COUNT_ADMITTED("count-admitted"),
    COUNT_ARCHIVED("count-archived"),
    COUNT_LOADED("count-loaded"),
    COUNT_LATE("count-late"),
    TALLY("tally"),
    BATCH_LEDGER("batch-ledger"),
    LOAD_LEDGER("load-ledger");

    /** Also the greatest parallelism; changing it would lose keyed state. */
    public static final int MAX_PARALLELISM = 128;

    private final String id;

    Step(String id) {
        this.id = id;
    }

    /** The step that collects the micro-batches of a loading one. */
    public Step batches() {
        return valueOf(name().replace("LOAD_", "BATCH_"));
    }

    public String id() {
        return id;
    }

    /** Adds the operator that carries out this step. */
    public <T, R> SingleOutputStreamOperator<R> transform(
            DataStream<T> stream, TypeInformation<R> type, OneInputStreamOperator<T, R> operator) {
        return of(stream.transform(id, type, operator));
    }

    /** Names the operator that carries out this step. */
    public <T> SingleOutputStreamOperator<T> of(SingleOutputStreamOperator<T> operator) {
        return operator.name(id).uid(id);
    }

    /** Names the sink that carries out this step. */
    public <T> DataStreamSink<T> of(DataStreamSink<T> sink) {
        return sink.name(id).uid(id);
    }
}
