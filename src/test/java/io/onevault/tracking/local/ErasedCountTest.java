package io.onevault.tracking.local;

import static io.onevault.tracking.local.ErasedVisitor.BK;
import static io.onevault.tracking.local.ErasedVisitor.carryOut;
import static io.onevault.tracking.local.ErasedVisitor.forget;
import static io.onevault.tracking.local.ErasedVisitor.shared;
import static java.time.ZoneOffset.UTC;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.migrate.VaultChecks;
import io.onevault.tracking.vault.Layers;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What production and the shadow of a reprocess count of erased events, where either has some that
 * the other has not: on each side as many as it links, whichever way events come.
 */
@ExtendWith(PostgresExtension.class)
class ErasedCountTest {

    /** As the run of the job does that loads them. */
    private static final String COUNT =
            """
            INSERT INTO raw%s.site_tracking_ledger_r AS counted
            SELECT DATE '%s', tenant_hk, outcome, '', 'run', %d, now(), 'test'
              FROM auth.tenant_h
             CROSS JOIN (VALUES ('RECEIVED'), ('ACCEPTED')) AS outcomes (outcome)
             WHERE tenant_bk = 'acme'
            ON CONFLICT (ledger_date, tenant_hk, outcome, code, run_id) DO UPDATE
            SET event_count = counted.event_count + excluded.event_count""";

    private static final String NOTE = "SELECT raw.site_tracking_reprocess_note('%s')";
    private static final String BUILT = NOTE.formatted("{\"state\": \"BUILT\"}");
    private static final String FOLLOWS =
            NOTE.formatted("{\"state\": \"FOLLOWING\", \"shadow_job\": \"0\"}");

    private static final String KEEP =
            """
            INSERT INTO auth.tenant_site_tracking_s
                   (tenant_hk, load_date, keep_events_days, keep_sessions_days, hash_diff, record_source)
            SELECT tenant_hk, now(), 31, 31, sha256(''), 'test'
              FROM auth.tenant_h""";

    private static final String EXPIRE = "SELECT raw.site_tracking_expire('2027-02-01')";

    private TestDatabase database;

    @BeforeEach
    void loadAnEvent(TestPostgres postgres) throws Exception {
        database = postgres.shadowedVault();
        VaultRows.register(database, "acme", "other");
        load(Layers.PRODUCTION, 1);
    }

    /** The first one is erased by the request, all others when they come. */
    private void forgetTheVisitor() throws SQLException {
        forget(database);
        carryOut(database);
    }

    /** The second run has taken two that the live job refused, and is behind it by one. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ofASecondRunThatTakesOthers(boolean catchesUp) throws Exception {
        forgetTheVisitor();
        load(Layers.PRODUCTION, 3);
        load(Layers.SHADOW, 1, 2, 4);
        database.execute(FOLLOWS);
        database.execute("CALL raw.site_tracking_reprocess_complete()");
        assertThat(failedChecks(Layers.SHADOW)).isEmpty();
        if (catchesUp) {
            load(Layers.SHADOW, 3);
            assertThat(failedChecks(Layers.SHADOW)).isEmpty();
        }

        database.switchToShadow();

        if (!catchesUp) {
            load(Layers.PRODUCTION, 3);
        }
        assertThat(failedChecks(Layers.PRODUCTION)).isEmpty();
        database.execute("CALL raw.site_tracking_reprocess_undo()");
        load(Layers.PRODUCTION, 5);
        assertThat(failedChecks(Layers.PRODUCTION)).isEmpty();
        database.switchToShadow();
        load(Layers.PRODUCTION, 5);
        assertThat(failedChecks(Layers.PRODUCTION)).isEmpty();
    }

    /** The shadow never had it, or had it until retention's days were taken out of it, too. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ofAnEventThatRetentionHasRemoved(boolean isRead) throws Exception {
        forgetTheVisitor();
        expire();
        if (isRead) {
            load(Layers.SHADOW, 1);
        } else {
            count(Layers.SHADOW, 1);
        }
        database.execute(FOLLOWS);
        database.execute("CALL raw.site_tracking_reprocess_complete()");
        assertThat(failedChecks(Layers.SHADOW)).isEmpty();

        database.switchToShadow();

        assertThat(failedChecks(Layers.PRODUCTION)).isEmpty();
    }

    /** Production counts none as erased; the shadow has the event until retention's days go. */
    @Test
    void ofAnEventThatRetentionHadRemovedBefore() throws Exception {
        expire();
        forgetTheVisitor();
        load(Layers.SHADOW, 1);
        database.execute(FOLLOWS);
        database.execute("CALL raw.site_tracking_reprocess_complete()");
        assertThat(failedChecks(Layers.SHADOW)).isEmpty();

        database.switchToShadow();

        assertThat(failedChecks(Layers.PRODUCTION)).isEmpty();
    }

    /** The ledger has its day no more, so that nothing of it is counted. */
    @Test
    void ofADayThatTheLedgerHasNoMore() throws Exception {
        database.execute(
                KEEP.replace("keep_events_days, keep_sessions_days", "keep_ledger_days")
                        .replace("31, 31", "31"));
        while (database.texts(EXPIRE).get(0) != null) {}
        forgetTheVisitor();
        assertThat(failedChecks(Layers.PRODUCTION)).isEmpty();
        database.execute(FOLLOWS);
        database.execute("CALL raw.site_tracking_reprocess_complete()");
        assertThat(failedChecks(Layers.SHADOW)).isEmpty();
    }

    /** The live job has counted one that the vault has lost. */
    @Test
    void ofAMerge() throws Exception {
        forgetTheVisitor();
        load(Layers.SHADOW, 1, 2);
        count(Layers.PRODUCTION, 1);
        database.execute(BUILT);

        database.execute("CALL raw.site_tracking_reprocess_merge('acme')");

        assertThat(failedChecks(Layers.PRODUCTION)).isEmpty();
    }

    private void expire() throws SQLException {
        database.execute(KEEP);
        while (database.texts(EXPIRE).get(0) != null) {}
    }

    private void load(Layers layers, int... numbers) throws SQLException {
        List<EnrichedEvent> events = new ArrayList<>();
        for (int number : numbers) {
            events.add(shared(number, BK, "mark_0"));
        }
        LoadedSessions.load(database, layers, events);
        count(layers, numbers.length);
    }

    private void count(Layers layers, int events) throws SQLException {
        LocalDate day =
                shared(0, BK, "").admitted().position().loadDate().atOffset(UTC).toLocalDate();
        database.execute(COUNT.formatted(layers == Layers.SHADOW ? "_shadow" : "", day, events));
    }

    private List<String> failedChecks(Layers layers) throws SQLException {
        List<String> failed = new ArrayList<>();
        try (Connection connection = database.connect()) {
            for (VaultChecks.Result result :
                    layers == Layers.PRODUCTION
                            ? VaultChecks.run(connection, 3)
                            : VaultChecks.runOnShadow(connection, 3)) {
                // Made-up events have made-up keys.
                if (!result.passed() && !result.check().equals("event_key_recomputed")) {
                    failed.add(result.check() + " " + result.violations());
                }
            }
        }
        return failed;
    }
}
