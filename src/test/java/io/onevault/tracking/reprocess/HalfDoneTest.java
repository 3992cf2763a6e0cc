package io.onevault.tracking.reprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;

/** What a command says where another one has to be run first; none of it needs a cluster. */
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

    private static final String UNDO =
            "{\"operation\": {\"command\": \"undo\", \"done\": false, \"starts\": \"1\"}}";

    @Test
    void saysWhatToDoFirst(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.shadowedVault();
        try (Connection connection = database.connect()) {
            Runs runs = new Runs(connection);
            Jobs none = new Jobs(null, null, "");
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
        List<String> said = new CopyOnWriteArrayList<>();
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Connection connection = database.connect();
                Connection erasure = database.connect();
                Statement erases = erasure.createStatement()) {
            database.execute(IS.formatted("FOLLOWING", SWITCH));
            database.execute(
                    "UPDATE raw.site_tracking_reprocess_r SET shadow_savepoint = 'x',"
                            + " live_job = repeat('0', 32)");
            Switch going = new Switch(new Runs(connection), new Jobs(null, null, ""), said::add, 0);
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
            assertThatThrownBy(switching::get).hasCauseInstanceOf(NullPointerException.class);
            assertThat(said).first().asString().startsWith("The switch is not done");
        } finally {
            other.shutdownNow();
        }
    }

    /** It would hold up the exchange, with the jobs stopped. */
    @Test
    void refusesToBeginBesideAReader(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.shadowedVault();
        try (Connection connection = database.connect();
                Connection reader = database.connect();
                Statement reads = reader.createStatement()) {
            Runs runs = new Runs(connection);
            Jobs none = new Jobs(null, null, "");
            reader.setAutoCommit(false);
            reads.execute("SELECT count(*) FROM business.site_session_b");
            String refusal =
                    "somebody is in the way: process "
                            + reader.unwrap(PGConnection.class).getBackendPID()
                            + " of login ";

            for (String state : List.of("BUILT", "FOLLOWING", "UNDONE")) {
                database.execute(IS_ALONE.formatted(state));
                assertThatThrownBy(() -> new Switch(runs, none, told -> {}, 0).run(null))
                        .hasMessageContaining(refusal);
            }
            database.execute(IS_ALONE.formatted("SWITCHED"));
            assertThatThrownBy(() -> new Undo(runs, none, told -> {}, 0).run(null))
                    .hasMessageContaining(refusal);
        }
        assertThat(database.texts("SELECT counts::text FROM raw.site_tracking_reprocess_r"))
                .containsExactly("{}");
    }
}
