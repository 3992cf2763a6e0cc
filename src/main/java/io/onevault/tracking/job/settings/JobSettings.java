package io.onevault.tracking.job.settings;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.Environment;
import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.access.Secrecy;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.description.TextElement;
import org.apache.flink.util.ParameterTool;
import org.apache.flink.util.TimeUtils;
import picocli.CommandLine.ParameterException;

/**
 * The job's settings: read once, checked as a whole. A value on the command line beats one in the
 * environment, which beats one in the properties file. Of secrets they hold where these are, so
 * that they may be serialised and printed.
 */
public final class JobSettings implements Serializable {

    private static final long serialVersionUID = 1;

    private static final int RECORD_SOURCE_CHARS = 100;

    private final Configuration values;

    private JobSettings(Configuration values) {
        this.values = values;
    }

    /** Prints help or version where the arguments ask for it; returns whether they do. */
    public static boolean helps(String... args) {
        return command(args).helps();
    }

    private static JobCommand command(String... args) {
        try {
            return new JobCommand(args);
        } catch (ParameterException e) {
            throw new InvalidSettingsException(List.of(e.getMessage()));
        }
    }

    /**
     * Settings from {@code --key value} arguments, the environment and the file that {@code
     * --config} names.
     *
     * @throws InvalidSettingsException with all that is wrong
     */
    public static JobSettings load(String[] args, Map<String, String> environment) {
        Map<String, String> arguments = command(args).arguments();
        Map<String, String> merged = new HashMap<>();
        try {
            String file = arguments.remove(JobCommand.CONFIG_FILE);
            if (file != null) {
                merged.putAll(ParameterTool.fromPropertiesFile(file).toMap());
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new InvalidSettingsException(List.of(String.valueOf(e.getMessage())));
        }
        merged.putAll(Environment.settings(environment, keys()));
        merged.putAll(arguments);
        return of(merged);
    }

    /**
     * Settings from the given values alone.
     *
     * @throws InvalidSettingsException with all that is wrong
     */
    public static JobSettings of(Map<String, String> values) {
        JobSettings settings = new JobSettings(Configuration.fromMap(values));
        List<String> errors = settings.errors(values.keySet());
        if (!errors.isEmpty()) {
            throw new InvalidSettingsException(errors);
        }
        return settings;
    }

    /**
     * These settings, with others in place of some of them.
     *
     * @throws InvalidSettingsException with all that is wrong
     */
    public JobSettings with(Map<String, String> others) {
        Map<String, String> all = new HashMap<>(values.toMap());
        all.putAll(others);
        return of(all);
    }

    /** Every option's key. */
    public static Set<String> keys() {
        return JobOptions.ALL.stream()
                .map(ConfigOption::key)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    public <T> T get(ConfigOption<T> option) {
        return values.get(option);
    }

    /** What some options are, by key, as it may be told. */
    public Map<String, String> texts(List<ConfigOption<?>> options) {
        Map<String, String> texts = new TreeMap<>();
        options.forEach(option -> texts.put(option.key(), show(get(option))));
        return texts;
    }

    public DatabaseAccess database() {
        return new DatabaseAccess(
                get(JobOptions.DATABASE_URL),
                get(JobOptions.DATABASE_USER),
                get(JobOptions.DATABASE_PASSWORD));
    }

    public KafkaAccess kafka() {
        return KafkaAccess.of(get(JobOptions.KAFKA_SERVERS), values.toMap());
    }

    /** All settings with their values; of secrets these are references. */
    @Override
    public String toString() {
        Map<String, String> shown = new TreeMap<>(values.toMap());
        for (ConfigOption<?> option : JobOptions.ALL) {
            shown.put(option.key(), show(values.get(option)));
        }
        return shown.entrySet().stream().map(Object::toString).collect(Collectors.joining(" "));
    }

    static String describe(ConfigOption<?> option) {
        return ((TextElement) option.description().getBlocks().get(0)).getFormat();
    }

    private List<String> errors(Set<String> given) {
        List<String> errors = new ArrayList<>();
        Set<String> known = keys();
        for (String key : new TreeSet<>(given)) {
            String error = null;
            if (key.startsWith(KafkaAccess.PREFIX)) {
                error = KafkaAccess.error(key, values.toMap().get(key));
            } else if (!known.contains(key)) {
                error = "no such option";
            }
            if (error != null) {
                errors.add(key + ": " + error);
            }
        }
        for (ConfigOption<?> option : JobOptions.ALL) {
            String error = error(option);
            if (error != null) {
                errors.add(option.key() + ": " + error);
            }
        }
        return errors;
    }

    private String error(ConfigOption<?> option) {
        Object value;
        try {
            value = values.get(option);
        } catch (IllegalArgumentException e) {
            String given = values.toMap().get(option.key());
            boolean time = option.defaultValue() instanceof Duration;
            return "not a valid value: " + given + (time ? ", a time is such as 20m" : "");
        }
        if (value == null) {
            return "missing; " + describe(option);
        }
        if (value instanceof Duration duration && (duration.isNegative() || duration.isZero())) {
            return "must be longer than nothing";
        }
        if (value instanceof Integer number && number < 1) {
            return "must be at least 1";
        }
        if (option == JobOptions.PRIVACY_SECRET && ((String) value).isEmpty()) {
            return "missing; " + describe(option);
        }
        if (option == JobOptions.RECORD_SOURCE && ((String) value).length() > RECORD_SOURCE_CHARS) {
            return "must be at most " + RECORD_SOURCE_CHARS + " letters";
        }
        return value instanceof String text ? Secrecy.error(option.key(), text) : null;
    }

    static String show(Object value) {
        return value instanceof Duration duration
                ? TimeUtils.formatWithHighestUnit(duration)
                : String.valueOf(value);
    }
}
