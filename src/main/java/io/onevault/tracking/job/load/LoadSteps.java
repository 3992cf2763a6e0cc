package io.onevault.tracking.job.load;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.step.Step;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.java.typeutils.ListTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;

/** The steps that collect elements into micro-batches and load these. */
public record LoadSteps(JobSettings settings) {

    /** Loads events; those that were written go on. */
    public SingleOutputStreamOperator<EnrichedEvent> load(
            DataStream<EnrichedEvent> enriched,
            OneInputStreamOperator<List<EnrichedEvent>, EnrichedEvent> loader) {
        return Step.LOAD_EVENTS.transform(
                batches(enriched, EnrichedEvent.class, Step.LOAD_EVENTS),
                TypeInformation.of(EnrichedEvent.class),
                loader);
    }

    /** Loads what ends with being written. */
    public <T> void load(DataStream<T> elements, Class<T> type, Step load, Sink<List<T>> loader) {
        load.of(batches(elements, type, load).sinkTo(loader));
    }

    private <T> SingleOutputStreamOperator<List<T>> batches(
            DataStream<T> elements, Class<T> type, Step load) {
        var operator =
                new MicroBatch<T>(
                        settings.get(JobOptions.BATCH_SIZE),
                        settings.get(JobOptions.BATCH_AGE),
                        heartbeat(load));
        return load.batches().transform(elements, new ListTypeInfo<>(type), operator);
    }

    /** The sign of life of late events is that of load-sessions, whose loader they share. */
    private Duration heartbeat(Step load) {
        return load == Step.LOAD_LATE_EVENTS ? Duration.ZERO : settings.get(JobOptions.HEARTBEAT);
    }
}
