package io.onevault.tracking.local;

import io.onevault.tracking.job.settings.InvalidSettingsException;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.program.UsageException;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * The whole system in one process: broker, database, Flink cluster and job, fed with the bundled
 * sample or a file. Needs nothing but a JDK.
 */
@Command(
        name = "LocalStack",
        description = {
            "Starts Kafka, PostgreSQL and Flink in one process, plays events through the site"
                    + " tracking job and stays up until Ctrl-C. Progress and the table of"
                    + " sessions go to stderr, the summary of --drain to stdout.",
            ""
        })
public final class LocalStack implements Callable<Integer> {

    private final Console console;

    @Mixin private StackOptions options = new StackOptions();

    LocalStack(Console console) {
        this.console = console;
    }

    public static void main(String[] args) {
        Console.main(LocalStack::new, args);
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
                Servers servers = new Servers(kafka, postgres, flink, ports);
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
        write(settings, directory.path().resolve("job.properties"));
        return settings;
    }

    /** For programs that work on the job from outside. */
    private static void write(StackSettings settings, Path file) throws IOException {
        Properties properties = new Properties();
        properties.putAll(settings.job());
        try (Writer writer = Files.newBufferedWriter(file)) {
            properties.store(writer, null);
        }
    }
}
