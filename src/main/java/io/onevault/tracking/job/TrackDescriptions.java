package io.onevault.tracking.job;

import io.onevault.tracking.state.DescribedState;
import io.onevault.tracking.vault.Description;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Lets descriptions pass that are news. One subtask sees all descriptions of a thing, so parallel
 * loaders never judge the same one. What arrives behind a later description does not hide it: both
 * are emitted, and the current version is always the one of the greatest load date.
 */
final class TrackDescriptions extends KeyedProcessFunction<String, Description, Description> {

    private static final long serialVersionUID = 1;

    // -- configuration
    private final Duration ttl;

    // -- runtime
    private transient ValueState<DescribedState> latest;

    /**
     * @param ttl how long a description is remembered; after that the database decides what is new
     */
    TrackDescriptions(Duration ttl) {
        this.ttl = ttl;
    }

    @Override
    public void open(OpenContext context) {
        var descriptor =
                new ValueStateDescriptor<>(
                        "latest-description", TypeInformation.of(DescribedState.class));
        descriptor.enableTimeToLive(
                StateTtlConfig.newBuilder(ttl)
                        .cleanupInRocksdbCompactFilter(1_000)
                        .cleanupIncrementally(5, false)
                        .build());
        latest = getRuntimeContext().getState(descriptor);
    }

    @Override
    public void processElement(Description description, Context context, Collector<Description> out)
            throws Exception {
        DescribedState known = latest.value();
        Instant loadDate = loadDate(description, known);
        boolean same = known != null && known.values().equals(description.values());
        boolean behind = known != null && loadDate.isBefore(known.loadDate());
        if (!behind) {
            latest.update(new DescribedState(loadDate, description.values()));
        }
        if (same) {
            return;
        }
        out.collect(at(loadDate, description, description.values()));
        if (behind) {
            out.collect(at(known.loadDate(), description, known.values()));
        }
    }

    /**
     * Within a millisecond, which is what Kafka tells, the order is that of arrival: a later
     * description comes a microsecond after the one before it.
     */
    private static Instant loadDate(Description description, @Nullable DescribedState known) {
        Instant loadDate = description.loadDate();
        boolean after = known == null || loadDate.isAfter(known.loadDate());
        return after || loadDate.plusMillis(1).isBefore(known.loadDate())
                ? loadDate
                : known.loadDate().plus(1, ChronoUnit.MICROS);
    }

    private static Description at(
            Instant loadDate, Description described, List<@Nullable String> values) {
        return new Description(
                described.kind(), described.tenantHk(), described.bk(), loadDate, values);
    }
}
