package io.onevault.tracking.local;

import static io.onevault.tracking.local.ErasedVisitor.carryOut;
import static io.onevault.tracking.local.ErasedVisitor.forget;
import static io.onevault.tracking.local.ErasedVisitor.found;
import static io.onevault.tracking.local.ErasedVisitor.hk;
import static io.onevault.tracking.vault.TestEvents.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.vault.TestEvents;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A user of tenant acme who is erased, the devices of that user, and those who share one of them.
 */
final class ErasedUser {

    static final String USER = "vis_77";
    static final String OTHER = "vis_88";

    static final List<String> OF_OTHERS =
            List.of("other_elsewhere", "other_on_family", "stranger", "unknown_on_family");

    static final String LABELS =
            "SELECT evt_label FROM business.site_event_details_s ORDER BY evt_label";

    /** As the job does, of an id in the test's manner. */
    static final String NAME =
            """
            SELECT raw.site_tracking_name_visitors(
                array_agg(erasure_id), array_agg(client_id), array_agg(id_kind),
                array_agg('vis_' || client_id))
              FROM raw.site_tracking_ids_to_name()
             WHERE id_kind = 'user_id'""";

    private ErasedUser() {}

    static List<EnrichedEvent> events() {
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

    static EnrichedEvent event(
            int minute, @Nullable String device, @Nullable String user, String label) {
        return event(START.plusSeconds(60L * minute), device, user, label);
    }

    static EnrichedEvent event(
            Instant at, @Nullable String device, @Nullable String user, String label) {
        return made(at, device, user, label).enriched();
    }

    static TestEvents made(
            Instant at, @Nullable String device, @Nullable String user, String label) {
        TestEvents made =
                TestEvents.event(label)
                        .session("s_" + device)
                        .visitor(device == null ? String.valueOf(user) : "vis_" + device)
                        .label(label)
                        .occurredAt(at)
                        .appendedAt(at);
        return device == null || user == null ? made : made.user(user);
    }

    static void askAndCarryOut(TestDatabase database) throws SQLException {
        askAndCarryOut(database, 77);
    }

    static void askAndCarryOut(TestDatabase database, int user) throws SQLException {
        forget(database, "{\"user_id\": %d}".formatted(user));
        database.texts(NAME);
        carryOut(database);
    }

    /** The labels of the events that a user is told of. */
    static List<String> exported(TestDatabase database, int user) throws SQLException {
        return exported(database, user, "event", "{event,evt_label}");
    }

    /** What lines of a kind tell a user in a member. */
    static List<String> exported(TestDatabase database, int user, String kind, String path)
            throws SQLException {
        String lines = "api.export_visitor('acme', '{\"user_id\": \"%d\"}')".formatted(user);
        database.texts("SELECT " + lines);
        database.texts(NAME);
        return database.texts(
                "SELECT line #>> '%s' FROM %s AS line WHERE line ->> 'kind' = '%s' ORDER BY 1"
                        .formatted(path, lines, kind));
    }

    private static List<String> keysOf(String... visitors) {
        List<String> keys = new ArrayList<>(List.of("mine_", USER, hk(USER)));
        for (String visitor : visitors) {
            keys.add(hk(visitor));
        }
        return keys;
    }

    static List<String> leftOf(TestDatabase database) throws SQLException {
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
    static void assertSound(TestDatabase database) throws SQLException {
        assertThat(LoadedVault.failedChecks(database))
                .allMatch(failed -> failed.startsWith("ledger_matches_events "));
    }
}
