package io.onevault.tracking.local;

import static io.onevault.tracking.local.ErasedUser.LABELS;
import static io.onevault.tracking.local.ErasedUser.NAME;
import static io.onevault.tracking.local.ErasedUser.OF_OTHERS;
import static io.onevault.tracking.local.ErasedUser.USER;
import static io.onevault.tracking.local.ErasedUser.askAndCarryOut;
import static io.onevault.tracking.local.ErasedUser.assertSound;
import static io.onevault.tracking.local.ErasedUser.event;
import static io.onevault.tracking.local.ErasedUser.events;
import static io.onevault.tracking.local.ErasedUser.leftOf;
import static io.onevault.tracking.local.ErasedUser.made;
import static io.onevault.tracking.local.ErasedVisitor.carryOut;
import static io.onevault.tracking.local.ErasedVisitor.forget;
import static io.onevault.tracking.local.ErasedVisitor.found;
import static io.onevault.tracking.local.ErasedVisitor.hk;
import static io.onevault.tracking.vault.TestEvents.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.Recovery;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.Layers;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** To which devices an erased user is followed that the request did not know, and to which not. */
@ExtendWith(PostgresExtension.class)
class FollowedUserTest {

    private static final String KEEP_RAW_AND_STAGING_FOR_A_DAY =
            """
            INSERT INTO auth.tenant_site_tracking_s
                   (tenant_hk, load_date, keep_raw_days, keep_staging_days, hash_diff, record_source)
            SELECT tenant_hk, now(), 1, 1, sha256(''), 'test'
              FROM auth.tenant_h""";

    /** What was on its way tells of a device that the request did not know. */
    @Test
    void followsAUserToADeviceThatShowsLater(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        LoadedSessions.load(database, List.of(event(20, "tablet", null, "mine_on_tablet")));
        askAndCarryOut(database);
        assertThat(database.texts(LABELS)).hasSize(OF_OTHERS.size() + 1);

        List<EnrichedEvent> late =
                List.of(
                        event(21, "tablet", USER, "mine_on_tablet_late"),
                        event(22, "office", USER, "mine_on_office"));
        LoadedSessions.load(database, late);
        carryOut(database);

        assertThat(database.texts(LABELS)).isEqualTo(OF_OTHERS);
        assertThat(leftOf(database)).isEmpty();
        assertThat(database.texts("SELECT DISTINCT status FROM raw.site_tracking_erasure_r"))
                .containsExactly("DONE");
        assertThat(database.number("SELECT count(*) FROM raw.site_tracking_erasure_r"))
                .isEqualTo(2);
        LoadedSessions.load(database, late);
        assertThat(database.number("SELECT count(*) FROM raw.site_tracking_erasure_r"))
                .isEqualTo(2);
        assertSound(database);
    }

