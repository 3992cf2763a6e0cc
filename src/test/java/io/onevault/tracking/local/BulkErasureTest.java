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

/** One request for as many visitors as it may name. */
@ExtendWith(PostgresExtension.class)
class BulkErasureTest {

    private static final int VISITORS = 10_000;
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

    private static final String TOLD = "SELECT snapshot FROM raw.site_tracking_begin_load(%s)";

    /** Of three days. */
    private static List<EnrichedEvent> events() {
        List<EnrichedEvent> events = new ArrayList<>();
        for (int i = 0; i < VISITORS + OTHERS; i++) {
            Instant at = START.plusSeconds(20L * i);
            events.add(
                    TestEvents.event("e" + i)
                            .session("s" + i)
                            .visitor("vis_" + i)
                            .pageViewId("pv" + i)
                            .label(i < VISITORS ? "gone" : "kept")
                            .occurredAt(at)
                            .appendedAt(at)
                            .offset(i)
                            .enriched());
        }
        return events;
    }

    @Test
    void leavesNothingOfAnyAndAllOfOthers(TestPostgres postgres) throws Exception {
        List<EnrichedEvent> events = events();
        TestDatabase database = LoadedVault.of(postgres, events);

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
                .containsExactly("DONE %1$d %1$d %1$d".formatted(VISITORS));
        assertGone(database);
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
