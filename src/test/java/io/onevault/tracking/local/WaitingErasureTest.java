package io.onevault.tracking.local;

import static io.onevault.tracking.local.ErasedVisitor.BK;
import static io.onevault.tracking.local.ErasedVisitor.carryOut;
import static io.onevault.tracking.local.ErasedVisitor.events;
import static io.onevault.tracking.local.ErasedVisitor.forget;
import static io.onevault.tracking.local.ErasedVisitor.leftOf;
import static io.onevault.tracking.vault.TestEvents.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.Layers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/**
 * An erasure that is asked for while a reprocess carries over what production alone holds: nobody
 * sees that yet to erase it, so that the erasure waits, and then it reaches all of it.
 */
@ExtendWith(PostgresExtension.class)
class WaitingErasureTest {

    /** Of what the visitor did before it the shadow has nothing. */
    private static final Instant REPROCESSED_FROM = START.plusSeconds(24_000);

    private static final String FOLLOWED =
            """
            SELECT raw.site_tracking_reprocess_note(
                jsonb_build_object('shadow_job', '0', 'settled_before', timestamptz '%s'))"""
                    .formatted(REPROCESSED_FROM.plusSeconds(10_000));

    /** As the program does. */
    private static final String KEEP_OUT =
            "SELECT pg_advisory_lock(hashtextextended('site_tracking_carry_over', 0))";

    private static final String FIRST_PASS = "CALL raw.site_tracking_reprocess_complete()";
    private static final String SECOND_PASS = "CALL raw.site_tracking_reprocess_complete(true)";
    private static final String SWITCH = "CALL raw.site_tracking_reprocess_switch()";
    private static final String UNDO = "CALL raw.site_tracking_reprocess_undo()";

    private static final String NEXT_PART = "SELECT raw.site_tracking_erase_next()";

    private static final String EXPIRE = "SELECT raw.site_tracking_expire('2027-12-01')";

    /** All tenants, so that its days are dropped. */
    private static final String KEEP_FOR_A_DAY =
            """
            INSERT INTO auth.tenant_site_tracking_s
                   (tenant_hk, load_date, keep_%s_days, hash_diff, record_source)
            SELECT tenant_hk, clock_timestamp(), 1, sha256(''), 'test'
              FROM auth.tenant_h""";

    /** What an officer and whoever watches the tenant are told. */
    private static final String WAITS =
            """
            SELECT concat_ws(' ', told ->> 'status', told ->> 'waits_for', status ->> 'waits_for')
              FROM (SELECT api.get_erasures('acme') #> '{data,erasures,0}',
                           api.get_tracking_system_status('acme') #> '{data,erasures}')
                   AS answers (told, status)""";

    private enum Asked {
        DURING_THE_FIRST_PASS,
        BETWEEN_THE_PASSES,
        DURING_THE_SECOND_PASS,
        BEFORE_THE_SWITCH
    }

    private static TestDatabase built;

    private final TestPostgres postgres;

    WaitingErasureTest(TestPostgres postgres) {
        this.postgres = postgres;
    }

    @BeforeAll
    static void build(TestPostgres postgres) throws Exception {
        built = LoadedVault.of(postgres, events());
        try (Connection connection = built.connect()) {
            Migration.makeShadow(connection, applied -> {});
        }
        List<EnrichedEvent> reprocessed =
                events().stream()
                        .filter(
                                e ->
                                        !e.admitted().visitorBk().equals(BK)
                                                || !e.admitted()
                                                        .occurredAt()
                                                        .isBefore(REPROCESSED_FROM))
                        .toList();
        LoadedSessions.load(built, Layers.SHADOW, reprocessed);
        built.execute("SELECT raw.site_tracking_reprocess_note('{\"state\": \"BUILT\"}')");
    }

    private TestDatabase built(boolean followed) throws SQLException {
        TestDatabase database = postgres.copyOf(built);
        if (followed) {
            database.execute(FOLLOWED);
        }
        return database;
    }

    @ParameterizedTest
    @EnumSource
    void reachesWhatIsCarriedOverMeanwhile(Asked asked) throws Exception {
        TestDatabase database = built(asked.ordinal() % 2 == 0);
        try (Connection program = database.connect();
                Statement statement = program.createStatement()) {
            program.setAutoCommit(false);
            statement.execute(KEEP_OUT);
            statement.execute(FIRST_PASS);
            askAt(asked, Asked.DURING_THE_FIRST_PASS, database);
            program.commit();
            askAt(asked, Asked.BETWEEN_THE_PASSES, database);
            statement.execute(SECOND_PASS);
            askAt(asked, Asked.DURING_THE_SECOND_PASS, database);
            program.commit();
            askAt(asked, Asked.BEFORE_THE_SWITCH, database);
            statement.execute(SWITCH);
            program.commit();
            assertThat(database.texts(NEXT_PART)).containsOnlyNulls();
            statement.execute("SELECT pg_advisory_unlock_all()");
        }
        assertThat(leftOf(database)).isNotEmpty();

        carryOut(database);

        assertErased(database);
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
        database.execute(UNDO);
        assertErased(database);
    }

