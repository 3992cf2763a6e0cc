package io.onevault.tracking.local;

import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.access.References;
import io.onevault.tracking.contract.HeaderProof;
import io.onevault.tracking.program.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The settings of the job and of its cluster: the stack's own, overridden by {@code --set}.
 *
 * @param job options of the job, complete
 * @param flink options of Flink by which to differ from the local cluster's own
 */
public record StackSettings(Map<String, String> job, Map<String, String> flink) {

    static final String TOPIC = "kafka.topic";
    static final String REJECTED_TOPIC = "kafka.rejected-topic";
    public static final String GROUP = "kafka.group-id";
    public static final String TENANT_REFRESH = "tenants.refresh";
    static final String SECRET = "privacy.secret";

    /**
     * Known to everybody: the stack is for demonstrations and tests, whose runs give the same
     * visitors so that they can be compared. {@code --set} gives another one.
     */
    static final String DEMONSTRATION_SECRET = "5ec7e7".repeat(8);

    /** Flink's options share no first word with the job's. */
    private static final List<String> FLINK_PREFIXES =
            List.of(
                    "execution.",
                    "heartbeat.",
                    "jobmanager.",
                    "metrics.",
                    "parallelism.",
                    "pekko.",
                    "pipeline.",
                    "rest.",
                    "restart-strategy.",
                    "state.",
                    "task.",
                    "taskmanager.",
                    "web.");

    /**
     * Sorts what was set into options of the job and of Flink.
     *
     * @param jobKeys all that the job knows
     * @throws UsageException naming a key that neither knows
     */
    public static StackSettings of(
            Map<String, String> own, Map<String, String> set, Set<String> jobKeys) {
        Map<String, String> job = new HashMap<>(own);
        Map<String, String> flink = new HashMap<>();
        set.forEach(
                (key, value) -> {
                    if (jobKeys.contains(key) || key.startsWith(KafkaAccess.PREFIX)) {
                        job.put(key, value);
                    } else if (FLINK_PREFIXES.stream().anyMatch(key::startsWith)) {
                        flink.put(key, value);
                    } else {
                        throw new UsageException(
                                "--set "
                                        + key
                                        + ": no such option; the job knows "
                                        + String.join(", ", jobKeys));
                    }
                });
        return new StackSettings(job, flink);
    }

    /** The stack's own settings of the job, for the doors of this run. */
    public static Map<String, String> own(DataDirectory directory, Ports ports) throws IOException {
        Map<String, String> own = new HashMap<>();
        own.put("kafka.bootstrap-servers", ports.address(Endpoint.KAFKA));
        own.put(TOPIC, "site-tracking-events");
        own.put(REJECTED_TOPIC, "site-tracking-rejected");
        own.put(GROUP, "site-tracking");
        own.put("database.url", EmbeddedPostgres.jdbcUrl(ports.of(Endpoint.POSTGRES)));
        own.put("database.user", EmbeddedPostgres.USER);
        Path secret = directory.path().resolve(SECRET);
        Files.writeString(secret, DEMONSTRATION_SECRET);
        own.put(SECRET, References.toFile(secret));
        // Samples and files are of the past, whose random salts would be gone: demonstrations only.
        own.put("privacy.salts", "DERIVED");
        // Tenants that the input names appear while the job runs.
        own.put(TENANT_REFRESH, "200 ms");
        return own;
    }

    /** What proves to the job that ticks are the stack's. */
    HeaderProof headerProof() {
        return HeaderProof.under(References.resolve(job.get(SECRET)).strip());
    }

    /** Reference to the job's secret. */
    String secret() {
        return job.get(SECRET);
    }

    public String topic() {
        return job.get(TOPIC);
    }

    public String rejectedTopic() {
        return job.get(REJECTED_TOPIC);
    }

    public String group() {
        return job.get(GROUP);
    }
}
