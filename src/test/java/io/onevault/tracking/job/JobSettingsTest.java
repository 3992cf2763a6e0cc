package io.onevault.tracking.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JobSettingsTest {

    private static final String SECRET = "5ec7e75ec7e75ec7e75ec7e75ec7e75e";
    private static final String PASSWORD = "unspeakable";

    @TempDir private Path folder;

    @Test
    void takesArgumentsBeforeEnvironmentBeforeFile() throws IOException {
        String file = file("kafka.topic=file", "kafka.group-id=file", "kafka.rejected-topic=file");
        Map<String, String> environment =
                environment(
                        "SITE_TRACKING_KAFKA_TOPIC", "environment",
                        "SITE_TRACKING_KAFKA_GROUP_ID", "environment");

        JobSettings settings =
                JobSettings.load(
                        new String[] {"--kafka.topic", "argument", "--config", file}, environment);

        assertThat(settings.get(JobOptions.KAFKA_TOPIC)).isEqualTo("argument");
        assertThat(settings.get(JobOptions.KAFKA_GROUP)).isEqualTo("environment");
        assertThat(settings.get(JobOptions.KAFKA_REJECTED_TOPIC)).isEqualTo("file");
    }

    @Test
    void takesDefaultsForWhatNobodyGives() {
        JobSettings settings = JobSettings.of(Settings.REQUIRED);

        assertThat(settings.get(JobOptions.SESSION_LATENESS)).isEqualTo(Duration.ofHours(3));
        assertThat(settings.get(JobOptions.PRIVACY_SALTS)).isEqualTo(SaltSource.RANDOM);
    }

    @Test
    void ignoresWhatElseIsInTheEnvironment() {
        Map<String, String> environment = environment("SITE_TRACKING_HOME", "x", "PATH", "y");

        JobSettings settings = JobSettings.load(new String[0], environment);

        assertThat(settings.get(JobOptions.KAFKA_TOPIC))
                .isEqualTo(JobOptions.KAFKA_TOPIC.defaultValue());
    }

    @Test
    void refusesAnUnknownKey() {
        assertThatThrownBy(() -> JobSettings.of(Settings.with("kafka.topics", "x")))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessage("--kafka.topics: no such option");
    }

    @Test
    void refusesAnUnknownKeyInTheFile() throws IOException {
        String file = file("load.batchsize=7");

        assertThatThrownBy(() -> JobSettings.load(new String[] {"--config", file}, environment()))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessage("--load.batchsize: no such option");
    }

    @ParameterizedTest
    @ValueSource(strings = {"kafka.bootstrap-servers", "database.url", "privacy.secret"})
    void refusesToStartWithout(String required) {
        Map<String, String> values = Settings.with();
        values.remove(required);

        assertThatThrownBy(() -> JobSettings.of(values))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageStartingWith("--" + required + ": required; ");
    }

    @ParameterizedTest
    @CsvSource({
        "session.lateness, soon, not a valid value",
        "session.lateness, 3 fortnights, not a valid value",
        "session.lateness, -1 s, not a valid value",
        "session.lateness, 0 s, must be longer than nothing",
        "load.batch-size, many, not a valid value",
        "load.batch-size, 0, must be at least 1",
        "privacy.salts, PEPPER, not a valid value",
        "privacy.secret, 0011223344556677, must be at least 32 hex digits",
        "privacy.secret, 00112233445566778899aabbccddeefg, must be at least 32 hex digits"
    })
    void refusesAValueWithoutSense(String key, String value, String error) {
        assertThatThrownBy(() -> JobSettings.of(Settings.with(key, value)))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessage("--" + key + ": " + error);
    }

    @Test
    void refusesARecordSourceThatDoesNotFitItsColumn() {
        assertThatThrownBy(() -> JobSettings.of(Settings.with("record-source", "x".repeat(101))))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessage("--record-source: must be at most 100 letters");
    }

    @Test
    void tellsAllErrorsAtOnce() {
        Map<String, String> values =
                Map.of("nonsense", "1", "load.retries", "0", "archive.ttl", "long");

        assertThatThrownBy(() -> JobSettings.of(values))
                .isInstanceOf(InvalidSettingsException.class)
                .message()
                .hasLineCount(6)
                .contains(
                        "--nonsense: ",
                        "--load.retries: ",
                        "--archive.ttl: ",
                        "--kafka.bootstrap-servers: ",
                        "--database.url: ",
                        "--privacy.secret: ");
    }

    @Test
    void namesTheFileThatIsMissing() {
        String file = folder.resolve("absent.properties").toString();

        assertThatThrownBy(() -> JobSettings.load(new String[] {"--config", file}, Map.of()))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContaining(file);
    }

    @Test
    void neverShowsSecrets() {
        String shown = JobSettings.of(secrets()).toString();

        assertThat(shown)
                .doesNotContain(SECRET, PASSWORD)
                .contains("privacy.secret=******", "database.password=******")
                .contains(JobSettings.keys());
    }

    @Test
    void neverTellsSecretsInErrors() {
        Map<String, String> values = secrets();
        values.put("privacy.secret", SECRET + "x");
        values.put("load.retries", "0");

        assertThatThrownBy(() -> JobSettings.of(values))
                .message()
                .contains("privacy.secret", "load.retries")
                .doesNotContain(SECRET, PASSWORD);
    }

    @Test
    void explainsEveryOption() {
        String help = JobSettings.help();

        assertThat(JobSettings.keys()).isNotEmpty();
        assertThat(JobOptions.ALL)
                .allSatisfy(
                        option ->
                                assertThat(help)
                                        .contains("--" + option.key())
                                        .contains(JobSettings.describe(option)));
        assertThat(help)
                .contains("--session.lateness  [3 h]", "SITE_TRACKING_SESSION_LATENESS")
                .doesNotContain("--database.password  [");
    }

    private static Map<String, String> secrets() {
        return Settings.with("privacy.secret", SECRET, "database.password", PASSWORD);
    }

    private static Map<String, String> environment(String... namesAndValues) {
        Map<String, String> environment = new HashMap<>();
        Settings.REQUIRED.forEach(
                (key, value) -> environment.put(JobSettings.environmentName(key), value));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            environment.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return environment;
    }

    private String file(String... lines) throws IOException {
        return Files.write(folder.resolve("job.properties"), java.util.List.of(lines)).toString();
    }
}