    private static void askAt(Asked asked, Asked now, TestDatabase database) throws SQLException {
        if (asked == now) {
            forget(database);
            assertThat(database.texts(NEXT_PART)).containsOnlyNulls();
            assertThat(database.texts(WAITS)).containsExactly("ERASING reprocess reprocess");
        }
    }

    @Test
    void reachesBothSidesOfAnUndo() throws Exception {
        TestDatabase database = built(false);
        database.switchToShadow();
        forget(database);
        assertThat(database.texts(WAITS)).containsExactly("ERASING");
        assertThat(database.texts(NEXT_PART)).doesNotContainNull();

        database.execute(UNDO);
        carryOut(database);

        assertErased(database);
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
    }

    /** What it has committed is erased as all else, and the next one carries over the rest. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void goesOnWhenWhoCarriesOverDies(boolean followed) throws Exception {
        TestDatabase database = built(followed);
        try (Connection program = database.connect();
                Statement statement = program.createStatement()) {
            statement.execute(KEEP_OUT);
            statement.execute(FIRST_PASS);
            forget(database);
            assertThat(database.texts(NEXT_PART)).containsOnlyNulls();
            int pid = program.unwrap(PGConnection.class).getBackendPID();
            assertThat(database.texts("SELECT pg_terminate_backend(%d, 60000)".formatted(pid)))
                    .containsExactly("t");
        }
        assertThat(database.texts(WAITS)).containsExactly("ERASING");

        carryOut(database);

        assertErased(database);
        database.switchToShadow();
        assertErased(database);
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
    }

    /** By hand, on a connection that goes on to others, nobody could let go of a session's lock. */
    @Test
    void waitsForNoPassThatIsOver() throws Exception {
        TestDatabase database = built(true);
        forget(database);
        try (Connection pooled = database.connect();
                Statement statement = pooled.createStatement()) {
            for (String pass : List.of(FIRST_PASS, SECOND_PASS)) {
                statement.execute(pass);
                assertThat(database.texts(NEXT_PART)).doesNotContainNull();
            }
            carryOut(database);
            statement.execute(SWITCH);
        }
        assertErased(database);
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
    }

    @Test
    void waitsForAMerge() throws Exception {
        TestDatabase database = built(false);
        try (Connection program = database.connect();
                Statement statement = program.createStatement()) {
            program.setAutoCommit(false);
            statement.execute("CALL raw.site_tracking_reprocess_merge('acme')");
            askAt(Asked.DURING_THE_FIRST_PASS, Asked.DURING_THE_FIRST_PASS, database);
            assertThat(database.texts("SELECT raw.site_tracking_may_remove()::text"))
                    .containsExactly("false");
            program.commit();
            assertThat(database.texts(WAITS)).containsExactly("ERASING");
        }

        carryOut(database);

        assertErased(database);
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
    }

    /** Who waits reads what the other one left, whichever of them comes first. */
    @ParameterizedTest
    @ValueSource(strings = {NEXT_PART, EXPIRE})
    void reachesWhatRetentionRemoves(String first) throws Exception {
        TestDatabase database = built(false);
        database.execute(KEEP_FOR_A_DAY.formatted("raw"));
        while (database.texts(EXPIRE).get(0) != null) {}
        database.execute(KEEP_FOR_A_DAY.formatted("staging"));
        forget(database);
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(first);
            Future<List<String>> second =
                    other.submit(() -> database.texts(first.equals(EXPIRE) ? NEXT_PART : EXPIRE));
            database.awaitWaiting(1);
            connection.commit();

            assertThat(second.get()).doesNotContainNull();
        } finally {
            other.shutdownNow();
        }

        carryOut(database);

        assertErased(database);
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
    }

    private static void assertErased(TestDatabase database) throws SQLException {
        assertThat(leftOf(database)).isEmpty();
        assertThat(
                        database.texts(
                                "SELECT status FROM raw.site_tracking_erasure_r WHERE done_at < due_at"))
                .containsExactly("DONE");
    }
}
