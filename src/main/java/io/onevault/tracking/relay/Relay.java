package io.onevault.tracking.relay;

import io.onevault.tracking.program.Endpoints;
import io.onevault.tracking.program.Program;
import java.util.Map;
import java.util.function.Consumer;
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

    private final Map<String, String> environment;
    private final Consumer<RelaySettings> runner;

    /** The user is a member of site_tracking_relay. */
    @Mixin private Endpoints endpoints = new Endpoints();

    @Option(
            names = "--call-anywhere",
            description =
                    "Alerts may call webhooks without TLS, and at addresses that are not public,"
                            + " such as those of the network that the relay stands in.")
    private boolean callAnywhere;

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
        Endpoints.Found found = endpoints.find(environment);
        runner.accept(
                RelaySettings.of(found.database(), found.kafka(), found.topic())
                        .callingAnywhere(callAnywhere));
    }
}
