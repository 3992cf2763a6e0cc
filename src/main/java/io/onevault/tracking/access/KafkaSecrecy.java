package io.onevault.tracking.access;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    /** An option of a login module. */
    private static final Pattern JAAS_OPTION =
            Pattern.compile("([\\w.-]+)\\s*=\\s*(\"(?:[^\"\\\\]|\\\\.)*\"|'[^']*'|[^\\s;]+)");

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

    /** Who logs in by which module may be seen, with what may not. */
    private static @Nullable String jaasError(String jaas) {
        Matcher option = JAAS_OPTION.matcher(jaas);
        while (option.find()) {
            String value = option.group(2).replaceAll("^[\"']|[\"']$", "");
            if (isSecretByName(option.group(1)) && !References.isReference(value)) {
                return "its " + option.group(1) + " " + Secrecy.HOW;
            }
        }
        return null;
    }

    /** A handler of somebody's own has properties that Kafka does not know. */
    private static boolean isSecretByName(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return !OPEN.contains(name) && (lower.endsWith("password") || lower.endsWith("secret"));
    }
}
