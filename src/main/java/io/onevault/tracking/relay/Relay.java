package io.onevault.tracking.relay;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Command line: runs a relay until it is stopped. */
public final class Relay {

    static final int OK = 0;
    static final int USAGE = 2;

    private static final String URL = "--url";
    private static final String USER = "--user";
    private static final String PASSWORD = "--password";
    private static final String SERVERS = "--bootstrap-servers";
    private static final String TOPIC = "--topic";
    private static final List<String> REQUIRED = List.of(URL, SERVERS, TOPIC);
    private static final List<String> KNOWN = List.of(URL, USER, PASSWORD, SERVERS, TOPIC);

    private static final String HELP =
            """
            Usage: Relay --url <jdbc url> --bootstrap-servers <host:port> --topic <name>
                         [--user <name>] [--password <secret>]

            Moves the events that api.track_event took from the database to Kafka, in order per
            record key, each at least once, until it is stopped. A second relay takes over when
            the first one ends.

              --url <jdbc url>                 such as jdbc:postgresql://localhost:5432/one_vault
              --bootstrap-servers <host:port>  the brokers
              --topic <name>                   the topic that the streaming job reads
              --user <name>                    a member of site_tracking_relay; default: environment
                                               variable PGUSER
              --password <secret>              default: environment variable PGPASSWORD
              --help                           show this text

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
            return settings(args, env);
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage() + "; see --help");
            return null;
        }
    }

    private static RelaySettings settings(String[] args, Map<String, String> env) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < args.length; i += 2) {
            if (!KNOWN.contains(args[i])) {
                throw new IllegalArgumentException("unknown option " + args[i]);
            }
            if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + " needs a value");
            }
            given.put(args[i], args[i + 1]);
        }
        for (String name : REQUIRED) {
            if (!given.containsKey(name)) {
                throw new IllegalArgumentException(name + " is missing");
            }
        }
        return RelaySettings.of(
                given.get(URL),
                given.getOrDefault(USER, env.getOrDefault("PGUSER", "")),
                given.getOrDefault(PASSWORD, env.getOrDefault("PGPASSWORD", "")),
                given.get(SERVERS),
                given.get(TOPIC));
    }
}
