package io.onevault.tracking.job.load;

import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.ValueKind;
import io.onevault.tracking.job.step.Metrics;
import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** Counts what became of the events that came to {@link LoadEvents}. */
final class LoadCounters {

    private final Counter loaded;
    private final Counter duplicates;
    private final Counter erased;
    private final Counter rejected;
    private final Map<ValueKind, Counter> capped = new EnumMap<>(ValueKind.class);

    LoadCounters(MetricGroup metrics) {
        loaded = metrics.counter(Metrics.LOADED);
        duplicates = metrics.counter(Metrics.DUPLICATES);
        erased = metrics.counter(Metrics.ERASED);
        rejected =
                metrics.addGroup(Metrics.REASON, RejectReason.DATABASE_REFUSED.name())
                        .counter(Metrics.REJECTED);
        for (ValueKind kind : ValueKind.values()) {
            capped.put(kind, metrics.addGroup(Metrics.KIND, kind.id()).counter(Metrics.CAPPED));
        }
    }

    void loaded() {
        loaded.inc();
    }

    void duplicate() {
        duplicates.inc();
    }

    void erased() {
        erased.inc();
    }

    void rejected() {
        rejected.inc();
    }

    void capped(Map<ValueKind, Integer> replaced) {
        replaced.forEach((kind, values) -> capped.get(kind).inc(values));
    }
}
