package io.onevault.tracking.reprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.settings.Settings;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.reprocess.flink.FlinkConnection;
import io.onevault.tracking.reprocess.flink.FlinkJobs;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A command that was left half done, and jobs that are not as it left them. */
@ExtendWith(PostgresExtension.class)
class LostJobsTest {

    private static final String OTHER = "1".repeat(32);

    /** A reprocess that no second run follows. */
    private static final String IS =
            """
            UPDATE raw.site_tracking_reprocess_r
               SET state = '%s',
                   live_job = '$live',
                   counts = '{"operation": {"command": "%s", "done": false,
                       "starts": "$other", "stops": %s}}'"""
                    .replace("$live", StoppingCluster.JOB)
                    .replace("$other", OTHER);

    private static final String STOPS_LIVE = "\"" + StoppingCluster.JOB + "\"";

    private static final String UNDER_WAY =
            """
            SELECT concat_ws(' ', counts #>> '{operation,command}', counts #>> '{operation,done}')
              FROM raw.site_tracking_reprocess_r""";

    private static final String SECOND =
            """
            SELECT concat_ws(' ', shadow_job <> '%s', shadow_savepoint, counts ->> 'shadow_from')
              FROM raw.site_tracking_reprocess_r"""
                    .formatted(OTHER);

    private final List<String> said = new ArrayList<>();
    private final TestDatabase database;
    @TempDir private Path savepoints;
    private Connection connection;
    private StoppingCluster cluster;
    private FlinkJobs flink;
    private Runs runs;
    private Jobs jobs;

    LostJobsTest(TestPostgres postgres) throws Exception {
        database = postgres.shadowedVault();
    }

    @BeforeEach
    void connect() throws Exception {
        connection = database.connect();
        cluster = new StoppingCluster();
        flink = FlinkConnection.open(cluster.address());
        runs = new Runs(connection);
        jobs = new Jobs(flink, JobSettings.of(Settings.with()), savepoints.toString());
    }

    @AfterEach
    void close() throws SQLException {
        flink.close();
        cluster.close();
        connection.close();
    }

    /** A client can't always read the failure that it is told itself. */
    @Test
    void tellsWhyAJobFailedAsTheClusterDoes() {
        Cluster option = new Cluster();
        new CommandLine(option).parseArgs("--jobmanager", cluster.address());
        Exception read = new IllegalStateException("unreadable");

        assertThat(option.failure(Run.job(StoppingCluster.JOB), read))
                .isEqualTo("NoClassDefFoundError: net/jpountz/lz4/LZ4Factory");
        assertThat(option.failure(Run.job(OTHER), read))
                .isEqualTo("IllegalStateException: unreadable");
    }

    /** Nothing is there from which it could be started again: somebody has to. */
    @Test
    void doesNotSayThatAJobRunsWhichFailed() throws Exception {
        left("BUILT", "switch", STOPS_LIVE);
        cluster.failInstead();

        assertThatThrownBy(this::doSwitch).hasMessageStartingWith("JOB_ENDED");
        assertThat(said)
                .last()
                .asString()
                .contains("run reprocess switch again. ", "JOB_ENDED: job 000");
        assertThat(underWay()).isEqualTo("switch false");
        // Started by hand it has another id; before that nothing is to be done.
        assertThatThrownBy(this::doSwitch).hasMessageStartingWith("LIVE_JOB_NOT_RUNNING");
        assertThat(underWay()).isEmpty();
    }

    /** The same of an undo; whoever starts the job does it by the rules that it had last. */
    @Test
    void doesNotSayAfterAnUndoThatAJobRunsWhichFailed() throws Exception {
        database.execute(
                "SELECT raw.site_tracking_reprocess_note('{\"state\": \"BUILT\"}');"
                        + "CALL raw.site_tracking_reprocess_complete(true);"
                        + "CALL raw.site_tracking_reprocess_switch()");
        left("SWITCHED", "undo", STOPS_LIVE);
        database.execute(
                "UPDATE raw.site_tracking_reprocess_r SET settings = '{\"session.gap\": \"20m\"}', live_savepoint = '%s'"
                        .formatted(KeptSavepoint.in(savepoints)));
        cluster.failInstead();
        cluster.tell("session.gap", "25 min");

        assertThatThrownBy(this::doUndo).hasMessageStartingWith("JOB_ENDED");
        assertThat(said).last().asString().contains("run reprocess undo. ", "JOB_ENDED: job 000");
        assertThat(underWay()).isEqualTo("undo false");
        Run run = runs.read(Run.SWITCHED);
        assertThat(jobs.switched(run).get(JobOptions.SESSION_GAP)).hasMinutes(25);
        assertThat(jobs.live(run).get(JobOptions.SESSION_GAP)).hasMinutes(30);
    }

