package io.onevault.tracking.reprocess;

import io.onevault.tracking.job.ReplayJob;
import io.onevault.tracking.job.SecondStart;
import io.onevault.tracking.job.SiteTrackingJob;
import io.onevault.tracking.job.admit.History;
import io.onevault.tracking.job.admit.ReplaySteps.RawDays;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.migrate.MigrationException;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.program.UsageException;
import io.onevault.tracking.reprocess.ReprocessException.Code;
import io.onevault.tracking.reprocess.flink.FlinkJobs;
import io.onevault.tracking.vault.Layers;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Command line: makes the vault anew of history, in shadow tables. */
@Command(
        name = "build",
        description = {
            "Makes the vault anew of what is stored, in shadow tables beside production, and starts"
                    + " a second run of the job, which goes on from the savepoint until it is where"
                    + " the live one is. A build that was ended in whatever way goes on when it is"
                    + " run again: it begins anew, and what is written already stays.",
            "",
            "The login is an administrator's, who may make the shadow tables; the Flink job uses"
                    + " its own.",
            ""
        })
final class Build implements Callable<Integer> {

    static final String JOB = "site-tracking reprocess build";

    private static final int MOST_TRIES = 5;

    @ParentCommand private Reprocess program;
    @Mixin private SettingsOptions settings = new SettingsOptions();
    @Mixin private HistoryOptions options = new HistoryOptions();
    @Mixin private AdministratorLogin login = new AdministratorLogin();
    @Mixin private FlinkOptions flink = new FlinkOptions();

    @Option(
            names = "--from",
            paramLabel = "DAY",
            converter = Day.class,
            description =
                    "Only sessions that begin on this day, UTC, or later are to be carried over."
                            + " All events are read, as a session or a transaction may reach over"
                            + " any border.")
    private @Nullable LocalDate from;

    @Option(
            names = "--to",
            paramLabel = "DAY",
            converter = Day.class,
            description = "The last of these days.")
    private @Nullable LocalDate to;

    @Option(
            names = "--no-follow",
            description = "Start no second run of the job, which follows the live one.")
    private boolean noFollow;

    @Override
    public Integer call() {
        if (from != null && to != null && to.isBefore(from)) {
            throw new UsageException("--to is before --from");
        }
        Savepoint savepoint = options.savepoint(settings.read(program.environment()));
        return login.run(
                program,
                settings,
                runs -> {
                    runs.lock();
                    if (follows(savepoint) && savepoint != null) {
                        runs.shadow().requireNewestRunOf(savepoint);
                        try (FlinkJobs jobs = flink.cluster().connect()) {
                            follow(runs, flink.jobs(jobs, settings, program), savepoint);
                        }
                        return Program.OK;
                    }
                    // A cluster that is away is noticed before anything is made.
                    StreamExecutionEnvironment env = flink.cluster().environment();
                    if (begin(runs, savepoint, null)) {
                        fill(runs, env, savepoint, null);
                        runs.note(Map.of("state", Run.BUILT));
                    }
                    return Program.OK;
                });
    }

    /** Of some tenants or days, what differs is carried over while the live job goes on. */
    private boolean follows(@Nullable Savepoint savepoint) {
        boolean all = options.tenants().isEmpty() && from == null && to == null;
        boolean can = savepoint != null && savepoint.isCanonical();
        if (all && !can && !noFollow) {
            program.out().println("No job follows: only from a canonical savepoint one can");
        }
        return all && can && !noFollow;
    }

    private void follow(Runs runs, Jobs jobs, Savepoint savepoint) throws Exception {
        if (begin(runs, savepoint, jobs)) {
            String start = fill(runs, jobs.folder(runs.read(Run.BUILDING), "start"), savepoint);
            runs.note(Map.of("state", Run.BUILT, "counts", Map.of("shadow_from", start)));
        }
        Following following = new Following(runs, jobs, program.out()::println);
        following.awaitCaughtUp(following.start(), null);
    }

    /**
     * Makes the shadow; returns whether it is to be filled.
     *
     * @param following among which a second run is to be; null for none
     */
    private boolean begin(Runs runs, @Nullable Savepoint savepoint, @Nullable Jobs following)
            throws Exception {
        JobSettings job = shadow();
        JobSettings live = live();
        Map<String, Object> description = description(savepoint, live, job);
        try (Vault vault = new Vault(job.database())) {
            requireHistory(vault, savepoint);
            Shadow.Found found = runs.shadow().find(description);
            if (found == Shadow.Found.OVER) {
                runs.requireNothingUnderWay();
                return false;
            }
            if (savepoint != null && following != null) {
                following.requireGoesOn(savepoint.path());
            }
            // Or else it would write into the new shadow as well.
            flink.cluster().cancel(JOB);
            if (found == Shadow.Found.NOTHING) {
                runs.shadow().make();
            }
            if (found != Shadow.Found.BEGUN) {
                settledBefore(vault, List.of(live, job), savepoint)
                        .ifPresent(at -> description.put("settled_before", at.toString()));
                description.put("state", Run.BUILDING);
                runs.note(description);
            }
            return true;
        } catch (MigrationException e) {
            throw ReprocessException.of(e);
        }
    }

