package io.onevault.tracking.job.admit;

import java.io.IOException;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.runtime.taskexecutor.GlobalAggregateManager;
import org.apache.flink.util.InstantiationUtil;

/** Keeps aggregates as a JobManager does, and sends everything there and back. */
final class RememberingJobManager implements GlobalAggregateManager {

    private final Map<String, Object> accumulators = new HashMap<>();

    @Override
    @SuppressWarnings("unchecked")
    public synchronized <IN, ACC, OUT> OUT updateGlobalAggregate(
            String name, Object value, AggregateFunction<IN, ACC, OUT> function)
            throws IOException {
        var there = sent(function);
        ACC known = (ACC) accumulators.get(name);
        ACC updated =
                there.add(
                        (IN) sent((Serializable) value),
                        known == null ? there.createAccumulator() : known);
        accumulators.put(name, updated);
        return (OUT) sent((Serializable) there.getResult(updated));
    }

    private static <T extends Serializable> T sent(T value) throws IOException {
        try {
            return InstantiationUtil.clone(value);
        } catch (ClassNotFoundException e) {
            throw new IOException(e);
        }
    }
}
