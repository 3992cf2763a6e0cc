package io.onevault.tracking.access;

import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Settings that variables of the environment give. A secret is not read there: the setting then
 * refers to the variable, which every process that needs the secret must have.
 */
public final class Environment {

    private static final String PREFIX = "SITE_TRACKING_";
    private static final String PROPERTY_PREFIX = variable(KafkaAccess.PREFIX);

    private Environment() {}

    /** The variable of a setting. */
    public static String variable(String key) {
        return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /**
     * The given settings, as far as they are in the environment, and every property of Kafka's
     * clients.
     */
    public static Map<String, String> settings(
            Map<String, String> environment, Collection<String> keys) {
        Map<String, String> settings = new HashMap<>();
        for (String key : keys) {
            String value = environment.get(variable(key));
            if (value != null) {
                settings.put(key, value(key, variable(key), value));
            }
        }
        environment.forEach(
                (name, value) -> {
                    if (name.startsWith(PROPERTY_PREFIX)) {
                        String key = KafkaAccess.PREFIX + property(name);
                        settings.put(key, value(key, name, value));
                    }
                });
        return settings;
    }

    private static String value(String key, String variable, String value) {
        boolean told = !key.equals(Secrecy.DATABASE_URL) && Secrecy.error(key, value) != null;
        return told ? References.toVariable(variable) : value;
    }

    /** Three underscores are a dash, two are one, and one is a dot, as in Kafka's own image. */
    private static String property(String variable) {
        return variable.substring(PROPERTY_PREFIX.length())
                .toLowerCase(Locale.ROOT)
                .replace("___", "-")
                .replace("__", "\0")
                .replace('_', '.')
                .replace('\0', '_');
    }
}
