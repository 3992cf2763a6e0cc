package io.onevault.tracking.reprocess;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.Secrecy;
import io.onevault.tracking.job.ReplayJob;
import io.onevault.tracking.job.admit.History;
import io.onevault.tracking.job.admit.ReplaySteps.RawDays;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.migrate.MigrationException;
import io.onevault.tracking.program.DatabaseLogin;
import io.onevault.tracking.program.ErrorLine;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.reprocess.ReprocessException.Code;
import io.onevault.tracking.vault.Layers;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
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
            "Makes the vault anew of what is stored, in shadow tables beside production. A build"
                    + " that was ended in whatever way goes on when it is run again: it begins"
                    + " anew, and what is written already stays.",
            "",
            "The login is an administrator's, who may make the shadow tables; the Flink job uses"
                    + " its own.",
            ""
        })
final class Build implements Callable<Integer> {

    static final String JOB = "site-tracking reprocess build";

    @ParentCommand private Reprocess program;
    @Mixin private SettingsOptions settings = new SettingsOptions();
    @Mixin private HistoryOptions options = new HistoryOptions();
    @Mixin private DatabaseLogin login = new DatabaseLogin();

    @Option(
            names = "--from",
            paramLabel = "DAY",
            description =
                    "Only sessions that begin on this day, UTC, or later are to be carried over."
                            + " All events are read, as a session or a transaction may reach over"
                            + " any border.")
    private @Nullable LocalDate from;

    @Option(names = "--to", paramLabel = "DAY", description = "The last of these days.")
    private @Nullable LocalDate to;

    @Override
    public Integer call() {
        JobSettings job =
                settings.read(
                        program.environment(),
                        Map.of(JobOptions.DATABASE_LAYERS.key(), Layers.SHADOW.name()));
        Savepoint savepoint = options.savepoint();
        DatabaseAccess administrator =
                login.to(
                        job.get(JobOptions.DATABASE_URL),
                        Secrecy.DATABASE_URL,
                        program.environment());
        try (Vault vault = new Vault(job.database());
                Connection connection = DatabaseLogin.connect(administrator)) {
            History history = options.history(savepoint, vault.tenants());
            RawDays days = history.raw() ? vault.rawDays() : null;
            if (savepoint == null && days == null) {
                throw new ReprocessException(Code.NO_HISTORY, "raw holds no event");
            }
            Map<String, Object> description = description(savepoint);
            if (savepoint != null) {
                savepoint
                        .settledBefore(longestGap(vault, job), job.get(JobOptions.SESSION_LATENESS))
                        .ifPresent(at -> description.put("settled_before", at.toString()));
            }
            build(connection, description, runs -> run(job, history, days, runs));
            return Program.OK;
        } catch (SQLException e) {
            throw ReprocessException.of(e);
        }
    }

    /** By the rules of any tenant, those of before and those of now, in milliseconds. */
    private long longestGap(Vault vault, JobSettings job) {
        String gap = JobOptions.SESSION_GAP.key();
        JobSettings before = settings.readWithout(gap, program.environment());
        long longest = vault.longestGapMillis();
        for (JobSettings one : List.of(before, job)) {
            longest = Math.max(longest, one.get(JobOptions.SESSION_GAP).toMillis());
        }
        return longest;
    }

    /** Fills the shadow. */
    private interface Filling {
        void fill(Runs runs);
    }

    private static void build(
            Connection connection, Map<String, Object> description, Filling filling)
            throws SQLException {
        Runs runs = new Runs(connection);
        runs.lock();
        try {
            if (new Shadow(connection).make(description)) {
                description.put("state", Run.BUILDING);
                runs.note(description);
            }
        } catch (MigrationException e) {
            throw ReprocessException.of(e);
        }
        filling.fill(runs);
        runs.note(Map.of("state", Run.BUILT));
    }

    private void run(JobSettings job, History history, @Nullable RawDays days, Runs runs) {
        try {
            StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
            ReplayJob.define(env, job, history, days, null);
            new Progress(program.out(), runs).follow(env.executeAsync(JOB));
        } catch (ReprocessException e) {
            throw e;
        } catch (Exception e) {
            throw new ReprocessException(Code.JOB_FAILED, ErrorLine.of(e), e);
        }
    }

    /** Columns of the reprocess that say what is built. */
    private Map<String, Object> description(@Nullable Savepoint savepoint) {
        Map<String, Object> build = new TreeMap<>();
        build.put("settings", settings.differing());
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