    private void requireHistory(Vault vault, @Nullable Savepoint savepoint) {
        vault.requireRunOf(savepoint);
        boolean raw = options.history(savepoint, vault.tenants(), Map.of()).raw();
        RawDays days = raw ? vault.rawDays() : null;
        if (savepoint == null && days == null) {
            throw new ReprocessException(Code.NO_HISTORY, "raw holds no event");
        }
    }

    private JobSettings shadow() {
        return settings.read(
                program.environment(),
                Map.of(JobOptions.DATABASE_LAYERS.key(), Layers.SHADOW.name()));
    }

    /**
     * The start of a second run is written once, so Flink does not restart a job that writes one:
     * after a failure another job writes another start.
     *
     * @return the start, in the folder
     */
    private String fill(Runs runs, String folder, Savepoint savepoint) throws Exception {
        for (int tries = 1; true; tries++) {
            String start = folder + "/" + UUID.randomUUID();
            try {
                SecondStart second =
                        new SecondStart(savepoint.path(), start, savepoint.watermark());
                fill(runs, flink.cluster().environment(), savepoint, second);
                return start;
            } catch (ReprocessException e) {
                if (tries == MOST_TRIES || !(e.getCause() instanceof ExecutionException)) {
                    throw e;
                }
                program.out().println("The batch part begins anew: " + e.getMessage());
            }
        }
    }

    private void fill(
            Runs runs,
            StreamExecutionEnvironment env,
            @Nullable Savepoint savepoint,
            @Nullable SecondStart second)
            throws Exception {
        flink.cluster().cancel(JOB);
        JobSettings job = shadow();
        try (Vault vault = new Vault(job.database())) {
            History history = options.history(savepoint, vault.tenants(), runs.shadow().keptFrom());
            RawDays days = history.raw() ? vault.rawDays() : null;
            ReplayJob.define(env, job, history, days, second);
            JobClient client = env.executeAsync(JOB);
            try {
                new Progress(program.out(), runs).follow(client, env.getParallelism());
            } catch (ExecutionException e) {
                String why = flink.cluster().failure(client.getJobID(), e);
                throw new ReprocessException(Code.JOB_FAILED, why, e);
            }
        }
    }

    /**
     * Sessions that ended before this can be changed by no event that the live job had not read;
     * from raw alone, those that it has closed tell how far it is at least. Empty where nothing
     * tells.
     */
    private Optional<Instant> settledBefore(
            Vault vault, List<JobSettings> jobs, @Nullable Savepoint savepoint) {
        long farthest = vault.farthestMillis(jobs);
        Instant passed = savepoint == null ? vault.latestClosed() : savepoint.passed();
        return Optional.ofNullable(passed).map(at -> at.minusMillis(farthest));
    }

    /**
     * The live job's, by the rules that it tells of itself; where none tells them, as before this
     * version none did, by those of the file.
     */
    private JobSettings live() {
        Map<String, String> told = Rules.told(flink.cluster().parameters(SiteTrackingJob.NAME));
        return settings.readWithout(JobOptions.DECIDING, program.environment()).with(told);
    }

    /** What decides what is read and made of it, wherever it is set. */
    private Map<String, String> readBy(JobSettings job) {
        Map<String, String> all = new TreeMap<>(job.texts(JobOptions.DECIDING));
        all.put("raw", String.valueOf(options.raw()));
        return all;
    }

    /** Columns of the reprocess that say what is built. */
    private Map<String, Object> description(
            @Nullable Savepoint savepoint, JobSettings live, JobSettings job) {
        Map<String, Object> build = new TreeMap<>();
        build.put("settings", settings.differing());
        build.put("counts", Map.of("read_by", readBy(job), "rules", Rules.of(live, job)));
        if (savepoint != null) {
            build.put("savepoint", savepoint.path());
        }
        if (!options.tenants().isEmpty()) {
            build.put("tenant_bks", options.tenants());
        }
        if (from != null) {
            build.put("from_at", from + "T00:00:00Z");
        }
        if (to != null) {
            build.put("to_at", to.plusDays(1) + "T00:00:00Z");
        }
        return build;
    }
}
