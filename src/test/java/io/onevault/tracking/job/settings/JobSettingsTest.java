package io.onevault.tracking.job.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.access.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.client.program.ProgramParametrizationException;
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
                .hasMessage("kafka.topics: no such option");
    }

    @Test
    void isShownByFlinkWithoutAStackTrace() {
        assertThatThrownBy(() -> JobSettings.of(Map.of()))
                .isInstanceOf(ProgramParametrizationException.class);
    }

    @Test
    void refusesAnUnknownKeyInTheFile() throws IOException {
        String file = file("load.batchsize=7");

        assertThatThrownBy(() -> JobSettings.load(new String[] {"--config", file}, environment()))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessage("load.batchsize: no such option");
    }

    @ParameterizedTest
    @ValueSource(strings = {"kafka.bootstrap-servers", "database.url", "privacy.secret"})
    void refusesToStartWithout(String required) {
        Map<String, String> values = Settings.with();
        values.remove(required);

        assertThatThrownBy(() -> JobSettings.of(values))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageStartingWith(required + ": missing; ");
    }

    @ParameterizedTest
    @CsvSource({
        "session.lateness, soon, 'not a valid value: soon, a time is such as 20m'",
        "session.lateness, 3 fortnights, 'not a valid value: 3 fortnights, a time is such as 20m'",
        "session.lateness, -1 s, 'not a valid value: -1 s, a time is such as 20m'",
        "session.lateness, 0 s, must be longer than nothing",
        "load.batch-size, many, not a valid value: many",
        "load.batch-size, 0, must be at least 1",
        "privacy.salts, PEPPER, not a valid value: PEPPER"
    })
    void refusesAValueWithoutSense(String key, String value, String error) {
        assertThatThrownBy(() -> JobSettings.of(Settings.with(key, value)))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessage(key + ": " + error);
    }

    @Test
    void refusesARecordSourceThatDoesNotFitItsColumn() {
        assertThatThrownBy(() -> JobSettings.of(Settings.with("record-source", "x".repeat(101))))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessage("record-source: must be at most 100 letters");
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
                        "nonsense: ",
                        "load.retries: ",
                        "archive.ttl: ",
                        "kafka.bootstrap-servers: ",
                        "database.url: ",
                        "privacy.secret: ");
    }

    @Test
    void tellsOfUnknownArgumentsWithAllElse() {
        String[] arguments = {"--nonsense", "1", "--load.retries=0"};

        assertThatThrownBy(() -> JobSettings.load(arguments, environment()))
                .isInstanceOf(InvalidSettingsException.class)
                .message()
                .hasLineCount(2)
                .contains("nonsense: no such option", "load.retries: ");
    }

    @Test
    void refusesAnOptionWithoutAValue() {
        assertThatThrownBy(() -> JobSettings.load(new String[] {"--kafka.topic"}, environment()))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContaining("--kafka.topic");
    }

    @Test
    void namesTheFileThatIsMissing() {
        String file = folder.resolve("absent.properties").toString();

        assertThatThrownBy(() -> JobSettings.load(new String[] {"--config", file}, Map.of()))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContaining(file);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "database.password=unspeakable",
                "privacy.secret=5ec7e75ec7e75ec7e75ec7e75ec7e75e unspeakable",
                "database.url=jdbc:postgresql://db/one_vault?user=job&password=unspeakable",
                "database.url=jdbc:postgresql://job:unspeakable@db/one_vault",
                "database.url=jdbc:postgresql://db/one_vault?sslpassword=unspeakable",
                "kafka.property.ssl.key.password=unspeakable",
                "kafka.property.ssl.keystore.password=unspeakable",
                "kafka.property.ssl.keystore.key=-----BEGIN PRIVATE KEY----- unspeakable",
                "kafka.property.sasl.oauthbearer.client.credentials.client.secret=unspeakable",
                "kafka.property.handler.of.our.own.password=unspeakable",
                "kafka.property.sasl.jaas.config=module required username=\"a\" password=\"unspeakable\";",
                "kafka.property.sasl.jaas.config=module required password = unspeakable;",
                "kafka.property.sasl.jaas.config=module required clientSecret='unspeakable';",
                "kafka.property.sasl.jaas.config=module required \"password\"=\"unspeakable\";",
                "kafka.property.sasl.jaas.config=module required password /*x*/ = \"unspeakable\";",
                "kafka.property.sasl.jaas.config=module required oauth.access.token=\"unspeakable\";",
                "kafka.property.sasl.jaas.config=module required password=${env:UNQUOTED_unspeakable};",
                "kafka.property.handler.of.our.own.token=unspeakable",
                "kafka.property.handler.of.our.own.key=unspeakable",
                "kafka.property.handler.of.our.own.passphrase=unspeakable"
            })
    void refusesASecretThatIsTold(String setting) {
        String key = setting.substring(0, setting.indexOf('='));
        String value = setting.substring(key.length() + 1);

        assertThatThrownBy(() -> JobSettings.of(Settings.with(key, value)))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageStartingWith(key + ": ")
                .message()
                .doesNotContain(PASSWORD);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "database.password=${env:DATABASE_PASSWORD}",
                "database.url=jdbc:postgresql://db/one_vault?user=job&password=${file:/run/secrets/db}",
                "kafka.property.sasl.jaas.config=${file:/run/secrets/jaas}",
                "kafka.property.sasl.jaas.config=module required username=\"a\" password=\"${env:P}\";",
                "kafka.property.sasl.jaas.config=module required storeKey=true keyTab=\"/etc/keytab\" // a;",
                "kafka.property.ssl.truststore.certificates=-----BEGIN CERTIFICATE----- MIIB",
                "kafka.property.security.protocol=SASL_SSL",
                "kafka.property.client.rack=${env:RACK}"
            })
    void takesASecretThatIsNamed(String setting) {
        String key = setting.substring(0, setting.indexOf('='));
        String value = setting.substring(key.length() + 1);

        assertThat(JobSettings.of(Settings.with(key, value)).toString()).contains(setting);
    }

    @Test
    void refersToASecretThatTheEnvironmentHolds() {
        String jaas = "module required username=\"a\" password=\"unspeakable\";";
        Map<String, String> environment =
                environment(
                        "SITE_TRACKING_PRIVACY_SECRET", SECRET,
                        "SITE_TRACKING_DATABASE_PASSWORD", PASSWORD,
                        "SITE_TRACKING_KAFKA_PROPERTY_SASL_JAAS_CONFIG", jaas);

        JobSettings settings = JobSettings.load(new String[0], environment);

        assertThat(settings.get(JobOptions.PRIVACY_SECRET))
                .isEqualTo("${env:SITE_TRACKING_PRIVACY_SECRET}");
        assertThat(settings.database().password())
                .isEqualTo("${env:SITE_TRACKING_DATABASE_PASSWORD}");
        assertThat(settings.kafka().properties())
                .containsEntry(
                        "sasl.jaas.config", "${env:SITE_TRACKING_KAFKA_PROPERTY_SASL_JAAS_CONFIG}");
        assertThat(settings.toString()).doesNotContain(SECRET, PASSWORD);
    }

    @Test
    void passesKafkaPropertiesThroughFromEverywhere() throws IOException {
        String file = file("kafka.property.client.rack=file", "kafka.property.client.id=file");
        Map<String, String> environment =
                environment(
                        "SITE_TRACKING_KAFKA_PROPERTY_CLIENT_RACK", "environment",
                        "SITE_TRACKING_KAFKA_PROPERTY_A__B___C", "odd");
        String[] arguments = {"--kafka.property.security.protocol", "SASL_SSL", "--config", file};

        assertThat(JobSettings.load(arguments, environment).kafka().properties())
                .isEqualTo(
                        Map.of(
                                "client.rack", "environment",
                                "client.id", "file",
                                "a_b-c", "odd",
                                "security.protocol", "SASL_SSL"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bootstrap.servers",
                "group.id",
                "enable.auto.commit",
                "isolation.level",
                "key.deserializer",
                "value.serializer",
                "acks",
                "enable.idempotence",
                "transactional.id",
                "config.providers",
                "config.providers.env.class"
            })
    void refusesAPropertyThatTheJobReliesOn(String name) {
        assertThatThrownBy(() -> JobSettings.of(Settings.with("kafka.property." + name, "x")))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageStartingWith("kafka.property." + name + ": ");
    }

    @Test
    void explainsEveryOption() {
        // Lines are broken where they are full, also within words.
        String help = letters(new JobCommand().help());

        assertThat(JobSettings.keys()).isNotEmpty();
        assertThat(JobOptions.ALL)
                .allSatisfy(
                        option ->
                                assertThat(help)
                                        .contains("--" + option.key() + "=VALUE")
                                        .contains(letters(JobSettings.describe(option))));
        assertThat(help)
                .contains("Default:3h.Environment:SITE_TRACKING_SESSION_LATENESS.")
                .contains("--kafka.property.NAME=VALUE");
    }

    private static String letters(String text) {
        return text.replaceAll("\\s", "");
    }

    private static Map<String, String> environment(String... namesAndValues) {
        Map<String, String> environment = new HashMap<>();
        Settings.REQUIRED.forEach(
                (key, value) -> environment.put(Environment.variable(key), value));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            environment.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return environment;
    }

    private String file(String... lines) throws IOException {
        return Files.write(folder.resolve("job.properties"), java.util.List.of(lines)).toString();
    }
}
