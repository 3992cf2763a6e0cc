package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlinkClusterTest {

    private static final Map<String, String> OPTIONS =
            Map.of("parallelism.default", "1", "execution.checkpointing.interval", "200 ms");

    @TempDir Path folder;

    @Test
    void continuesFromTheSavepointOfACleanStop() throws Exception {
        Optional<Path> savepoint;
        try (FlinkCluster cluster = FlinkCluster.start(folder, 0, OPTIONS)) {
            RunningJob job = cluster.submit("count", FlinkClusterTest::counting);
            awaitCheckpoint(job);
            assertThat(Checkpoints.resumed(job)).isEmpty();

            savepoint = job.stop();
        }

        try (FlinkCluster cluster = FlinkCluster.start(folder, 0, OPTIONS)) {
            RunningJob job = cluster.submit("count", FlinkClusterTest::counting);
            awaitCheckpoint(job);

            assertThat(savepoint.orElseThrow().getParent()).isEqualTo(folder.resolve("savepoints"));
            assertThat(Checkpoints.resumed(job)).isEqualTo(savepoint);
        }
    }

    @Test
    void continuesFromTheNewestCheckpointOfAKilledRun() throws Exception {
        try (FlinkCluster cluster = FlinkCluster.start(folder, 0, OPTIONS)) {
            awaitCheckpoint(cluster.submit("count", FlinkClusterTest::counting));
        }
        Optional<Path> checkpoint = new ResumePoints(folder).newest();

        try (FlinkCluster cluster = FlinkCluster.start(folder, 0, OPTIONS)) {
            RunningJob job = cluster.submit("count", FlinkClusterTest::counting);
            awaitCheckpoint(job);

            assertThat(checkpoint.orElseThrow().getFileName().toString()).startsWith("chk-");
            assertThat(Checkpoints.resumed(job)).isEqualTo(checkpoint);
        }
    }

    @Test
    void tellsInOneLineWhyTheJobFailedForGood() throws Exception {
        Map<String, String> noRestart =
                Map.of("parallelism.default", "1", "restart-strategy.type", "none");
        try (FlinkCluster cluster = FlinkCluster.start(folder, 0, noRestart)) {
            RunningJob job = cluster.submit("fail", FlinkClusterTest::failing);

            assertThatThrownBy(() -> awaitCheckpoint(job))
                    .isInstanceOf(IOException.class)
                    .hasMessage("The job is FAILED: ArithmeticException: / by zero");
        }
    }

    private static void awaitCheckpoint(RunningJob job) throws IOException {
        while (!job.runs() || Checkpoints.completed(job) == 0) {
            LockSupport.parkNanos(50_000_000);
        }
    }

    private static void counting(StreamExecutionEnvironment environment) {
        generate(environment, 1);
    }

    private static void failing(StreamExecutionEnvironment environment) {
        generate(environment, 0);
    }

    private static void generate(StreamExecutionEnvironment environment, long divisor) {
        environment
                .fromSource(
                        new DataGeneratorSource<>(
                                index -> index / divisor,
                                Long.MAX_VALUE,
                                RateLimiterStrategy.perSecond(20),
                                Types.LONG),
                        WatermarkStrategy.noWatermarks(),
                        "numbers")
                .uid("numbers")
                .sinkTo(new DiscardingSink<>())
                .uid("discard");
    }
}
