package io.onevault.tracking.job.admit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Map;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.operators.StreamingRuntimeContext;
import org.junit.jupiter.api.Test;

/** On a JobManager of Flink's. */
class SaltMemoryTest {

    private static final String TOLD = "told";
    private static final LocalDate DAY = LocalDate.of(2026, 11, 20);

    /** Remembers a salt and fails; tells what is remembered when it runs again. */
    private static final class FailsOnce extends RichMapFunction<Integer, Integer> {

        private static final long serialVersionUID = 1;

        @Override
        public Integer map(Integer first) throws IOException {
            var context = (StreamingRuntimeContext) getRuntimeContext();
            SaltMemory memory = new SaltMemory(context.getGlobalAggregateManager());
            if (context.getTaskInfo().getAttemptNumber() == 0) {
                memory.remember(Map.of(DAY, new byte[] {first.byteValue()}));
                throw new IllegalStateException("as after a crash of the database");
            }
            int told = memory.remember(Map.of(DAY, new byte[] {99})).get(DAY)[0];
            getRuntimeContext().getIntCounter(TOLD).add(told);
            return told;
        }
    }

    @Test
    void outlivesARestartOfTheTasks() throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ZERO);
        var env = StreamExecutionEnvironment.createLocalEnvironment(1, configuration);

        env.fromData(7).map(new FailsOnce()).sinkTo(new DiscardingSink<>());
        JobExecutionResult result = env.execute();

        assertThat(result.<Integer>getAccumulatorResult(TOLD)).isEqualTo(7);
    }
}
