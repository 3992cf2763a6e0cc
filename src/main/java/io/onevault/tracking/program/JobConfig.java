package io.onevault.tracking.program;

import io.onevault.tracking.access.Environment;
import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.access.Secrecy;
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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/**
 * Settings of the job that a program of ours uses, too. One on the command line beats one in the
 * environment, which beats one in the job's properties file.
 */
public final class JobConfig {

    private static final String OPTION = "--" + KafkaAccess.PREFIX;

    /** Any property of Kafka's clients; this one stands for all of them in the help. */
    private static final String ANY = OPTION + "NAME";

    private final List<OptionSpec> properties = new ArrayList<>();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The job's configuration; of it only what this program needs is used.")
    private @Nullable Path file;

    @Option(
            names = ANY,
            paramLabel = "VALUE",
            description =
                    "Any property of Kafka's clients, secrets in it as $${env:NAME} or"
                            + " $${file:/path}.")
    private @Nullable String any;

    /** Declares the properties of Kafka's clients that are given, whichever they are. */
    static void declareProperties(CommandSpec spec, String... args) {
        JobConfig config = find(spec);
        for (String arg : args) {
            String name = arg.split("=", 2)[0];
            if (config != null && name.startsWith(OPTION) && spec.findOption(name) == null) {
                spec.addOption(config.property(name));
            }
        }
    }

    private static @Nullable JobConfig find(CommandSpec spec) {
        if (spec.userObject() instanceof JobConfig config) {
            return config;
        }
        JobConfig found = null;
        for (CommandSpec mixin : spec.mixins().values()) {
            found = found == null ? find(mixin) : found;
        }
        return found;
    }

    private OptionSpec property(String name) {
        OptionSpec option = OptionSpec.builder(name).type(String.class).hidden(true).build();
        properties.add(option);
        return option;
    }

    /**
     * All that was given.
     *
     * @param options settings by their keys that the program has options for; null when not given
     * @param others keys of other settings that it uses
     */
    public Map<String, String> settings(
            Map<String, @Nullable String> options,
            Collection<String> others,
            Map<String, String> environment) {
        List<String> keys = new ArrayList<>(options.keySet());
        keys.addAll(others);
        Map<String, String> settings = new TreeMap<>(inFile(keys));
        settings.putAll(Environment.settings(environment, keys));
        if (any != null) {
            settings.put(ANY.substring("--".length()), any);
        }
        for (OptionSpec property : properties) {
            settings.put(property.longestName().substring("--".length()), property.getValue());
        }
        options.forEach(
                (key, value) -> {
                    if (value != null) {
                        settings.put(key, value);
                    }
                });
        requireNoError(settings);
        return settings;
    }

    private static void requireNoError(Map<String, String> settings) {
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
            throw new UsageException(String.join(System.lineSeparator(), errors));
        }
    }

    private Map<String, String> inFile(Collection<String> keys) {
        Map<String, String> settings = new HashMap<>();
        if (file == null) {
            return settings;
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException("--config " + file + " cannot be read");
        }
        properties.stringPropertyNames().stream()
                .filter(key -> keys.contains(key) || key.startsWith(KafkaAccess.PREFIX))
                .forEach(key -> settings.put(key, properties.getProperty(key)));
        return settings;
    }
}
