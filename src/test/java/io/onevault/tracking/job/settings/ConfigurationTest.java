package io.onevault.tracking.job.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.junit.jupiter.api.Test;

/** The files of flink-conf say what the job means. */
final class ConfigurationTest {

    private static final Path FOLDER = Path.of("flink-conf");
    private static final Pattern COMMENTED_OUT = Pattern.compile("(?m)^# ([a-z.-]+)=$");

    private final Configuration cluster = GlobalConfiguration.loadConfiguration(FOLDER.toString());

    @Test
    void keepsTheClusterStrict() {
        assertThat(cluster.get(PipelineOptions.GENERIC_TYPES)).isFalse();
        assertThat(cluster.get(PipelineOptions.AUTO_GENERATE_UIDS)).isFalse();
        assertThat(cluster.get(PipelineOptions.OBJECT_REUSE)).isTrue();
    }

    @Test
    void keepsStateOnDiskAndCheckpointsForLater() {
        assertThat(cluster.get(StateBackendOptions.STATE_BACKEND)).isEqualTo("rocksdb");
        assertThat(cluster.get(CheckpointingOptions.INCREMENTAL_CHECKPOINTS)).isTrue();
        assertThat(cluster.get(CheckpointingOptions.CHECKPOINTING_INTERVAL))
                .isEqualTo(Duration.ofSeconds(10));
        assertThat(cluster.get(CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION))
                .isEqualTo(ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        assertThat(cluster.get(CheckpointingOptions.CHECKPOINTS_DIRECTORY)).startsWith("file:///");
        assertThat(cluster.get(CheckpointingOptions.SAVEPOINT_DIRECTORY)).startsWith("file:///");
    }

    @Test
    void neverGivesUp() {
        assertThat(cluster.get(RestartStrategyOptions.RESTART_STRATEGY))
                .isEqualTo("exponential-delay");
        assertThat(cluster.get(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS))
                .isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void opensWhatBuildingTheJobReflectsOn() {
        assertThat(cluster.getString("env.java.opts.all", ""))
                .contains("--add-opens=java.base/java.util=ALL-UNNAMED")
                .doesNotContain("\n");
    }

    @Test
    void givesAReasonForEveryLine() throws IOException {
        List<String> lines = Files.readAllLines(FOLDER.resolve("config.yaml"));
        boolean explained = false;
        for (String line : lines) {
            boolean comment = line.startsWith("#");
            assertThat(line.isBlank() || comment || explained).as(line).isTrue();
            explained = !line.isBlank() && (comment || explained);
        }
    }

    @Test
    void refersToEveryOptionWithItsDefault() throws IOException {
        Map<String, String> reference = properties("job.reference.properties");
        Map<String, String> required = commentedOut("job.reference.properties");
        Map<String, String> all = new HashMap<>(reference);
        all.putAll(required);

        assertThat(all).containsOnlyKeys(JobSettings.keys());
        assertThat(required).containsOnlyKeys(Settings.REQUIRED.keySet());
        JobSettings given = JobSettings.of(Settings.with(flat(reference)));
        for (ConfigOption<?> option : JobOptions.ALL) {
            if (reference.containsKey(option.key())) {
                assertThat((Object) given.get(option))
                        .as(option.key())
                        .isEqualTo(option.defaultValue());
            }
        }
    }

    @Test
    void explainsEveryOptionInAParagraph() throws IOException {
        String text = Files.readString(FOLDER.resolve("job.reference.properties"));

        assertThat(text.strip().split("\n\n"))
                .hasSize(1 + JobOptions.ALL.size())
                .allSatisfy(paragraph -> assertThat(paragraph).startsWith("# ").contains(".\n"));
    }

    @Test
    void startsWithTheMinimalFile() {
        String file = FOLDER.resolve("job.minimal.properties").toString();

        JobSettings settings = JobSettings.load(new String[] {"--config", file}, Map.of());

        assertThat(settings.get(JobOptions.KAFKA_SERVERS)).isEqualTo("kafka.example.com:9092");
    }

    private static Map<String, String> properties(String name) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(FOLDER.resolve(name))) {
            properties.load(reader);
        }
        return properties.stringPropertyNames().stream()
                .collect(Collectors.toMap(key -> key, properties::getProperty));
    }

    private static Map<String, String> commentedOut(String name) throws IOException {
        Map<String, String> keys = new HashMap<>();
        Matcher line = COMMENTED_OUT.matcher(Files.readString(FOLDER.resolve(name)));
        while (line.find()) {
            keys.put(line.group(1), "");
        }
        return keys;
    }

    private static String[] flat(Map<String, String> values) {
        return values.entrySet().stream()
                .flatMap(entry -> List.of(entry.getKey(), entry.getValue()).stream())
                .toArray(String[]::new);
    }
}
