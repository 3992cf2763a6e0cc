package io.onevault.tracking.relay;

import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.access.Secrecy;
import io.onevault.tracking.program.DatabaseLogin;
import io.onevault.tracking.program.JobConfig;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.program.UsageException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Command line: runs a relay until it is stopped. */
@Command(
        name = "Relay",
        description = {
            "Moves the events that api.track_event took from the database to Kafka, in order per"
                    + " record key, each at least once, until it is stopped. A second relay takes"
                    + " over when the first one ends.",
            "",
            "The environment's SITE_TRACKING_DATABASE_URL, SITE_TRACKING_KAFKA_BOOTSTRAP_SERVERS,"
                    + " SITE_TRACKING_KAFKA_TOPIC and SITE_TRACKING_KAFKA_PROPERTY_<NAME> beat the"
                    + " file and are beaten by options.",
            ""
        })
public final class Relay implements Runnable {

    private static final String SERVERS = "kafka.bootstrap-servers";
    private static final String TOPIC = "kafka.topic";
    private static final String DEFAULT_TOPIC = "site-tracking-events";

    private final Map<String, String> environment;
    private final Consumer<RelaySettings> runner;

    @Mixin private JobConfig config = new JobConfig();

    @Option(
            names = "--url",
            paramLabel = "JDBC-URL",
            description = "Such as jdbc:postgresql://localhost:5432/one_vault.")
    private @Nullable String url;

    @Option(names = "--bootstrap-servers", paramLabel = "HOST:PORT", description = "The brokers.")
    private @Nullable String servers;

    @Option(
            names = "--topic",
            paramLabel = "NAME",
            description = "What the streaming job reads. Default: " + DEFAULT_TOPIC + ".")
    private @Nullable String topic;

    /** The user is a member of site_tracking_relay; the job's own login is not. */
    @Mixin private DatabaseLogin login = new DatabaseLogin();

    Relay(Map<String, String> environment, Consumer<RelaySettings> runner) {
        this.environment = environment;
        this.runner = runner;
    }

    public static void main(String[] args) {
        Program.main(new Relay(System.getenv(), Relay::relay), args);
    }

    private static void relay(RelaySettings settings) {
        OutboxRelay relay = new OutboxRelay(settings);
        Runtime.getRuntime().addShutdownHook(new Thread(relay::close, "stop-relay"));
        relay.run();
    }

    @Override
    public void run() {
        Map<String, @Nullable String> options = new HashMap<>();
        options.put(Secrecy.DATABASE_URL, url);
        options.put(SERVERS, servers);
        options.put(TOPIC, topic);
        Map<String, String> settings = config.settings(options, List.of(), environment);
        runner.accept(
                RelaySettings.of(
                        login.to(
                                required(settings, Secrecy.DATABASE_URL, "--url"),
                                "--url",
                                environment),
                        KafkaAccess.of(
                                required(settings, SERVERS, "--bootstrap-servers"), settings),
                        settings.getOrDefault(TOPIC, DEFAULT_TOPIC)));
    }

    private static String required(Map<String, String> settings, String key, String option) {
        String value = settings.get(key);
        if (value == null) {
            throw new UsageException(option + " or --config is missing");
        }
        return value;
    }
}