    /**
     * It was recovered when the request was carried out, and appended before: whether staging tells
     * it, or that is over.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void reachesWhatWasRecoveredOfADevice(boolean staged, TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        askAndCarryOut(database);
        Instant first = START.plusSeconds(1_200);
        EnrichedEvent recovered =
                ErasedVisitor.at(
                        made(first, "tablet", null, "mine_on_tablet")
                                .item(LoadedVault.book("b1"))
                                .enriched(),
                        Instant.now().plusSeconds(60),
                        new Recovery("rejected", 0, 0, first, RejectReason.DATABASE_REFUSED));
        LoadedSessions.load(database, List.of(recovered));
        LoadedVault.describe(database, List.of(recovered));
        if (!staged) {
            database.execute(KEEP_RAW_AND_STAGING_FOR_A_DAY);
            while (database.texts("SELECT raw.site_tracking_expire('2026-11-25')").get(0) != null) {
                assertSound(database);
            }
        }

        LoadedSessions.load(database, List.of(event(21, "tablet", USER, "mine_on_tablet_late")));
        carryOut(database);

        assertThat(database.texts(LABELS)).containsExactlyElementsOf(OF_OTHERS);
        List<String> ofTablet = found(database, hk("vis_tablet"));
        assertThat(ofTablet)
                .allMatch(
                        row ->
                                row.startsWith("business.site_visitor_h ")
                                        || row.startsWith("raw.site_tracking_tombstone_r "));
        assertSound(database);
    }

    /** Whoever asks has the time of then, and as many requests of the tenant's own. */
    @Test
    void whatFollowsIsOfNow(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        askAndCarryOut(database);
        database.execute(
                "UPDATE raw.site_tracking_erasure_r SET due_at = due_at - INTERVAL '1 year';"
                        + " UPDATE raw.site_tracking_tombstone_r"
                        + " SET erased_before = erased_before - INTERVAL '3 months'");

        Instant before = START.minus(Duration.ofDays(200));
        LoadedSessions.load(database, List.of(event(before, "tablet", USER, "mine_on_tablet")));

        assertThat(
                        database.number(
                                "SELECT count(*) FROM raw.site_tracking_erasure_r"
                                        + " WHERE status = 'ERASING' AND due_at > now()"))
                .isEqualTo(1);
        database.execute(
                """
                INSERT INTO raw.site_tracking_erasure_r
                SELECT (jsonb_populate_record(held, jsonb_build_object('erasure_id', number))).*
                  FROM raw.site_tracking_erasure_r AS held
                 CROSS JOIN generate_series(1, 100) AS number
                 WHERE status = 'ERASING'""");
        // Says itself that it was taken.
        forget(database, "{\"user_id\": 88}");
    }

    /** By a loader that began before the tombstone was there, and ended after it. */
    @Test
    void reachesADeviceThatWasBeingLoadedMeanwhile(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        LoadedSessions.load(
                database,
                List.of(
                        event(20, "tablet", null, "mine_on_tablet"),
                        event(21, "tablet", USER, "mine_on_tablet_too")));
        String ofTablet = " WHERE visitor_hk = '\\x%s'".formatted(hk("vis_tablet"));
        database.execute(
                "CREATE TABLE public.loading AS SELECT * FROM business.site_user_visitor_b"
                        + ofTablet
                        + "; DELETE FROM business.site_user_visitor_b"
                        + ofTablet);
        forget(database, "{\"user_id\": 77}");
        database.texts(NAME);
        database.execute("INSERT INTO business.site_user_visitor_b SELECT * FROM public.loading");

        // Whoever loads now does not know of the tablet yet: nothing is erased in this turn.
        assertThat(database.texts("SELECT raw.site_tracking_erase_next()")).doesNotContainNull();
        assertThat(database.texts(LABELS)).contains("mine_on_tablet");
        carryOut(database);

        assertThat(database.texts(LABELS)).isEqualTo(OF_OTHERS);
        assertThat(leftOf(database)).isEmpty();
        assertSound(database);
    }

    /** Which does not know yet that others were seen as the same visitor. */
    @Test
    void followsNobodyIntoAShadow(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        askAndCarryOut(database);
        try (Connection connection = database.connect()) {
            Migration.makeShadow(connection, applied -> {});
        }
        List<EnrichedEvent> onFamily = events();
        onFamily.removeIf(
                event -> !event.admitted().event().action().label().equals("mine_on_family"));

        LoadedSessions.load(database, Layers.SHADOW, onFamily);
        carryOut(database);

        assertThat(database.texts(LABELS)).isEqualTo(OF_OTHERS);
        assertThat(database.number("SELECT count(*) FROM raw.site_tracking_erasure_r"))
                .isEqualTo(1);
    }

    /** Whoever goes on after a request is known by the devices of then. */
    @Test
    void knowsAUserWhoGoesOn(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        forget(database, "{\"user_id\": 77}");
        database.texts(NAME);
        Instant later = Instant.now().plusSeconds(60);
        LoadedSessions.load(database, List.of(event(later, "phone", USER, "later_1")));
        carryOut(database);

        assertThat(
                        database.texts(
                                "SELECT encode(visitor_hk, 'hex') FROM business.site_user_visitor_b"
                                        + " WHERE user_hk = '\\x"
                                        + hk(USER)
                                        + "'"))
                .containsExactly(hk("vis_phone"));
        assertSound(database);
    }
}
