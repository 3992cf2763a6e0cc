package io.onevault.tracking.recover;

import io.onevault.tracking.access.CommandSettings;
import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.access.References;
import io.onevault.tracking.access.Secrecy;
import io.onevault.tracking.contract.HeaderProof;
import io.onevault.tracking.contract.RejectedEntry;
import io.onevault.tracking.event.RejectReason;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the command line of {@link Recover} says. */
final class RecoverOptions {

    private static final String SERVERS = "kafka.bootstrap-servers";
    private static final String REJECTED_TOPIC = "kafka.rejected-topic";

    private final CommandSettings job =
            new CommandSettings(List.of(SERVERS, REJECTED_TOPIC, Secrecy.PRIVACY_SECRET));
    private Map<String, String> settings = Map.of();
    private final Set<RejectReason> reasons = EnumSet.noneOf(RejectReason.class);
    private final Set<String> tenants = new HashSet<>();
    private @Nullable Instant from;
    private @Nullable Instant to;
    private @Nullable Path export;
    private @Nullable Path input;
    private boolean all;
    private boolean dryRun;
    private boolean help;

    private RecoverOptions() {}

    /**
     * @throws IllegalArgumentException with a message for the user
     */
    static RecoverOptions parse(String[] args, Map<String, String> environment) {
        RecoverOptions options = new RecoverOptions();
        for (int i = 0; i < args.length; i++) {
            if (!options.takeFlag(args[i])) {
                String name = args[i];
                i++;
                if (i == args.length) {
                    throw new IllegalArgumentException(name + " is unknown or needs a value");
                }
                options.take(name, args[i]);
            }
        }
        options.check(environment);
        return options;
    }

    private boolean takeFlag(String name) {
        switch (name) {
            case "--all" -> all = true;
            case "--dry-run" -> dryRun = true;
            case "--help", "-h" -> help = true;
            default -> {
                return false;
            }
        }
        return true;
    }

    private void take(String name, String value) {
        switch (name) {
            case "--bootstrap-servers" -> job.take(SERVERS, value);
            case "--rejected-topic" -> job.take(REJECTED_TOPIC, value);
            case "--reason" -> {
                for (String reason : value.split(",")) {
                    reasons.add(reason(reason));
                }
            }
            case "--tenant" -> tenants.addAll(List.of(value.split(",")));
            case "--from" -> from = instant(name, value);
            case "--to" -> to = instant(name, value);
            case "--export" -> export = Path.of(value);
            case "--input" -> input = Path.of(value);
            default -> job.take(name, value);
        }
    }

    private static RejectReason reason(String name) {
        try {
            return RejectReason.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--reason " + name + ": no such code", e);
        }
    }

    private static Instant instant(String name, String value) {
        try {
            return Instant.parse(value);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    name + " needs a time such as 2026-11-20T10:00:00Z", e);
        }
    }

    private void check(Map<String, String> environment) {
        if (help) {
            return;
        }
        settings = job.settings(environment);
        if (!settings.containsKey(SERVERS)) {
            throw new IllegalArgumentException("--bootstrap-servers or --config is missing");
        }
        boolean selected =
                !reasons.isEmpty() || !tenants.isEmpty() || from != null || to != null || all;
        if (selected == (input != null)) {
            throw new IllegalArgumentException(
                    "say which events: --reason, --tenant, --from, --to, or --all; or --input alone");
        }
        if (export == null && !dryRun && !settings.containsKey(Secrecy.PRIVACY_SECRET)) {
            throw new IllegalArgumentException(
                    Secrecy.PRIVACY_SECRET
                            + " is missing, by which the job believes what is submitted");
        }
    }

    boolean help() {
        return help;
    }

    KafkaAccess kafka() {
        return KafkaAccess.of(settings.get(SERVERS), settings);
    }

    /**
     * What proves to the job where events come from.
     *
     * @throws IllegalArgumentException with a message for the user
     */
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

    @Nullable Path export() {
        return export;
    }

    @Nullable Path input() {
        return input;
    }

    boolean dryRun() {
        return dryRun;
    }

    /** Whether the event is among those asked for. */
    boolean selects(RejectedEntry entry) {
        return (reasons.isEmpty() || reasons.contains(entry.reason()))
                && (tenants.isEmpty() || tenants.contains(entry.tenantBk()))
                && (from == null || !entry.appendedAt().isBefore(from))
                && (to == null || entry.appendedAt().isBefore(to));
    }
}
