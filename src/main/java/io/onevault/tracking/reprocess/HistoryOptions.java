package io.onevault.tracking.reprocess;

import io.onevault.tracking.job.admit.History;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.program.UsageException;
import io.onevault.tracking.reprocess.ReprocessException.Code;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say what is read. */
final class HistoryOptions {

    @Option(
            names = "--savepoint",
            paramLabel = "DIR",
            description =
                    "A savepoint of the job, canonical or native, or an incremental checkpoint that"
                            + " was retained. Its archive is read, and raw for what the archive has"
                            + " forgotten.")
    private @Nullable String savepoint;

    @Option(names = "--no-savepoint", description = "Read raw alone.")
    private boolean noSavepoint;

    @Option(names = "--no-raw", description = "Read the archive alone.")
    private boolean noRaw;

    @Option(
            names = "--tenant",
            paramLabel = "NAME",
            description = "Only this tenant's events; may be given several times.")
    private List<String> tenants = List.of();

    boolean raw() {
        return !noRaw;
    }

    /** Names of the tenants, each once and in order; empty for all. */
    Set<String> tenants() {
        return new TreeSet<>(tenants);
    }

    /**
     * Null without one.
     *
     * @throws ReprocessException when it is none of the job that has these settings
     */
    @Nullable Savepoint savepoint(JobSettings job) {
        if (savepoint == null != noSavepoint) {
            throw new UsageException("either --savepoint or --no-savepoint is needed");
        }
        if (noSavepoint && noRaw) {
            throw new UsageException("--no-savepoint and --no-raw leave nothing to read");
        }
        if (savepoint == null) {
            return null;
        }
        Savepoint opened = Savepoint.open(savepoint);
        opened.requireReadable();
        opened.requireOf(job.get(JobOptions.KAFKA_TOPIC));
        return opened;
    }

    /**
     * @param names of the tenants by hash key
     * @param keptFrom by these, from when on events are kept
     */
    History history(
            @Nullable Savepoint opened, Map<String, String> names, Map<String, Instant> keptFrom) {
        return new History(
                opened == null ? null : opened.path(),
                opened == null ? Map.of() : opened.nextOffsets(),
                !noRaw,
                tenantHks(names),
                keptFrom);
    }

    private Set<String> tenantHks(Map<String, String> names) {
        Set<String> unknown = new TreeSet<>(tenants);
        Set<String> hks = new TreeSet<>();
        names.forEach(
                (hk, name) -> {
                    if (tenants.contains(name)) {
                        hks.add(hk);
                        unknown.remove(name);
                    }
                });
        if (!unknown.isEmpty()) {
            throw new ReprocessException(Code.UNKNOWN_TENANT, String.join(", ", unknown));
        }
        return hks;
    }
}
