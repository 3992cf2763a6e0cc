package io.onevault.tracking.reprocess;

import io.onevault.tracking.job.settings.InvalidSettingsException;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.program.UsageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.ConfigOption;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options by which a command gets the settings of the streaming job. */
final class SettingsOptions {

    @Option(names = "--config", paramLabel = "FILE", description = "The job's properties file.")
    private @Nullable String config;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Any option of the job, instead of that in the file.")
    private Map<String, String> set = new LinkedHashMap<>();

    /** What differs from the streaming job. */
    Map<String, String> differing() {
        return set;
    }

    /** The job's settings with what is set for this command. */
    JobSettings read(Map<String, String> environment) {
        return read(environment, Map.of());
    }

    /** The same without what is set of some options. */
    JobSettings readWithout(List<ConfigOption<?>> options, Map<String, String> environment) {
        Map<String, String> rest = new LinkedHashMap<>(set);
        options.forEach(option -> rest.remove(option.key()));
        return load(rest, environment);
    }

    /**
     * @param decided options that are not the user's to set
     */
    JobSettings read(Map<String, String> environment, Map<String, String> decided) {
        Map<String, String> all = new LinkedHashMap<>(set);
        all.putAll(decided);
        return load(all, environment);
    }

    private JobSettings load(Map<String, String> all, Map<String, String> environment) {
        if (set.containsKey(JobOptions.DATABASE_LAYERS.key())) {
            throw new UsageException(
                    "INVALID_SETTINGS: database.layers: the command decides it, it can't be set");
        }
        List<String> arguments = new ArrayList<>();
        if (config != null) {
            arguments.addAll(List.of("--config", config));
        }
        all.forEach((key, value) -> arguments.addAll(List.of("--" + key, value)));
        try {
            return JobSettings.load(arguments.toArray(new String[0]), environment);
        } catch (InvalidSettingsException e) {
            throw new UsageException("INVALID_SETTINGS: " + e.getMessage());
        }
    }
}
