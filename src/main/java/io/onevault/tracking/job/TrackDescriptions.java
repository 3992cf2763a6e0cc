package io.onevault.tracking.job;

import io.onevault.tracking.state.DescribedState;
import io.onevault.tracking.vault.Description;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

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
        boolean same = known != null && known.values().equals(description.values());
        boolean behind = known != null && description.loadDate().isBefore(known.loadDate());
        if (!behind) {
            latest.update(new DescribedState(description.loadDate(), description.values()));
        }
        if (same) {
            return;
        }
        out.collect(description);
        if (behind) {
            out.collect(
                    new Description(
                            description.kind(),
                            description.tenantHk(),
                            description.bk(),
                            known.loadDate(),
                            known.values()));
        }
    }
}
