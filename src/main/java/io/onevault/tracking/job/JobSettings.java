package io.onevault.tracking.job;

import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.description.TextElement;
import org.apache.flink.util.ParameterTool;
import org.apache.flink.util.TimeUtils;

/**
 * The job's settings: read once, checked as a whole, never logged with secrets. A value on the
 * command line beats one in the environment, which beats one in the properties file.
 */
public final class JobSettings implements Serializable {

    private static final long serialVersionUID = 1;

    /** Option that names a properties file; not an option of the job itself. */
    private static final String CONFIG_FILE = "config";

    private static final String ENVIRONMENT_PREFIX = "SITE_TRACKING_";
    private static final int SECRET_HEX_DIGITS = 32;
    private static final int RECORD_SOURCE_CHARS = 100;

    private final Configuration values;

    private JobSettings(Configuration values) {
        this.values = values;
    }

    /**
     * Settings from {@code --key value} arguments, the environment and the file that {@code
     * --config} names.
     *
     * @throws InvalidSettingsException with all that is wrong
     */
    static JobSettings load(String[] args, Map<String, String> environment) {
        Map<String, String> arguments;
        Map<String, String> merged = new HashMap<>();
        try {
            arguments = new HashMap<>(ParameterTool.fromArgs(args).toMap());
            String file = arguments.remove(CONFIG_FILE);
            if (file != null) {
                merged.putAll(ParameterTool.fromPropertiesFile(file).toMap());
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new InvalidSettingsException(List.of(String.valueOf(e.getMessage())));
        }
        for (ConfigOption<?> option : JobOptions.ALL) {
            String value = environment.get(environmentName(option.key()));
            if (value != null) {
                merged.put(option.key(), value);
            }
        }
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

    /** Every option's key. */
    public static Set<String> keys() {
        return JobOptions.ALL.stream()
                .map(ConfigOption::key)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** One paragraph an option: key, default, meaning, name in the environment. */
    public static String help() {
        StringBuilder help = new StringBuilder();
        for (ConfigOption<?> option : JobOptions.ALL) {
            help.append("  --").append(option.key());
            if (option.hasDefaultValue() && !JobOptions.isSecret(option)) {
                help.append("  [").append(show(option.defaultValue())).append(']');
            }
            help.append("\n      ")
                    .append(describe(option))
                    .append("\n      Environment: ")
                    .append(environmentName(option.key()))
                    .append('\n');
        }
        return help.toString();
    }

    <T> T get(ConfigOption<T> option) {
        return values.get(option);
    }

    /** All options with their values, secrets masked. */
    @Override
    public String toString() {
        List<String> shown = new ArrayList<>();
        for (ConfigOption<?> option : JobOptions.ALL) {
            Object value = values.get(option);
            shown.add(option.key() + '=' + (JobOptions.isSecret(option) ? "******" : show(value)));
        }
        return String.join(" ", shown);
    }

    static String describe(ConfigOption<?> option) {
        return ((TextElement) option.description().getBlocks().get(0)).getFormat();
    }

    static String environmentName(String key) {
        return ENVIRONMENT_PREFIX
                + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    private List<String> errors(Set<String> given) {
        List<String> errors = new ArrayList<>();
        Set<String> known = keys();
        for (String key : new TreeSet<>(given)) {
            if (!known.contains(key)) {
                errors.add("--" + key + ": no such option");
            }
        }
        for (ConfigOption<?> option : JobOptions.ALL) {
            String error = error(option);
            if (error != null) {
                errors.add("--" + option.key() + ": " + error);
            }
        }
        return errors;
    }

    private String error(ConfigOption<?> option) {
        Object value;
        try {
            value = values.get(option);
        } catch (IllegalArgumentException e) {
            return "not a valid value";
        }
        if (value == null) {
            return "required; " + describe(option);
        }
        if (value instanceof Duration duration && (duration.isNegative() || duration.isZero())) {
            return "must be longer than nothing";
        }
        if (value instanceof Integer number && number < 1) {
            return "must be at least 1";
        }
        if (option == JobOptions.PRIVACY_SECRET && !isSecret((String) value)) {
            return "must be at least " + SECRET_HEX_DIGITS + " hex digits";
        }
        if (option == JobOptions.RECORD_SOURCE && ((String) value).length() > RECORD_SOURCE_CHARS) {
            return "must be at most " + RECORD_SOURCE_CHARS + " letters";
        }
        return null;
    }

    private static boolean isSecret(String value) {
        return value.length() >= SECRET_HEX_DIGITS
                && value.length() % 2 == 0
                && value.chars().allMatch(c -> Character.digit(c, 16) >= 0);
    }

    private static String show(Object value) {
        return value instanceof Duration duration
                ? TimeUtils.formatWithHighestUnit(duration)
                : String.valueOf(value);
    }
}
