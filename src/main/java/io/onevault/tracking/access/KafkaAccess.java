package io.onevault.tracking.access;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.SaslConfigs;
import org.jspecify.annotations.Nullable;

/**
 * How every Kafka client of ours reaches the brokers: where they are, and the properties that the
 * operator passes through, by which it logs in and encrypts. What is secret of them is a reference.
 *
 * @param properties by the names that Kafka gives them
 */
public record KafkaAccess(String bootstrapServers, Map<String, String> properties)
        implements Serializable {

    private static final long serialVersionUID = 1;

    /** Before the name of a property, in our settings. */
    public static final String PREFIX = "kafka.property.";

    private static final String PROVIDERS = "config.providers";

    private static final Map<String, Class<? extends ReferenceProvider>> PROVIDER_CLASSES =
            Map.of(
                    References.ENVIRONMENT,
                    ReferenceProvider.OfEnvironment.class,
                    References.FILE,
                    ReferenceProvider.OfFiles.class,
                    References.QUOTED + References.ENVIRONMENT,
                    ReferenceProvider.OfEnvironmentQuoted.class,
                    References.QUOTED + References.FILE,
                    ReferenceProvider.OfFilesQuoted.class);

    private static final String OTHERWISE = " is what the program relies on and is set by it";

    /** What is not for the operator to say, and why. */
    private static final Map<String, String> OWN = own();

    private static final Set<String> KNOWN = known();
    private static final String DEFAULT_CLIENT_ID = "site-tracking";

    private static Map<String, String> own() {
        Map<String, String> own = new TreeMap<>();
        for (String name :
                List.of(
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
                        ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
                        ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
                        ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
                        ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
                        ProducerConfig.ACKS_CONFIG,
                        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                        ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                        "client.id.prefix",
                        "commit.offsets.on.checkpoint")) {
            own.put(name, OTHERWISE);
        }
        own.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, " is kafka.bootstrap-servers");
        own.put(ConsumerConfig.GROUP_ID_CONFIG, " is kafka.group-id");
        own.put(
                PROVIDERS,
                " is there already: a value may be or hold ${env:NAME} and ${file:/path}");
        return own;
    }

    private static Set<String> known() {
        Set<String> known = new HashSet<>(ConsumerConfig.configNames());
        known.addAll(ProducerConfig.configNames());
        known.addAll(AdminClientConfig.configNames());
        return Set.copyOf(known);
    }

    public KafkaAccess {
        properties = Map.copyOf(properties);
    }

    /** Takes what passes through out of the settings. */
    public static KafkaAccess of(String bootstrapServers, Map<String, String> settings) {
        Map<String, String> properties = new TreeMap<>();
        settings.forEach(
                (key, value) -> {
                    if (key.startsWith(PREFIX)) {
                        properties.put(key.substring(PREFIX.length()), value);
                    }
                });
        return new KafkaAccess(bootstrapServers, properties);
    }

    /** Without anything but an address. */
    public static KafkaAccess plain(String bootstrapServers) {
        return new KafkaAccess(bootstrapServers, Map.of());
    }

    /** Why a setting that passes through is refused; null when it is not. */
    public static @Nullable String error(String key, String value) {
        String name = key.substring(PREFIX.length());
        if (name.isEmpty()) {
            return "names no property of Kafka's clients";
        }
        String owned = name.startsWith(PROVIDERS + ".") ? PROVIDERS : name;
        return OWN.containsKey(owned) ? name + OWN.get(owned) : Secrecy.error(key, value);
    }

    /**
     * Properties of a consumer.
     *
     * @param part what the client does, behind the client id that all share
     */
    public Properties consumer(String part) {
        return client(ConsumerConfig.configNames(), part);
    }

    /** Properties of a producer. */
    public Properties producer(String part) {
        return client(ProducerConfig.configNames(), part);
    }

    /** Properties of an admin client. */
    public Properties admin(String part) {
        return client(AdminClientConfig.configNames(), part);
    }

    /** A client's id is its own: two of one name in a process hide each other's metrics. */
    public String clientId(String part) {
        return properties.getOrDefault(CommonClientConfigs.CLIENT_ID_CONFIG, DEFAULT_CLIENT_ID)
                + "-"
                + part;
    }

    /** Without what only clients of another kind know, of which this one would warn. */
    private Properties client(Set<String> names, String part) {
        Properties client = new Properties();
        boolean references = false;
        for (Map.Entry<String, String> property : properties.entrySet()) {
            if (names.contains(property.getKey()) || !KNOWN.contains(property.getKey())) {
                client.setProperty(property.getKey(), value(property));
                references |= References.areIn(property.getValue());
            }
        }
        client.setProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        client.setProperty(CommonClientConfigs.CLIENT_ID_CONFIG, clientId(part));
        if (references) {
            client.setProperty(PROVIDERS, String.join(",", PROVIDER_CLASSES.keySet()));
            PROVIDER_CLASSES.forEach(
                    (source, provider) ->
                            client.setProperty(
                                    PROVIDERS + "." + source + ".class", provider.getName()));
        }
        return client;
    }

    /** What a login module is told stands between quotes, which a secret must not end. */
    private static String value(Map.Entry<String, String> property) {
        String value = property.getValue();
        return property.getKey().equals(SaslConfigs.SASL_JAAS_CONFIG)
                        && !References.isReference(value)
                ? References.quoted(value)
                : value;
    }
}
