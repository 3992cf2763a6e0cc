package io.onevault.tracking.access;

import java.io.IOException;
import java.io.StreamTokenizer;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.jspecify.annotations.Nullable;

/** Which properties of Kafka's clients are secret. */
final class KafkaSecrecy {

    /** What Kafka hides although everybody may see it. */
    private static final Set<String> OPEN =
            Set.of(
                    SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG,
                    SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG,
                    SaslConfigs.SASL_JAAS_CONFIG);

    private static final Set<String> SECRETS = secrets();

    private static final List<String> SECRET_ENDS =
            List.of("password", "passphrase", "secret", "token", ".key");

    private KafkaSecrecy() {}

    private static Set<String> secrets() {
        Set<String> secrets = new HashSet<>();
        for (ConfigDef client :
                List.of(
                        ConsumerConfig.configDef(),
                        ProducerConfig.configDef(),
                        AdminClientConfig.configDef())) {
            client.configKeys()
                    .forEach(
                            (name, key) -> {
                                if (key.type == ConfigDef.Type.PASSWORD && !OPEN.contains(name)) {
                                    secrets.add(name);
                                }
                            });
        }
        return Set.copyOf(secrets);
    }

    static @Nullable String error(String name, String value) {
        if (name.equals(SaslConfigs.SASL_JAAS_CONFIG)) {
            return References.isReference(value) ? null : jaasError(value);
        }
        boolean secret = SECRETS.contains(name) || isSecretByName(name);
        return secret && !References.isReference(value) ? Secrecy.HOW : null;
    }

    /** Who logs in by which module may be seen, with what may not. Read as Kafka reads it. */
    private static @Nullable String jaasError(String jaas) {
        StreamTokenizer tokens = new StreamTokenizer(new StringReader(jaas));
        tokens.slashSlashComments(true);
        tokens.slashStarComments(true);
        tokens.wordChars('-', '-');
        tokens.wordChars('_', '_');
        tokens.wordChars('$', '$');
        try {
            return jaasError(tokens);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static @Nullable String jaasError(StreamTokenizer tokens) throws IOException {
        String told = null;
        String option = "";
        while (tokens.nextToken() != StreamTokenizer.TT_EOF) {
            if (tokens.ttype == '{') {
                return "needs quotes around each of its references";
            }
            if (tokens.ttype == '=') {
                tokens.nextToken();
                if (isSecretByName(option) && !References.isReference(text(tokens))) {
                    told = "its " + option + " " + Secrecy.HOW;
                }
            }
            option = text(tokens);
        }
        return told;
    }

    private static String text(StreamTokenizer tokens) {
        return tokens.sval == null ? "" : tokens.sval;
    }

    /** A handler of somebody's own has properties that Kafka does not know. */
    private static boolean isSecretByName(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return !OPEN.contains(name) && SECRET_ENDS.stream().anyMatch(lower::endsWith);
    }
}
