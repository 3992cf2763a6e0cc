package io.onevault.tracking.reprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.settings.Settings;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.reprocess.flink.FlinkConnection;
import io.onevault.tracking.reprocess.flink.FlinkJobs;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;

/** What a command says where another one has to be run first; none of it needs a real cluster. */
@ExtendWith(PostgresExtension.class)
class HalfDoneTest {

    private static final String IS =
            "UPDATE raw.site_tracking_reprocess_r SET state = '%s', counts = '%s', shadow_job = '1'";

    /** It was killed while it stopped the live job. */
    private static final String SWITCH =
            "{\"operation\": {\"command\": \"switch\", \"done\": false, \"starts\": \"1\", \"stops\": \"%s\"}}"
                    .formatted("0".repeat(32));

    private static final String IS_ALONE =
            "UPDATE raw.site_tracking_reprocess_r SET state = '%s', counts = '{}', shadow_job = NULL";

    /** With it no exchange is begun. */
    private static final String FOREIGN_VIEW =
            "CREATE VIEW public.mine AS SELECT * FROM business.site_session_h";

    private static final String RULES =
            """
            {"rules": {"live": {"session.gap": "30 min"}, "second": {"session.gap": "20 min"}}}""";

    private static final String UNDER_WAY =
            "SELECT count(counts ->> 'operation') FROM raw.site_tracking_reprocess_r";

    private static final String UNKNOWN_GAP =
            "INVALID_SETTINGS: session.gap is 25 min, and was 30 min of the live job";

    private static final String OTHER_GAP =
            "RULES_CHANGED: the live job runs by other rules than when the build began: session.gap is ";

    private static final String UNDO =
            "{\"operation\": {\"command\": \"undo\", \"done\": false, \"starts\": \"1\"}}";

    private final List<String> said = new CopyOnWriteArrayList<>();

    @Test
    void saysWhatToDoFirst(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.shadowedVault();
        try (Connection connection = database.connect()) {
            Runs runs = new Runs(connection);
            Jobs none = jobs(null);
            ThrowingCallable toSwitch = () -> new Switch(runs, none, told -> {}, 0).run(null);
            ThrowingCallable toFollow = () -> new Following(runs, none, told -> {}).start();

            for (String state : List.of("SWITCHED", "UNDONE")) {
                database.execute(IS.formatted(state, UNDO));
                assertThatThrownBy(toSwitch)
                        .hasMessageStartingWith("NOT_IN_STATE: an undo is half done");
            }
            database.execute(IS.formatted("UNDONE", "{}"));
            assertThatThrownBy(toSwitch)
                    .hasMessageStartingWith("NOT_IN_STATE: the undo stopped the second run");
            database.execute(IS.formatted("BUILT", "{}"));
            assertThatThrownBy(toFollow)
                    .hasMessageStartingWith("NOT_IN_STATE: it was built with --no-follow");
        }
    }

    /** A part of an erasure may take minutes: no job is stopped before. */
    @Test
    void waitsForErasuresBeforeItStopsAJob(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.shadowedVault();
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (StoppingCluster cluster = new StoppingCluster();
                FlinkJobs flink = FlinkConnection.open(cluster.address());
                Connection connection = database.connect();
                Connection erasure = database.connect();
                Statement erases = erasure.createStatement()) {
            database.execute(IS.formatted("FOLLOWING", SWITCH));
            database.execute(
                    "UPDATE raw.site_tracking_reprocess_r SET shadow_savepoint = 'x',"
                            + " live_job = repeat('0', 32)");
            Jobs jobs = jobs(flink);
            Switch going = new Switch(new Runs(connection), jobs, said::add, 0);
            erasure.setAutoCommit(false);
            erases.execute("SELECT raw.site_tracking_may_remove()");
            // Reads nothing any more, like one that begins once others were waited for.
            erasure.setSavepoint();

            Future<?> switching =
                    other.submit(
                            () -> {
                                going.run(null);
                                return null;
                            });
            database.awaitWaiting(1);

            assertThat(said).isEmpty();
            erasure.rollback();
            assertThatThrownBy(switching::get).hasMessageContaining("SAVEPOINT_NOT_FOUND: x");
            assertThat(said).first().asString().startsWith("The switch is not done");
        } finally {
            other.shutdownNow();
        }
    }

