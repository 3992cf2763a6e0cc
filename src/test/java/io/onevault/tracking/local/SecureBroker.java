package io.onevault.tracking.local;

import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.access.TestSecret;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/**
 * A real broker with two doors: a plain one for the tests themselves, and one that asks for a login
 * on an encrypted connection.
 */
final class SecureBroker implements AutoCloseable {

    static final String USER = "tracking";
    static final String SCRAM_PASSWORD = "scram-unspeakable-1";
    static final String PLAIN_PASSWORD = "plain-unspeakable-2";

    private static final String DOOR = "listener.name.secure.";
    private static final String MODULES = "org.apache.kafka.common.security.";

    private final DataDirectory directory;
    private final EmbeddedKafka kafka;
    private final String secure;
    private final Certificate certificate;

    SecureBroker(Path folder, Certificate certificate) throws Exception {
        this.directory = DataDirectory.temporary();
        this.certificate = certificate;
        this.secure = "127.0.0.1:" + StandaloneCluster.freePort();
        Ports ports = Ports.find(directory, Map.of());
        kafka = EmbeddedKafka.start(folder, ports, settings(ports));
        try (Admin admin = kafka.admin()) {
            admin.alterUserScramCredentials(
                            List.of(
                                    new UserScramCredentialUpsertion(
                                            USER,
                                            new ScramCredentialInfo(
                                                    ScramMechanism.SCRAM_SHA_512, 4096),
                                            SCRAM_PASSWORD)))
                    .all()
                    .get();
        }
    }

    private Map<String, String> settings(Ports ports) {
        String plain = ports.address(Endpoint.KAFKA);
        String controller = ports.address(Endpoint.CONTROLLER);
        Map<String, String> settings = new HashMap<>();
        settings.put(
                "listeners",
                "BROKER://%s,SECURE://%s,CONTROLLER://%s".formatted(plain, secure, controller));
        settings.put("advertised.listeners", "BROKER://%s,SECURE://%s".formatted(plain, secure));
        settings.put(
                "listener.security.protocol.map",
                "BROKER:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT");
        settings.put(DOOR + "sasl.enabled.mechanisms", "SCRAM-SHA-512,PLAIN,OAUTHBEARER");
        settings.put(
                DOOR + "scram-sha-512.sasl.jaas.config",
                MODULES + "scram.ScramLoginModule required;");
        settings.put(
                DOOR + "plain.sasl.jaas.config",
                MODULES
                        + "plain.PlainLoginModule required user_%s=\"%s\";"
                                .formatted(USER, PLAIN_PASSWORD));
        settings.put(
                DOOR + "oauthbearer.sasl.jaas.config",
                MODULES
                        + "oauthbearer.OAuthBearerLoginModule required"
                        + " unsecuredLoginStringClaim_sub=\"broker\";");
        settings.put(
                DOOR + "oauthbearer.sasl.server.callback.handler.class",
                MODULES
                        + "oauthbearer.internals.unsecured"
                        + ".OAuthBearerUnsecuredValidatorCallbackHandler");
        settings.put(DOOR + "ssl.keystore.type", "PKCS12");
        settings.put(DOOR + "ssl.keystore.location", certificate.keyStore().toString());
        settings.put(DOOR + "ssl.keystore.password", Certificate.PASSWORD);
        settings.put(DOOR + "ssl.key.password", Certificate.PASSWORD);
        return settings;
    }

    EmbeddedKafka kafka() {
        return kafka;
    }

    String address() {
        return secure;
    }

    /** Settings of a program by which it logs in, as its file would hold them. */
    static Map<String, String> settings(String mechanism, String jaas, Certificate trusted) {
        return Map.of(
                KafkaAccess.PREFIX + "security.protocol",
                "SASL_SSL",
                KafkaAccess.PREFIX + "sasl.mechanism",
                mechanism,
                KafkaAccess.PREFIX + "sasl.jaas.config",
                MODULES + jaas,
                KafkaAccess.PREFIX + "ssl.truststore.type",
                "PEM",
                KafkaAccess.PREFIX + "ssl.truststore.location",
                trusted.certificate().toString());
    }

    static Map<String, String> scram(String password, Certificate trusted) {
        return settings(
                "SCRAM-SHA-512",
                "scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
                        .formatted(USER, TestSecret.reference(password)),
                trusted);
    }

    @Override
    public void close() throws IOException {
        kafka.close();
        directory.close();
    }
}
