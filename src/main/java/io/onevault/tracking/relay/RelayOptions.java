package io.onevault.tracking.relay;

import io.onevault.tracking.access.CommandSettings;
import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.access.Secrecy;
import java.util.List;
import java.util.Map;

/** What the command line of {@link Relay} says, and the environment and the file that it names. */
final class RelayOptions {

    private static final String SERVERS = "kafka.bootstrap-servers";
    private static final String TOPIC = "kafka.topic";

    /** Short names of the job's settings; user and password are the relay's own. */
    private static final Map<String, String> SETTINGS =
            Map.of("--url", Secrecy.DATABASE_URL, "--bootstrap-servers", SERVERS, "--topic", TOPIC);

    private static final Map<String, String> REQUIRED =
            Map.of(Secrecy.DATABASE_URL, "--url", SERVERS, "--bootstrap-servers");

    private static final String DEFAULT_TOPIC = "site-tracking-events";

    private RelayOptions() {}

    /**
     * @throws IllegalArgumentException with a message for the user
     */
    static RelaySettings parse(String[] args, Map<String, String> environment) {
        CommandSettings given = new CommandSettings(List.of(Secrecy.DATABASE_URL, SERVERS, TOPIC));
        String user = environment.getOrDefault("PGUSER", "");
        String password = DatabaseAccess.environmentPassword(environment);
        for (int i = 0; i < args.length; i += 2) {
            String name = args[i];
            String value = i + 1 < args.length ? args[i + 1] : null;
            if (value == null) {
                throw new IllegalArgumentException(name + " needs a value or is unknown");
            }
            switch (name) {
                case "--user" -> user = value;
                case "--password" -> password = DatabaseAccess.passwordOption(value);
                default -> given.take(SETTINGS.getOrDefault(name, name), value);
            }
        }
        Map<String, String> settings = given.settings(environment);
        REQUIRED.forEach(
                (key, name) -> {
                    if (!settings.containsKey(key)) {
                        throw new IllegalArgumentException(name + " or --config is missing");
                    }
                });
        return RelaySettings.of(
                new DatabaseAccess(settings.get(Secrecy.DATABASE_URL), user, password),
                KafkaAccess.of(settings.get(SERVERS), settings),
                settings.getOrDefault(TOPIC, DEFAULT_TOPIC));
    }
}