    /**
     * Neither the file's rules of before nor the new ones, and the job tells none: nobody knows by
     * which it counts.
     */
    @Test
    void refusesRulesThatNeitherJobHad(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.shadowedVault();
        database.execute(FOREIGN_VIEW);
        try (StoppingCluster cluster = new StoppingCluster();
                FlinkJobs flink = FlinkConnection.open(cluster.address());
                Connection connection = database.connect()) {
            Runs runs = new Runs(connection);
            for (String state : List.of("BUILT", "SWITCHED")) {
                database.execute(IS.formatted(state, RULES).replace("'1'", "NULL"));
                for (String gap : List.of("30 min", "20 min", "25 min")) {
                    Jobs jobs = jobs(flink, "session.gap", gap);
                    Run run = runs.read(state);
                    assertThat(jobs.live(run).get(JobOptions.SESSION_GAP)).hasMinutes(30);
                    assertThat(jobs.switched(run).get(JobOptions.SESSION_GAP)).hasMinutes(20);
                    assertThat(jobs.shadow(run).get(JobOptions.SESSION_GAP)).hasMinutes(20);

                    assertThatThrownBy(() -> change(state, runs, jobs))
                            .satisfies(
                                    e ->
                                            assertThat(e.getMessage().startsWith(UNKNOWN_GAP))
                                                    .isEqualTo(gap.equals("25 min")));
                }
            }
        }
    }

    /** The switch would put the job back to others, whatever the file says. */
    @Test
    void refusesALiveJobThatWasStartedByOtherRulesSince(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.shadowedVault();
        database.execute(FOREIGN_VIEW);
        try (StoppingCluster cluster = new StoppingCluster();
                FlinkJobs flink = FlinkConnection.open(cluster.address());
                Connection connection = database.connect()) {
            Runs runs = new Runs(connection);
            for (String tenants : List.of("NULL", "ARRAY['acme']")) {
                // By the last one nothing is refused, and that of a tenant is carried over.
                for (String gap : List.of("20 min", "25 min", "30 min")) {
                    database.execute(IS.formatted("BUILT", RULES).replace("'1'", "NULL"));
                    database.execute(
                            "UPDATE raw.site_tracking_reprocess_r SET tenant_bks = " + tenants);
                    cluster.tell("session.gap", gap);

                    Throwable refusal = catchThrowable(() -> change("BUILT", runs, jobs(flink)));

                    assertThat(String.valueOf(refusal).contains(OTHER_GAP + gap))
                            .isEqualTo(!gap.equals("30 min"));
                }
            }
        }
    }

    /** Of some tenants or days none has to run; what the file says is all that is known then. */
    @Test
    void carriesAPartOverWhereNoJobRuns(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.shadowedVault();
        database.execute(IS.formatted("BUILT", RULES).replace("'1'", "NULL"));
        database.execute("UPDATE raw.site_tracking_reprocess_r SET tenant_bks = ARRAY['acme']");
        database.execute(
                "INSERT INTO auth.tenant_h (tenant_hk, tenant_bk, load_date, record_source)"
                        + " VALUES (util.hash_binary('acme'), 'acme', now(), 'test')");
        try (StoppingCluster cluster = new StoppingCluster();
                FlinkJobs flink = FlinkConnection.open(cluster.address());
                Connection connection = database.connect()) {
            Runs runs = new Runs(connection);
            cluster.end();

            assertThatThrownBy(() -> change("BUILT", runs, jobs(flink, "session.gap", "25 min")))
                    .hasMessageContaining(UNKNOWN_GAP);
            change("BUILT", runs, jobs(flink));

            assertThat(runs.read(Run.MERGED).partial()).isTrue();
            // Run again it carries over what was left.
            change("BUILT", runs, jobs(flink));
        }
    }

    private static void change(String state, Runs runs, Jobs jobs) throws Exception {
        if (state.equals("SWITCHED")) {
            new Undo(runs, jobs, told -> {}, 0).run(null);
        } else {
            new Switch(runs, jobs, told -> {}, 0).run(null);
        }
    }

