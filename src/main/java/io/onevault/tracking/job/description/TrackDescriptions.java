package io.onevault.tracking.job.description;

import io.onevault.tracking.job.step.Expiry;
import io.onevault.tracking.state.DescribedState;
import io.onevault.tracking.vault.Description;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Lets descriptions pass that are news. One subtask sees all descriptions of a thing, so parallel
 * loaders never judge the same one. What arrives behind the description of a later event does not
 * hide it: both are emitted, as the later one may have been no news until then. So the current
 * version is what the latest event said, in whichever order they arrive.
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
        descriptor.enableTimeToLive(Expiry.after(ttl));
        latest = getRuntimeContext().getState(descriptor);
    }

    @Override
    public void processElement(Description description, Context context, Collector<Description> out)
            throws Exception {
        if (description.isForgotten()) {
            // What the visitor has come with since is told again when it comes again.
            latest.clear();
            return;
        }
        DescribedState known = latest.value();
        boolean same = known != null && known.values().equals(description.values());
        boolean behind = known != null && isBehind(description, known);
        if (!behind) {
            latest.update(
                    new DescribedState(
                            description.loadDate(),
                            description.values(),
                            description.occurredAt()));
        }
        if (same) {
            return;
        }
        out.collect(description);
        if (behind) {
            out.collect(again(known, description));
        }
    }

    /** By the order of versions: event time, then load date. */
    private static boolean isBehind(Description description, DescribedState known) {
        int order = description.occurredAt().compareTo(known.occurredAt());
        return order < 0 || order == 0 && description.loadDate().isBefore(known.loadDate());
    }

    private static Description again(DescribedState known, Description behind) {
        return new Description(
                behind.kind(),
                behind.tenantHk(),
                behind.bk(),
                known.occurredAt(),
                known.loadDate(),
                known.values(),
                behind.repeated());
    }
}
