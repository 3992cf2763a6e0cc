package io.onevault.tracking.access;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Settings of the job that a command of ours uses, too. One on the command line beats one in the
 * environment, which beats one in the job's properties file.
 */
public final class CommandSettings {

    private static final String CONFIG_FILE = "--config";
    private static final String DASHES = "--";

    private final Collection<String> keys;
    private final Map<String, String> file = new HashMap<>();
    private final Map<String, String> arguments = new HashMap<>();

    /**
     * @param keys what the command uses, beside the properties of Kafka's clients
     */
    public CommandSettings(Collection<String> keys) {
        this.keys = List.copyOf(keys);
    }

    /**
     * Takes an option with its value: the file, a setting by its key, or a property of Kafka's
     * clients.
     *
     * @throws IllegalArgumentException with a message for the user
     */
    public void take(String name, String value) {
        if (name.equals(CONFIG_FILE)) {
            load(Path.of(value));
        } else if (keys.contains(name)) {
            arguments.put(name, value);
        } else if (name.startsWith(DASHES + KafkaAccess.PREFIX)) {
            arguments.put(name.substring(DASHES.length()), value);
        } else {
            throw new IllegalArgumentException("unknown option " + name);
        }
    }

    private void load(Path path) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(path)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new IllegalArgumentException(CONFIG_FILE + " " + path + " cannot be read", e);
        }
        properties.stringPropertyNames().stream()
                .filter(key -> keys.contains(key) || key.startsWith(KafkaAccess.PREFIX))
                .forEach(key -> file.put(key, properties.getProperty(key)));
    }

    /**
     * All that was given.
     *
     * @throws IllegalArgumentException with everything that is wrong with it
     */
    public Map<String, String> settings(Map<String, String> environment) {
        Map<String, String> settings = new TreeMap<>(file);
        settings.putAll(Environment.settings(environment, keys));
        settings.putAll(arguments);
        List<String> errors = new ArrayList<>();
        settings.forEach(
                (key, value) -> {
                    String error =
                            key.startsWith(KafkaAccess.PREFIX)
                                    ? KafkaAccess.error(key, value)
                                    : Secrecy.error(key, value);
                    if (error != null) {
                        errors.add(key + ": " + error);
                    }
                });
        if (!errors.isEmpty()) {
            throw new IllegalArgumentException(String.join(System.lineSeparator(), errors));
        }
        return settings;
    }
}
