package io.onevault.tracking.relay;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Command line: runs a relay until it is stopped. */
public final class Relay {

    static final int OK = 0;
    static final int USAGE = 2;

    private static final String HELP =
            """
            Usage: Relay --config <file> [--user <name>] [--password <reference>]
                   Relay --url <jdbc url> --bootstrap-servers <host:port> [--topic <name>] ...

            Moves the events that api.track_event took from the database to Kafka, in order per
            record key, each at least once, until it is stopped. A second relay takes over when
            the first one ends.

              --config <file>                  the job's configuration; of it database.url,
                                               kafka.bootstrap-servers, kafka.topic and
                                               kafka.property.* are used
              --url <jdbc url>                 such as jdbc:postgresql://localhost:5432/one_vault
              --bootstrap-servers <host:port>  the brokers
              --topic <name>                   the topic that the streaming job reads, default:
                                               site-tracking-events
              --kafka.property.<name> <value>  any property of Kafka's producer
              --user <name>                    a member of site_tracking_relay; default: environment
                                               variable PGUSER
              --password <reference>           ${env:NAME} or ${file:/path}; default: environment
                                               variable PGPASSWORD
              --help                           show this text

            The environment's SITE_TRACKING_DATABASE_URL, SITE_TRACKING_KAFKA_BOOTSTRAP_SERVERS,
            SITE_TRACKING_KAFKA_TOPIC and SITE_TRACKING_KAFKA_PROPERTY_<NAME> beat the file and are
            beaten by options.

            Exit codes: 0 stopped, 2 bad arguments.
            """;

    private Relay() {}

    public static void main(String[] args) {
        RelaySettings settings = settings(args, System.getenv(), System.out, System.err);
        if (settings == null) {
            System.exit(Arrays.asList(args).contains("--help") ? OK : USAGE);
            return;
        }
        OutboxRelay relay = new OutboxRelay(settings);
        Runtime.getRuntime().addShutdownHook(new Thread(relay::close, "stop-relay"));
        relay.run();
    }

    /** What the arguments say, or null when help was asked for or they are wrong. */
    static @Nullable RelaySettings settings(
            String[] args, Map<String, String> env, PrintStream out, PrintStream err) {
        if (Arrays.asList(args).contains("--help")) {
            out.print(HELP);
            return null;
        }
        try {
            return RelayOptions.parse(args, env);
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage() + "; see --help");
            return null;
        }
    }
}