    /** Its savepoint may come to its end some time, and the job with it. */
    @Test
    void goesOnWithAnUndoWhoseJobIsBeingStopped() throws Exception {
        left("SWITCHED", "undo", STOPS_LIVE);

        // There are no former tables, which is no reason to give it up any more.
        assertThatThrownBy(this::doUndo).hasMessageStartingWith("JOB_STOPPING: job 000");
        assertThat(underWay()).isEqualTo("undo false");
    }

    /** Both would write production. */
    @Test
    void startsNoJobBesideOneThatWasStartedByHand() throws Exception {
        cluster.replace("2".repeat(32));
        for (String state : List.of("BUILT", "SWITCHED")) {
            left(state, "switch", STOPS_LIVE);
            database.execute("UPDATE raw.site_tracking_reprocess_r SET live_savepoint = 'x'");
            for (String told : Arrays.asList(null, "2".repeat(32))) {
                assertThatThrownBy(() -> new Switch(runs, jobs, said::add, 0).run(told))
                        .hasMessageStartingWith("OTHER_JOB_RUNS: [222");
            }
            assertThat(underWay()).isEqualTo("switch false");
        }
        for (String state : List.of("SWITCHED", "UNDONE")) {
            left(state, "undo", STOPS_LIVE + ", \"stoppedWith\": \"x\"");
            assertThatThrownBy(this::doUndo).hasMessageStartingWith("OTHER_JOB_RUNS: [222");
            assertThat(underWay()).isEqualTo("undo false");
        }
        assertThat(said).isEmpty();
    }

    /** What refuses it may last; and drop and build refuse while a switch is under way. */
    @Test
    void endsWhatHadNotStoppedAJobAndIsRefused() throws Exception {
        database.execute("CREATE VIEW public.mine AS SELECT * FROM business.site_session_h");
        cluster.goOn();
        left("BUILT", "switch", "null");
        assertThatThrownBy(this::doSwitch).hasMessageContaining("views of others");
        assertThat(underWay()).isEmpty();

        left("SWITCHED", "undo", STOPS_LIVE);
        assertThatThrownBy(this::doUndo).isInstanceOf(SQLException.class);
        assertThat(underWay()).isEqualTo("switch true");
    }

    /** Kafka's reader would begin with what is there, and nobody would know. */
    @Test
    void theSecondRunGoesOnOnlyFromWhatIsThere() throws Exception {
        left("FOLLOWING", "switch", "null");
        database.execute(
                "UPDATE raw.site_tracking_reprocess_r SET shadow_job = '%s', shadow_savepoint = 'gone'"
                        .formatted(OTHER));

        assertThatThrownBy(this::doSwitch).hasMessageStartingWith("SAVEPOINT_NOT_FOUND: gone");
        // As one that has ended, which may be dropped.
        assertThat(database.texts(SECOND)).containsExactly("t gone");
        assertThat(underWay()).isEmpty();
    }

    /**
     * It would read on beyond where the live job ends, and what is rejected there be told by none.
     */
    @Test
    void theSecondRunWaitsForTheEndOfALiveJobThatIsBeingStopped() throws Exception {
        left("FOLLOWING", "switch", STOPS_LIVE);
        database.execute(
                "UPDATE raw.site_tracking_reprocess_r SET shadow_job = '%s', shadow_savepoint = 'gone'"
                        .formatted(OTHER));

        assertThatThrownBy(this::doSwitch).hasMessageStartingWith("SAVEPOINT_NOT_FOUND: gone");
        assertThat(said).last().asString().contains("JOB_STOPPING: job 000");
        assertThat(database.texts(SECOND)).containsExactly("f gone");
        assertThat(underWay()).isEqualTo("switch false");
    }

    private void left(String state, String command, String stops) throws SQLException {
        database.execute(IS.formatted(state, command, stops));
    }

    private void doSwitch() throws Exception {
        new Switch(runs, jobs, said::add, 0).run(null);
    }

    private void doUndo() throws Exception {
        new Undo(runs, jobs, said::add, 0).run(null);
    }

    private String underWay() throws SQLException {
        return database.texts(UNDER_WAY).get(0);
    }
}
