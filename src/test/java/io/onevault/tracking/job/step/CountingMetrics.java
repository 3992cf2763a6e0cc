package io.onevault.tracking.job.step;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.metrics.groups.InternalOperatorMetricGroup;
import org.apache.flink.runtime.metrics.util.InterceptingOperatorMetricGroup;
import org.apache.flink.runtime.metrics.util.InterceptingTaskMetricGroup;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;

/** Keeps the counters of one operator in a harness, so that tests can read them. */
public final class CountingMetrics extends InterceptingTaskMetricGroup {

    private final Operator operator = new Operator();

    /** An environment for a harness whose operator counts here. */
    public MockEnvironment environment() {
        return new MockEnvironmentBuilder().setMetricGroup(this).build();
    }

    @Override
    public InternalOperatorMetricGroup getOrAddOperator(
            OperatorID id, String name, Map<String, String> variables) {
        return operator;
    }

    public long count(String name) {
        return ((Counter) operator.get(name)).getCount();
    }

    /** The count under a label. */
    public long count(String label, String value, String name) {
        return ((Counter) operator.labelled.get(label + '=' + value).get(name)).getCount();
    }

    /** Passes labelled groups, which Flink's own group drops. */
    private static final class Operator extends InterceptingOperatorMetricGroup {

        private final Map<String, InterceptingOperatorMetricGroup> labelled = new HashMap<>();

        @Override
        public MetricGroup addGroup(String label, String value) {
            return labelled.computeIfAbsent(
                    label + '=' + value, key -> new InterceptingOperatorMetricGroup());
        }

        @Override
        public Metric get(String name) {
            return super.get(name);
        }
    }
}