    /** Whatever makes sure that nothing is exchanged is said while the jobs run. */
    @Test
    void refusesWhatCannotBeExchanged(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.shadowedVault();
        database.execute(IS_ALONE.formatted("BUILT"));
        database.execute(FOREIGN_VIEW);
        try (StoppingCluster cluster = new StoppingCluster();
                FlinkJobs flink = FlinkConnection.open(cluster.address());
                Connection connection = database.connect()) {
            Runs runs = new Runs(connection);
            assertThatThrownBy(() -> change("BUILT", runs, jobs(flink)))
                    .hasMessageContaining("views of others stand on tables");
            database.execute("DROP VIEW public.mine");
            database.execute("ALTER TABLE business.site_session_b ADD COLUMN more text");
            assertThatThrownBy(() -> change("BUILT", runs, jobs(flink)))
                    .hasMessageContaining("the shadow is not as production");
            database.execute(IS_ALONE.formatted("SWITCHED"));
            assertThatThrownBy(() -> change("SWITCHED", runs, jobs(flink)))
                    .hasMessageContaining("the shadow is not as production");
        }
    }

    /** As one does whose savepoint takes longer than anybody waits; it ends some time. */
    @Test
    void doesNotSayThatAJobRunsWhichIsBeingStopped(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.shadowedVault();
        database.execute(FOREIGN_VIEW);
        try (StoppingCluster cluster = new StoppingCluster();
                FlinkJobs flink = FlinkConnection.open(cluster.address());
                Connection connection = database.connect()) {
            Runs runs = new Runs(connection);
            Jobs jobs = jobs(flink);

            assertThat(saidGoingBack(database, new Switch(runs, jobs, said::add, 0)))
                    .contains("run reprocess switch again", "JOB_STOPPING: job 000");
            assertThat(database.number(UNDER_WAY)).isEqualTo(1);
            cluster.goOn();
            assertThat(saidGoingBack(database, new Switch(runs, jobs, said::add, 0)))
                    .isEqualTo("Both jobs run as before");
            assertThat(database.number(UNDER_WAY)).isZero();
        }
    }

    /** Of one that was to stop the live job last, of a reprocess without a second run. */
    private String saidGoingBack(TestDatabase database, Switch going) throws Exception {
        database.execute(IS.formatted("BUILT", SWITCH).replace("'1'", "NULL"));
        database.execute(
                "UPDATE raw.site_tracking_reprocess_r SET live_savepoint = 'x', live_job = '%s'"
                        .formatted(StoppingCluster.JOB));
        assertThatThrownBy(() -> going.run(null)).hasMessageContaining("views of others");
        return said.get(said.size() - 1);
    }

    private static Jobs jobs(@Nullable FlinkJobs flink, String... setting) {
        return new Jobs(flink, JobSettings.of(Settings.with(setting)), "");
    }

    /** It would hold up the exchange, with the jobs stopped. Nothing is noted of a refusal. */
    @Test
    void refusesToBeginBesideAReader(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.shadowedVault();
        try (StoppingCluster cluster = new StoppingCluster();
                FlinkJobs flink = FlinkConnection.open(cluster.address());
                Connection connection = database.connect();
                Connection reader = database.connect();
                Statement reads = reader.createStatement()) {
            Runs runs = new Runs(connection);
            Jobs jobs = jobs(flink);
            cluster.tell("session.gap", "30 min");
            reader.setAutoCommit(false);
            reads.execute("SELECT count(*) FROM business.site_session_b");
            String refusal =
                    "somebody is in the way: process "
                            + reader.unwrap(PGConnection.class).getBackendPID()
                            + " of login ";

            for (String state : List.of("BUILT", "FOLLOWING", "UNDONE")) {
                database.execute(IS_ALONE.formatted(state));
                assertThatThrownBy(() -> new Switch(runs, jobs, told -> {}, 0).run(null))
                        .hasMessageContaining(refusal);
            }
            database.execute(IS_ALONE.formatted("SWITCHED"));
            assertThatThrownBy(() -> new Undo(runs, jobs, told -> {}, 0).run(null))
                    .hasMessageContaining(refusal);
        }
        assertThat(database.texts("SELECT counts::text FROM raw.site_tracking_reprocess_r"))
                .containsExactly("{}");
    }
}
