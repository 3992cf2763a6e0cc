package io.onevault.tracking.recover;

import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.access.References;
import io.onevault.tracking.access.Secrecy;
import io.onevault.tracking.contract.HeaderProof;
import io.onevault.tracking.contract.RejectedEntry;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.program.JobConfig;
import io.onevault.tracking.program.UsageException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the command line of {@link Recover} says. */
final class RecoverOptions {

    private static final String SERVERS = "kafka.bootstrap-servers";
    private static final String REJECTED_TOPIC = "kafka.rejected-topic";

    private Map<String, String> settings = Map.of();

    @Mixin private JobConfig config = new JobConfig();

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            description = "The brokers, instead of --config.")
    private @Nullable String servers;

    @Option(
            names = "--rejected-topic",
            paramLabel = "NAME",
            description = "Default: site-tracking-rejected.")
    private @Nullable String rejectedTopic;

    @Option(
            names = "--reason",
            paramLabel = "CODE",
            split = ",",
            description = "Events rejected with one of these codes.")
    private Set<RejectReason> reasons = Set.of();

    @Option(
            names = "--tenant",
            paramLabel = "KEY",
            split = ",",
            description = "Events that name one of these tenants.")
    private Set<String> tenants = Set.of();

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "Events appended since, such as 2026-11-20T10:00:00Z.")
    private @Nullable Instant from;

    @Option(names = "--to", paramLabel = "TIME", description = "Events appended before.")
    private @Nullable Instant to;

    @Option(names = "--all", description = "Every event.")
    private boolean all;

    @Option(
            names = "--export",
            paramLabel = "FILE",
            description =
                    "Write the events to a file instead, one JSON object a line, to be edited.")
    @Nullable Path export;

    @Option(
            names = "--input",
            paramLabel = "FILE",
            description = "Submit the events of such a file as they are there.")
    @Nullable Path input;

    @Option(names = "--dry-run", description = "Say what would be submitted.")
    boolean dryRun;

    /** Adds what the environment and the file say. */
    void complete(Map<String, String> environment) {
        Map<String, @Nullable String> options = new HashMap<>();
        options.put(SERVERS, servers);
        options.put(REJECTED_TOPIC, rejectedTopic);
        settings = config.settings(options, List.of(Secrecy.PRIVACY_SECRET), environment);
        if (!settings.containsKey(SERVERS)) {
            throw new UsageException("--bootstrap-servers or --config is missing");
        }
        boolean selected =
                !reasons.isEmpty() || !tenants.isEmpty() || from != null || to != null || all;
        if (selected == (input != null)) {
            throw new UsageException(
                    "say which events: --reason, --tenant, --from, --to, or --all; or --input alone");
        }
        if (export == null && !dryRun && !settings.containsKey(Secrecy.PRIVACY_SECRET)) {
            throw new UsageException(
                    Secrecy.PRIVACY_SECRET
                            + " is missing, by which the job believes what is submitted");
        }
    }

    KafkaAccess kafka() {
        return KafkaAccess.of(settings.get(SERVERS), settings);
    }

    /** What proves to the job where events come from. */
    HeaderProof headerProof() {
        try {
            String secret = settings.getOrDefault(Secrecy.PRIVACY_SECRET, "");
            return HeaderProof.under(References.resolve(secret).strip());
        } catch (References.UnresolvedReferenceException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    String rejectedTopic() {
        return settings.getOrDefault(REJECTED_TOPIC, "site-tracking-rejected");
    }

    /** Whether the event is among those asked for. */
    boolean selects(RejectedEntry entry) {
        return (reasons.isEmpty() || reasons.contains(entry.reason()))
                && (tenants.isEmpty() || tenants.contains(entry.tenantBk()))
                && (from == null || !entry.appendedAt().isBefore(from))
                && (to == null || entry.appendedAt().isBefore(to));
    }
}
