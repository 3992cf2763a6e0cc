package io.onevault.tracking.local;

import static io.onevault.tracking.local.ErasedVisitor.carryOut;
import static io.onevault.tracking.local.ErasedVisitor.forget;
import static io.onevault.tracking.vault.TestEvents.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.TestEvents;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One request for as many visitors as it may name, of some of whom there are events. */
@ExtendWith(PostgresExtension.class)
class BulkErasureTest {

    private static final int VISITORS = 10_000;
    private static final int SEEN = 1_000;
    private static final int OTHERS = 50;

    private static final String REQUEST =
            """
            SELECT concat_ws(' ', request ->> 'status', request ->> 'visitors',
                       request #>> '{erased_rows,events}', request #>> '{erased_rows,sessions}')
              FROM jsonb_array_elements(api.get_erasures('acme') #> '{data,erasures}') AS request""";

    /** As the job does, so many at a time. */
    private static final String NAME =
            """
            SELECT raw.site_tracking_name_visitors(
                array_agg(erasure_id), array_agg(client_id), array_agg(id_kind),
                array_agg('vis_' || client_id))
              FROM raw.site_tracking_ids_to_name(1000)
            HAVING count(*) > 0""";

    private static final String LABELS =
            """
            SELECT evt_label || ' ' || count(*)
              FROM business.site_event_details_s
             GROUP BY evt_label""";

    /** The planner knows nothing of what was just written, and would sooner or later. */
    private static final String NOT_ANALYSED =
            "ALTER TABLE raw.site_tracking_tombstone_r SET (autovacuum_enabled = false)";

    private static final String READ =
            """
            SELECT seq_tup_read + idx_tup_fetch
              FROM pg_stat_user_tables
             WHERE relname = 'site_tracking_tombstone_r'""";

    private static final String TOLD = "SELECT snapshot FROM raw.site_tracking_begin_load(%s)";

    /** Of three days. */
    private static List<EnrichedEvent> events() {
        List<EnrichedEvent> events = new ArrayList<>();
        for (int i = 0; i < SEEN + OTHERS; i++) {
            Instant at = START.plusSeconds(200L * i);
            TestEvents made = i < SEEN ? ofErased(i) : ofOther(i);
            events.add(
                    made.session("s" + i)
                            .pageViewId("pv" + i)
                            .occurredAt(at)
                            .appendedAt(at)
                            .offset(i)
                            .enriched());
        }
        return events;
    }

    private static TestEvents ofErased(int i) {
        return TestEvents.event("e" + i).visitor("vis_" + i).label("gone");
    }

    private static TestEvents ofOther(int i) {
        return TestEvents.event("e" + i).visitor("vis_o" + i).label("kept");
    }

    @Test
    void leavesNothingOfAnyAndAllOfOthers(TestPostgres postgres) throws Exception {
        List<EnrichedEvent> events = events();
        TestDatabase database = LoadedVault.of(postgres, events);

        database.execute(NOT_ANALYSED);
        long asked = System.nanoTime();
        forget(database, ids());
        long taken = System.nanoTime();
        assertThat(database.texts(REQUEST)).containsExactly("NAMING " + VISITORS);
        while (!database.texts(NAME).isEmpty()) {
            assertThat(database.texts(REQUEST)).hasSize(1);
        }
        long named = System.nanoTime();
        assertThat(database.texts(REQUEST)).containsExactly("ERASING " + VISITORS);
        carryOut(database);
        System.out.printf(
                "erasure of %d visitors: taken in %d ms, named in %d ms, done in %d ms%n",
                VISITORS,
                millis(asked, taken),
                millis(taken, named),
                millis(named, System.nanoTime()));

        assertThat(database.texts(REQUEST))
                .containsExactly("DONE %d %2$d %2$d".formatted(VISITORS, SEEN));
        assertGone(database);
        // Some times by each part, not for each session.
        assertThat(database.number(READ)).isBetween((long) VISITORS, 20L * VISITORS);
        assertLoadersAreToldOnce(database);
        // As a replay does.
        LoadedSessions.load(database, events);
        assertGone(database);
    }

    private static String ids() {
        return IntStream.range(0, VISITORS)
                .mapToObj(i -> "{\"visitor_id\": %d}".formatted(i))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private static long millis(long from, long to) {
        return (to - from) / 1_000_000;
    }

    private static void assertGone(TestDatabase database) throws SQLException {
        assertThat(database.texts(LABELS)).containsExactly("kept " + OTHERS);
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
    }

    /** Each micro-batch is told of what is new alone. */
    private static void assertLoadersAreToldOnce(TestDatabase database) throws SQLException {
        List<String> told = database.texts(TOLD.formatted("NULL"));
        assertThat(told).hasSize(VISITORS + 1);
        String snapshot = told.get(VISITORS);
        assertThat(database.texts(TOLD.formatted("'" + snapshot + "'"))).hasSize(1);
    }
}
