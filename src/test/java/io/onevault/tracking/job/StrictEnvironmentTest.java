package io.onevault.tracking.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.job.settings.InvalidSettingsException;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The job is not defined where it could not keep its promises. */
final class StrictEnvironmentTest {

    private static final String INTERVAL = "execution.checkpointing.interval";

    @Test
    void definesTheJobWithTheConfigurationThatIsShipped() {
        Configuration shipped = GlobalConfiguration.loadConfiguration("flink-conf");

        assertThatCode(() -> define(shipped)).doesNotThrowAnyException();
    }

    @Test
    void refusesToStartWithoutCheckpoints() {
        assertThatThrownBy(() -> define(new Configuration()))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageStartingWith(INTERVAL + ": required, such as 10 s");
    }

    @ParameterizedTest
    @CsvSource({
        "execution.checkpointing.unaligned.enabled, true, must be false",
        "execution.checkpointing.mode, AT_LEAST_ONCE, must be EXACTLY_ONCE",
        "parallelism.default, 129, at most 128"
    })
    void refusesToStartWith(String key, String value, String error) {
        Configuration configuration = Configuration.fromMap(Map.of(INTERVAL, "10 s", key, value));

        assertThatThrownBy(() -> define(configuration))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageStartingWith(key + ": " + error);
    }

    @Test
    void startsAtTheGreatestParallelism() {
        Configuration configuration =
                Configuration.fromMap(Map.of(INTERVAL, "10 s", "parallelism.default", "128"));

        assertThatCode(() -> define(configuration)).doesNotThrowAnyException();
    }

    @Test
    void tellsAllThatIsWrongAtOnce() {
        Configuration configuration =
                Configuration.fromMap(
                        Map.of(
                                "execution.checkpointing.unaligned.enabled", "true",
                                "parallelism.default", "200"));

        assertThatThrownBy(() -> define(configuration)).message().hasLineCount(3);
    }

    /** As {@code flink run} and the JobManager do: what counts is the file beside them. */
    @Test
    void readsTheIntervalOfTheClientsOwnConfiguration(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("config.yaml"), "execution.checkpointing.interval: 7 s\n");

        StreamExecutionEnvironment env =
                define(GlobalConfiguration.loadConfiguration(folder.toString()));

        assertThat(env.getStreamGraph(false).getJobGraph().getCheckpointingSettings())
                .extracting(
                        settings ->
                                settings.getCheckpointCoordinatorConfiguration()
                                        .getCheckpointInterval())
                .isEqualTo(7_000L);
    }

    private static StreamExecutionEnvironment define(Configuration configuration) {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        SiteTrackingJob.define(env, JobSettings.of(Settings.REQUIRED));
        return env;
    }
}
