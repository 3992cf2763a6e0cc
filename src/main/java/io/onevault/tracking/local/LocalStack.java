package io.onevault.tracking.local;

import io.onevault.tracking.job.SiteTrackingJob;
import io.onevault.tracking.job.settings.InvalidSettingsException;
import io.onevault.tracking.job.settings.JobSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * The whole system in one process: broker, database, Flink cluster and job, fed with the bundled
 * sample or a file. Needs nothing but a JDK.
 */
@Command(
        name = "local-stack",
        mixinStandardHelpOptions = true,
        versionProvider = LocalStack.Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = {
            "Starts Kafka, PostgreSQL and Flink in one process, plays events through the site"
                    + " tracking job and stays up until Ctrl-C. Progress and the table of"
                    + " sessions go to stderr, the summary of --drain to stdout.",
            ""
        },
        footer = {
            "",
            "Exit codes: 0 done, 1 failed, 2 bad arguments, 3 --drain waited for what does not"
                    + " move any more, 130 stopped before --drain was done."
        })
public final class LocalStack implements Callable<Integer> {

    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int STANDSTILL = 3;

    private final Console console;

    @Mixin private StackOptions options = new StackOptions();

    LocalStack(Console console) {
        this.console = console;
    }

    public static void main(String[] args) {
        Interrupts interrupts = new Interrupts();
        interrupts.listen();
        boolean terminal = System.console() != null;
        Console console =
                new Console(System.in, System.out, new Progress(System.err, terminal), interrupts);
        int code = run(console, args);
        System.out.flush();
        // The servers' pools keep non-daemon threads for a while after they were closed, and at an
        // orderly exit Maven would write behind the summary, which is to be the last line.
        Runtime.getRuntime().halt(code);
    }

    /** Runs the stack and returns the exit code; never throws and never ends the process. */
    static int run(Console console, String... args) {
        return new CommandLine(new LocalStack(console))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((e, given) -> refuse(console, e.getMessage()))
                .setExecutionExceptionHandler((e, line, result) -> fail(console, e))
                .execute(args);
    }

    @Override
    public Integer call() throws Exception {
        options.check();
        try (DataDirectory directory = options.openDataDirectory()) {
            Ports ports = Ports.find(directory, options.ports);
            StackSettings settings = settings(directory, ports);
            console.progress().say("Starting Kafka, PostgreSQL and Flink in " + directory.path());
            try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.kafka(), ports);
                    EmbeddedPostgres postgres =
                            EmbeddedPostgres.start(
                                    directory.postgres(),
                                    directory.binaries(),
                                    ports.of(Endpoint.POSTGRES));
                    FlinkCluster flink =
                            FlinkCluster.start(
                                    directory.flink(), ports.of(Endpoint.WEB), settings.flink())) {
                Servers servers = new Servers(kafka, postgres, flink);
                return new StackRun(options, settings, servers, console).run();
            }
        }
    }

    private StackSettings settings(DataDirectory directory, Ports ports) throws IOException {
        StackSettings settings =
                StackSettings.of(
                        StackSettings.own(directory, ports), options.set, JobSettings.keys());
        settings.flink().putIfAbsent("parallelism.default", Integer.toString(options.parallelism));
        try {
            JobSettings.of(settings.job());
        } catch (InvalidSettingsException e) {
            throw new UsageException(e.getMessage());
        }
        return settings;
    }

    private static int fail(Console console, Exception failure) {
        if (failure instanceof UsageException) {
            console.progress().say(failure.getMessage());
            return USAGE;
        }
        if (failure instanceof StandstillException) {
            console.progress().say("Failed: " + failure.getMessage());
            return STANDSTILL;
        }
        console.progress().say("Failed: " + ErrorLine.of(failure));
        return FAILED;
    }

    private static int refuse(Console console, String message) {
        console.progress().say(message + "; see --help");
        return USAGE;
    }

    /** The version of this build. */
    public static final class Version implements CommandLine.IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[] {"site-tracking " + SiteTrackingJob.version()};
        }
    }
}
