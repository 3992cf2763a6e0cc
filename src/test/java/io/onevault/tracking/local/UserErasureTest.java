package io.onevault.tracking.local;

import static io.onevault.tracking.local.ErasedVisitor.carryOut;
import static io.onevault.tracking.local.ErasedVisitor.forget;
import static io.onevault.tracking.local.ErasedVisitor.found;
import static io.onevault.tracking.local.ErasedVisitor.hk;
import static io.onevault.tracking.vault.TestEvents.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.Layers;
import io.onevault.tracking.vault.TestEvents;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whom a user's id reaches: the devices that only the user was on, and on others the events. */
@ExtendWith(PostgresExtension.class)
class UserErasureTest {

    private static final String USER = "vis_77";
    private static final String OTHER = "vis_88";

    private static final List<String> OF_OTHERS =
            List.of("other_elsewhere", "other_on_family", "stranger", "unknown_on_family");

    private static final String LABELS =
            "SELECT evt_label FROM business.site_event_details_s ORDER BY evt_label";

    /** As the job does, of an id in the test's manner. */
    private static final String NAME =
            """
            SELECT raw.site_tracking_name_visitors(
                array_agg(erasure_id), array_agg(client_id), array_agg(id_kind),
                array_agg('vis_' || client_id))
              FROM raw.site_tracking_ids_to_name()
             WHERE id_kind = 'user_id'""";

    private static List<EnrichedEvent> events() {
        return new ArrayList<>(
                List.of(
                        event(0, "phone", null, "mine_before_login"),
                        event(1, "phone", USER, "mine_on_phone"),
                        event(2, "laptop", USER, "mine_on_laptop"),
                        event(3, "laptop", null, "mine_after_logout"),
                        event(4, null, USER, "mine_without_device"),
                        event(5, "family", USER, "mine_on_family"),
                        event(6, "family", OTHER, "other_on_family"),
                        event(7, "family", null, "unknown_on_family"),
                        event(8, "stranger", null, "stranger"),
                        event(9, "office", OTHER, "other_elsewhere")));
    }

    private static EnrichedEvent event(
            int minute, @Nullable String device, @Nullable String user, String label) {
        return event(START.plusSeconds(60L * minute), device, user, label);
    }

    private static EnrichedEvent event(
            Instant at, @Nullable String device, @Nullable String user, String label) {
        TestEvents made =
                TestEvents.event(label)
                        .session("s_" + device)
                        .visitor(device == null ? String.valueOf(user) : "vis_" + device)
                        .label(label)
                        .occurredAt(at)
                        .appendedAt(at);
        return (device == null || user == null ? made : made.user(user)).enriched();
    }

    private static void askAndCarryOut(TestDatabase database) throws SQLException {
        askAndCarryOut(database, 77);
    }

    private static void askAndCarryOut(TestDatabase database, int user) throws SQLException {
        forget(database, "{\"user_id\": %d}".formatted(user));
        database.texts(NAME);
        carryOut(database);
    }

    /** The labels of the events that a user is told of. */
    private static List<String> exported(TestDatabase database, int user) throws SQLException {
        String lines = "api.export_visitor('acme', '{\"user_id\": \"%d\"}')".formatted(user);
        database.texts("SELECT " + lines);
        database.texts(NAME);
        return database.texts(
                "SELECT line #>> '{event,evt_label}' FROM "
                        + lines
                        + " AS line WHERE line ->> 'kind' = 'event' ORDER BY 1");
    }

    private static List<String> keysOf(String... visitors) {
        List<String> keys = new ArrayList<>(List.of("mine_", USER, hk(USER)));
        for (String visitor : visitors) {
            keys.add(hk(visitor));
        }
        return keys;
    }

    private static List<String> leftOf(TestDatabase database) throws SQLException {
        List<String> left =
                found(database, keysOf("vis_phone", "vis_laptop").toArray(String[]::new));
        left.removeIf(
                row ->
                        row.startsWith("business.site_visitor_h ")
                                || row.startsWith("business.site_event_h ")
                                || row.startsWith("raw.site_tracking_forgotten_r ")
                                || row.startsWith("raw.site_tracking_tombstone_r "));
        return left;
    }

    /** The ledger was told of none of the events that come later. */
    private static void assertSound(TestDatabase database) throws SQLException {
        assertThat(LoadedVault.failedChecks(database))
                .allMatch(failed -> failed.startsWith("ledger_matches_events "));
    }

    @Test
    void leavesNothingOfAUserAndAllOfOthers(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        assertThat(leftOf(database)).hasSizeGreaterThan(20);
        List<String> others = found(database, "other_elsewhere", "stranger");

        askAndCarryOut(database);

        assertThat(database.texts(LABELS)).isEqualTo(OF_OTHERS);
        assertThat(leftOf(database)).isEmpty();
        assertThat(found(database, "other_elsewhere", "stranger")).isEqualTo(others);
        assertSound(database);
        // As a replay, an old savepoint, recover and a reprocess do.
        LoadedSessions.load(database, events());
        assertThat(database.texts(LABELS)).isEqualTo(OF_OTHERS);
        assertThat(leftOf(database)).isEmpty();
        assertSound(database);
    }

    @Test
    void tellsAUserAllThatWouldBeErased(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());

        assertThat(exported(database, 77))
                .containsExactly(
                        "mine_after_logout",
                        "mine_before_login",
                        "mine_on_family",
                        "mine_on_laptop",
                        "mine_on_phone",
                        "mine_without_device");
    }

    /** What of a shared device names nobody may be of whoever was erased before, or of a guest. */
    @Test
    void aSharedDeviceIsNotTheLastUsersOwn(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        askAndCarryOut(database);
        assertSound(database);

        assertThat(exported(database, 88)).containsExactly("other_elsewhere", "other_on_family");
        askAndCarryOut(database, 88);

        assertThat(database.texts(LABELS)).containsExactly("stranger", "unknown_on_family");
        assertThat(found(database, hk(OTHER), hk("vis_office")))
                .noneMatch(row -> row.startsWith("business.site_user_visitor_b "));
        assertSound(database);
        // Who comes next was not the only one either.
        LoadedSessions.load(database, List.of(event(30, "family", "vis_99", "third_on_family")));
        assertThat(exported(database, 99)).containsExactly("third_on_family");
        assertSound(database);
    }

    /** With the device goes what was known of its users. */
    @Test
    void nothingIsKeptOfADeviceThatGoesWhole(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        askAndCarryOut(database);
        forget(database, "{\"visitor_hk\": \"" + hk("vis_family") + "\"}");
        carryOut(database);

        assertThat(found(database, hk("vis_family")))
                .noneMatch(row -> row.startsWith("business.site_user_visitor_b "));
        assertSound(database);
    }

    /** A device is not its user: what the user did on others is not asked for. */
    @Test
    void aVisitorsIdReachesThatVisitorAlone(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        forget(database, "{\"visitor_hk\": \"" + hk("vis_family") + "\"}");
        carryOut(database);

        assertThat(database.texts(LABELS))
                .hasSize(7)
                .noneMatch(label -> label.endsWith("_on_family"));
        assertSound(database);
    }

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
