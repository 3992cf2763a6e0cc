package io.onevault.tracking.program;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.access.Secrecy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of a program that stands between the database and the topic that the job reads. */
public final class Endpoints {

    private static final String SERVERS = "kafka.bootstrap-servers";
    private static final String TOPIC = "kafka.topic";
    private static final String DEFAULT_TOPIC = "site-tracking-events";

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

    /** The job's own login is none of such a program's. */
    @Mixin private DatabaseLogin login = new DatabaseLogin();

    /** Both ends. */
    public record Found(DatabaseAccess database, KafkaAccess kafka, String topic) {}

    /** What the options say, else the environment, else the file. */
    public Found find(Map<String, String> environment) {
        Map<String, @Nullable String> options = new HashMap<>();
        options.put(Secrecy.DATABASE_URL, url);
        options.put(SERVERS, servers);
        options.put(TOPIC, topic);
        Map<String, String> settings = config.settings(options, List.of(), environment);
        String database = required(settings, Secrecy.DATABASE_URL, "--url");
        return new Found(
                login.to(database, "--url", environment),
                KafkaAccess.of(required(settings, SERVERS, "--bootstrap-servers"), settings),
                settings.getOrDefault(TOPIC, DEFAULT_TOPIC));
    }

    private static String required(Map<String, String> settings, String key, String option) {
        String value = settings.get(key);
        if (value == null) {
            throw new UsageException(option + " or --config is missing");
        }
        return value;
    }
}
