package io.onevault.tracking.reprocess;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.sql.Connection;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a command says where another one has to be run first; none of it needs a cluster. */
@ExtendWith(PostgresExtension.class)
class HalfDoneTest {

    private TestDatabase database;
    private Connection connection;
    private Runs runs;

    @BeforeEach
    void make(TestPostgres postgres) throws Exception {
        database = postgres.vault();
        connection = database.connect();
        Migration.makeShadow(connection, applied -> {});
        runs = new Runs(connection);
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
    }

    @Test
    void aSwitchSaysThatAnUndoIsHalfDone() throws Exception {
        for (String state : new String[] {"SWITCHED", "UNDONE"}) {
            database.execute(
                    """
                    UPDATE raw.site_tracking_reprocess_r
                       SET state = '%s',
                           counts = '{"operation": {"command": "undo", "done": false, "starts": "1"}}'"""
                            .formatted(state));

            assertThatThrownBy(() -> new Switch(runs, noJobs(), told -> {}).run(null))
                    .hasMessageStartingWith("NOT_IN_STATE: an undo is half done");
        }
    }

    @Test
    void aSwitchSaysThatTheSecondRunStands() throws Exception {
        database.execute(
                "UPDATE raw.site_tracking_reprocess_r SET state = 'UNDONE', shadow_job = '1'");

        assertThatThrownBy(() -> new Switch(runs, noJobs(), told -> {}).run(null))
                .hasMessageStartingWith("NOT_IN_STATE: the undo stopped the second run");
    }

    @Test
    void aBuildSaysThatNoSecondRunCanFollow() throws Exception {
        runs.note(Map.of("state", Run.BUILT));

        assertThatThrownBy(() -> new Following(runs, noJobs(), told -> {}).start())
                .hasMessageStartingWith("NOT_IN_STATE: it was built with --no-follow");
    }

    private static Jobs noJobs() {
        return new Jobs(null, null, "");
    }
}
