package io.onevault.tracking.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.program.Program;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The relay's command line. */
final class RelayTest {

    private static final String URL = "jdbc:postgresql://db/one_vault";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final StringBuilder err = new StringBuilder();

    @Test
    void explainsItself() {
        assertThat(settings(Map.of(), "--help")).isNull();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("--config", "--kafka.property.NAME", "Exit codes");
    }

    @Test
    void takesTheJobsFileButALoginOfItsOwn(@TempDir Path folder) throws Exception {
        Path file =
                Files.write(
                        folder.resolve("job.properties"),
                        List.of(
                                "database.url=" + URL,
                                "database.user=loader",
                                "database.password=${env:LOADER}",
                                "kafka.bootstrap-servers=file:1",
                                "kafka.topic=file",
                                "kafka.property.security.protocol=SASL_SSL",
                                "kafka.property.client.rack=file",
                                "privacy.secret=${env:PRIVACY}"));
        Map<String, String> environment =
                Map.of(
                        "SITE_TRACKING_KAFKA_BOOTSTRAP_SERVERS", "environment:1",
                        "SITE_TRACKING_KAFKA_TOPIC", "environment",
                        "SITE_TRACKING_KAFKA_PROPERTY_CLIENT_RACK", "environment",
                        "PGUSER", "relay",
                        "PGPASSWORD", "unspeakable");

        RelaySettings settings =
                Objects.requireNonNull(
                        settings(
                                environment,
                                "--bootstrap-servers",
                                "option:1",
                                "--config",
                                file.toString()));

        assertThat(settings.database().url()).isEqualTo(URL);
        assertThat(settings.database().user()).isEqualTo("relay");
        assertThat(settings.database().password()).isEqualTo("${env:PGPASSWORD}");
        assertThat(settings.kafka().bootstrapServers()).isEqualTo("option:1");
        assertThat(settings.topic()).isEqualTo("environment");
        assertThat(settings.kafka().properties())
                .isEqualTo(Map.of("security.protocol", "SASL_SSL", "client.rack", "environment"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--bootstrap-servers b:1",
                "--url jdbc:postgresql://db/vault",
                "--url jdbc:postgresql://db/vault --bootstrap-servers",
                "--url jdbc:postgresql://db/vault --bootstrap-servers b:1 --force yes",
                "--url jdbc:postgresql://db/vault --bootstrap-servers b:1 --password unspeakable",
                "--url jdbc:postgresql://db/vault?password=unspeakable --bootstrap-servers b:1",
                "--url jdbc:postgresql://db/vault --bootstrap-servers b:1 --kafka.property.acks 0",
                "--config no-such-file"
            })
    void refusesArgumentsThatMakeNoSense(String arguments) {
        assertThat(settings(Map.of(), arguments.split(" "))).isNull();
        assertThat(err.toString()).endsWith("; see --help\n").doesNotContain("unspeakable");
    }

    @Test
    void logsNoSecret() {
        RelaySettings settings =
                Objects.requireNonNull(
                        settings(
                                Map.of("PGPASSWORD", "unspeakable"),
                                "--url",
                                URL + "?password=${env:OTHER}&ssl=true",
                                "--bootstrap-servers",
                                "b:1"));

        assertThat(settings.toString())
                .isEqualTo("database=" + URL + "?ssl=true broker=b:1 topic=site-tracking-events");
    }

    private RelaySettings settings(Map<String, String> environment, String... arguments) {
        AtomicReference<RelaySettings> settings = new AtomicReference<>();
        Program.run(
                new Relay(environment, settings::set),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                line -> err.append(line).append('\n'),
                arguments);
        return settings.get();
    }
}
