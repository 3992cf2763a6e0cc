package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.access.TestSecret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each kind of client at the door of a broker that asks for a login. */
class SecureKafkaITCase {

    private static final String TOPIC = "events";

    @TempDir static Path folder;

    private static Certificate certificate;
    private static SecureBroker broker;

    @BeforeAll
    static void start() throws Exception {
        certificate = Certificate.create(folder, "broker");
        broker = new SecureBroker(folder.resolve("kafka"), certificate);
        broker.kafka().createTopic(TOPIC, 3);
    }

    @AfterAll
    static void stop() throws Exception {
        broker.close();
    }

    static Stream<Map<String, String>> logins() throws Exception {
        Map<String, String> inline = new HashMap<>(scram());
        inline.remove(KafkaAccess.PREFIX + "ssl.truststore.location");
        inline.put(
                KafkaAccess.PREFIX + "ssl.truststore.certificates",
                Files.readString(certificate.certificate()));
        Map<String, String> whole = new HashMap<>(scram());
        whole.put(
                KafkaAccess.PREFIX + "sasl.jaas.config",
                TestSecret.reference(
                        "org.apache.kafka.common.security.scram.ScramLoginModule required"
                                + " username=\"%s\" password=\"%s\";"
                                        .formatted(
                                                SecureBroker.USER, SecureBroker.SCRAM_PASSWORD)));
        return Stream.of(
                scram(),
                inline,
                whole,
                SecureBroker.settings(
                        "PLAIN",
                        "plain.PlainLoginModule required username=\"%s\" password=\"%s\";"
                                .formatted(
                                        SecureBroker.USER,
                                        TestSecret.reference(SecureBroker.PLAIN_PASSWORD)),
                        certificate),
                SecureBroker.settings(
                        "OAUTHBEARER",
                        "oauthbearer.OAuthBearerLoginModule required"
                                + " unsecuredLoginStringClaim_sub=\"tracking\";",
                        certificate));
    }

    private static Map<String, String> scram() {
        return SecureBroker.scram(SecureBroker.SCRAM_PASSWORD, certificate);
    }

    @ParameterizedTest
    @MethodSource("logins")
    void letsEveryKindOfClientIn(Map<String, String> settings) throws Exception {
        KafkaAccess access = KafkaAccess.of(broker.address(), settings);

        assertThat(settings)
                .allSatisfy((key, value) -> assertThat(KafkaAccess.error(key, value)).isNull());
        try (Admin admin = Admin.create(access.admin("test"))) {
            assertThat(admin.listTopics().names().get()).contains(TOPIC);
        }
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(access)) {
            assertThat(consumer.partitionsFor(TOPIC)).hasSize(3);
        }
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        access.producer("test"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            assertThat(producer.partitionsFor(TOPIC)).hasSize(3);
        }
    }

    @Test
    void keepsThoseOutWhoDoNotKnowThePassword() {
        KafkaAccess access =
                KafkaAccess.of(broker.address(), SecureBroker.scram("guessed", certificate));

        assertThatThrownBy(() -> ask(access)).isInstanceOf(SaslAuthenticationException.class);
    }

    @Test
    void keepsAwayFromABrokerThatIsNotTrusted() throws Exception {
        KafkaAccess access =
                KafkaAccess.of(
                        broker.address(),
                        SecureBroker.scram(
                                SecureBroker.SCRAM_PASSWORD,
                                Certificate.create(folder, "stranger")));

        assertThatThrownBy(() -> ask(access)).isInstanceOf(SslAuthenticationException.class);
    }

    @Test
    void saysWhichSecretIsMissing() {
        Map<String, String> settings = new HashMap<>(scram());
        settings.put(KafkaAccess.PREFIX + "sasl.jaas.config", "${env:NO_SUCH_VARIABLE}");
        KafkaAccess access = KafkaAccess.of(broker.address(), settings);

        assertThatThrownBy(() -> ask(access))
                .isInstanceOf(KafkaException.class)
                .rootCause()
                .hasMessage("${env:NO_SUCH_VARIABLE}: this process has no such variable");
    }

    private static void ask(KafkaAccess access) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(access)) {
            consumer.partitionsFor(TOPIC);
        }
    }

    private static KafkaConsumer<byte[], byte[]> consumer(KafkaAccess access) {
        Properties properties = access.consumer("test");
        return new KafkaConsumer<>(
                properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
