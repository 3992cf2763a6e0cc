package io.onevault.tracking.job.settings;

import io.onevault.tracking.access.Environment;
import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.program.Program;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.configuration.ConfigOption;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The job's command line: what all our programs have, and an option for each setting. */
final class JobCommand {

    private static final String DASHES = "--";
    private static final String VALUE = "VALUE";

    /** Option that names a properties file; not an option of the job itself. */
    static final String CONFIG_FILE = "config";

    private final CommandLine line;
    private final ParseResult parsed;

    /**
     * @throws CommandLine.ParameterException on an option without a value or given twice
     */
    JobCommand(String... args) {
        line = Program.commandLine(spec(args)).setUnmatchedArgumentsAllowed(true);
        // Flink's command line ends the process.
        line.getCommandSpec().usageMessage().footer();
        parsed = line.parseArgs(args);
    }

    /** Prints help or version, whichever was asked for; returns whether one was. */
    boolean helps() {
        return CommandLine.printHelpIfRequested(parsed);
    }

    /** Values by their keys; unknown keys are among them. */
    Map<String, String> arguments() {
        Map<String, String> arguments = new HashMap<>();
        for (OptionSpec option : parsed.matchedOptions()) {
            arguments.put(option.longestName().substring(DASHES.length()), option.getValue());
        }
        for (String unknown : parsed.unmatched()) {
            if (unknown.startsWith(DASHES)) {
                arguments.put(key(unknown), "");
            }
        }
        return arguments;
    }

    String help() {
        return line.getUsageMessage();
    }

    private static CommandSpec spec(String... args) {
        CommandSpec spec = CommandSpec.create().name("flink run site-tracking.jar");
        spec.usageMessage()
                .customSynopsis("flink run site-tracking.jar --config FILE [--OPTION VALUE]...")
                .description(
                        "Reads tracker events from Kafka, builds sessions and loads the Data Vault."
                                + " Options come from the command line, the environment or a"
                                + " properties file, in this order of precedence.%n");
        spec.addOption(option(CONFIG_FILE, "FILE", "Properties file with any of the options."));
        for (ConfigOption<?> option : JobOptions.ALL) {
            spec.addOption(option(option.key(), VALUE, explain(option)));
        }
        spec.addOption(
                option(
                        KafkaAccess.PREFIX + "NAME",
                        VALUE,
                        "Any property of Kafka's clients, such as security.protocol: all clients of"
                                + " the job get it. A secret in it is named by $${env:NAME} or"
                                + " $${file:/path}. Environment:"
                                + " SITE_TRACKING_KAFKA_PROPERTY_NAME, dots as underscores."));
        for (String arg : args) {
            boolean property = arg.startsWith(DASHES + KafkaAccess.PREFIX);
            if (property && spec.findOption(DASHES + key(arg)) == null) {
                spec.addOption(option(key(arg), VALUE, ""));
            }
        }
        return spec;
    }

    private static String key(String arg) {
        return arg.substring(DASHES.length()).split("=", 2)[0];
    }

    private static OptionSpec option(String key, String value, String description) {
        return OptionSpec.builder(DASHES + key)
                .type(String.class)
                .paramLabel(value)
                .description(description)
                .build();
    }

    private static String explain(ConfigOption<?> option) {
        boolean told = option.hasDefaultValue() && !"".equals(option.defaultValue());
        // picocli would put something else for both.
        return JobSettings.describe(option).replace("%", "%%").replace("${", "$${")
                + (told ? " Default: " + JobSettings.show(option.defaultValue()) + "." : "")
                + " Environment: "
                + Environment.variable(option.key())
                + ".";
    }
}
