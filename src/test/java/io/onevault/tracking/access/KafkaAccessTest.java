package io.onevault.tracking.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.JaasContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each kind of client gets of the properties that pass through. */
final class KafkaAccessTest {

    private static KafkaAccess access(String... namesAndValues) {
        Map<String, String> settings = new java.util.HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            settings.put(KafkaAccess.PREFIX + namesAndValues[i], namesAndValues[i + 1]);
        }
        return KafkaAccess.of("b:1", settings);
    }

    @Test
    void givesEachClientWhatItKnows() {
        KafkaAccess access =
                access(
                        "security.protocol", "SSL",
                        "client.rack", "a",
                        "linger.ms", "5",
                        "handler.of.our.own", "x");

        assertThat(access.consumer("source"))
                .containsEntry("security.protocol", "SSL")
                .containsEntry("client.rack", "a")
                .containsEntry("handler.of.our.own", "x")
                .doesNotContainKeys("linger.ms", "config.providers");
        assertThat(access.producer("relay"))
                .containsEntry("linger.ms", "5")
                .containsEntry("handler.of.our.own", "x")
                .doesNotContainKey("client.rack");
        assertThat(access.admin("backlog"))
                .containsEntry("security.protocol", "SSL")
                .doesNotContainKeys("client.rack", "linger.ms");
    }

    @Test
    void tellsClientsApart() {
        assertThat(access().consumer("source")).containsEntry("client.id", "site-tracking-source");
        assertThat(access("client.id", "mine").producer("relay"))
                .containsEntry("client.id", "mine-relay");
    }

    @Test
    void letsKafkaReadAFileWhoseNameHasAColon(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("a:b"), "unspeakable\n");
        KafkaAccess access = access("handler.of.our.own", "<" + References.toFile(file) + ">");

        Properties properties = access.consumer("test");

        assertThat(properties.toString()).doesNotContain("unspeakable");
        assertThat(resolved(properties)).containsEntry("handler.of.our.own", "<unspeakable>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "correct\"horse battery",
                "back\\slash\\1\\n",
                "a\"b=\"c",
                "it's // one /* still */",
                "$1 ${env:PATH}; end",
                "two\nlines\r\n and more"
            })
    void aSecretIsOneOptionOfALoginModuleWhateverItHolds(String secret) {
        KafkaAccess access =
                access(
                        "sasl.jaas.config",
                        "module required username=\"a\" password=\"%s\" last='%s';"
                                .formatted(
                                        TestSecret.reference(secret),
                                        TestSecret.reference(secret)));

        String jaas = (String) resolved(access.admin("test")).get("sasl.jaas.config");
        JaasContext context =
                JaasContext.loadClientContext(Map.of("sasl.jaas.config", new Password(jaas)));

        assertThat(context.configurationEntries().get(0).getOptions())
                .isEqualTo(Map.of("username", "a", "password", secret, "last", secret));
    }

    @Test
    void aWholeLoginModuleIsTakenAsItIs() {
        String jaas = "module required password=\"a\\\"b\";";
        KafkaAccess access = access("sasl.jaas.config", TestSecret.reference(jaas));

        assertThat(resolved(access.admin("test"))).containsEntry("sasl.jaas.config", jaas);
    }

    @Test
    void saysWhichVariableAClientLacks() {
        Properties properties = access("client.rack", "${env:NO_SUCH_RACK}").consumer("test");

        assertThatThrownBy(() -> resolved(properties))
                .isInstanceOf(ConfigException.class)
                .hasMessage("${env:NO_SUCH_RACK}: this process has no such variable");
    }

    @Test
    void takesVariablesOfTheEnvironmentByTheirNames() {
        assertThat(
                        Environment.settings(
                                Map.of(
                                        "SITE_TRACKING_KAFKA_PROPERTY_SECURITY_PROTOCOL", "SSL",
                                        "SITE_TRACKING_KAFKA_PROPERTY_SSL_KEY_PASSWORD", "told",
                                        "SITE_TRACKING_KAFKA_TOPIC", "mine",
                                        "SITE_TRACKING_OTHER", "x",
                                        "PATH", "y"),
                                List.of("kafka.topic")))
                .isEqualTo(
                        Map.of(
                                "kafka.property.security.protocol", "SSL",
                                "kafka.property.ssl.key.password",
                                        "${env:SITE_TRACKING_KAFKA_PROPERTY_SSL_KEY_PASSWORD}",
                                "kafka.topic", "mine"));
    }

    private static Map<String, Object> resolved(Properties properties) {
        return new AbstractConfig(new ConfigDef(), properties, false).originals();
    }
}
