package io.onevault.tracking.job.description;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.Description;
import io.onevault.tracking.vault.Description.Kind;
import io.onevault.tracking.vault.Loader;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Random versions of many pages, in random order of arrival and in random micro-batches, from the
 * step that tracks them into the database; rolled back to a snapshot, and replayed without state.
 */
@ExtendWith(PostgresExtension.class)
class DescriptionOrderProperties {

    private static final int PAGES = 400;
    private static final int TITLE = 4;
    private static final Instant START = Instant.parse("2026-11-20T10:00:00Z");
    private static final Comparator<Description> ORDER =
            Comparator.comparing(Description::occurredAt).thenComparing(Description::loadDate);

    private final Random random = new Random(20_261_120);
    private final List<Description> told = new ArrayList<>();
    private TestDatabase database;
    private Connection connection;

    @BeforeEach
    void open(TestPostgres postgres) throws SQLException {
        database = postgres.vault();
        connection = database.connect();
        for (int page = 0; page < PAGES; page++) {
            tell("https://shop.example/" + page);
        }
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    /** Arrival, which the load date tells, has nothing to do with the time of the event. */
    private void tell(String page) {
        int count = 1 + random.nextInt(10);
        for (int i = 0; i < count; i++) {
            String title = String.valueOf((char) ('a' + random.nextInt(3)));
            told.add(
                    new Description(
                            Kind.PAGE,
                            "00".repeat(32),
                            page,
                            // Some occur in the same moment.
                            START.plusSeconds(random.nextInt(8)),
                            START.plusSeconds(60 + random.nextInt(60)).plusNanos(i * 1_000L),
                            Arrays.asList(page, null, "/", null, title),
                            false));
        }
    }

    @Test
    void theLatestEventTellsTheCurrentVersionInAnyOrderOfArrival() throws Exception {
        arrive(shuffled(), null);

        assertThat(titles("site_page_details_current_v")).isEqualTo(latest());
        assertThatNeighboursDiffer();
    }

    @Test
    void aFailureAndAReplayInAnotherOrderKeepIt() throws Exception {
        List<Description> arriving = shuffled();
        List<Description> before = arriving.subList(0, arriving.size() / 3);
        List<Description> after = arriving.subList(arriving.size() / 3, arriving.size());
        OperatorSubtaskState snapshot = arrive(before, null);
        arrive(after.subList(0, after.size() / 2), snapshot);
        Collections.shuffle(after, random);

        arrive(after, snapshot);

        assertThat(titles("site_page_details_current_v")).isEqualTo(latest());
        assertThatNeighboursDiffer();
    }

    @Test
    void aReplayWithoutStateChangesNoRow() throws Exception {
        arrive(shuffled(), null);
        List<String> history = rows("site_page_details_history_v");

        arrive(repeated(shuffled()), null);

        List<String> more = rows("site_page_details_history_v");
        assertThat(more).hasSameSizeAs(history);
        more.removeAll(history);
        assertThat(more).isEmpty();
    }

    @Test
    void aReplayWithoutStateMakesUpForWhatWasLost() throws Exception {
        List<Description> arriving = shuffled();
        arrive(arriving.subList(0, arriving.size() / 2), null);

        arrive(repeated(shuffled()), null);

        assertThat(titles("site_page_details_current_v")).isEqualTo(latest());
        assertThatNeighboursDiffer();
    }

    private static List<Description> repeated(List<Description> arriving) {
        List<Description> repeated = new ArrayList<>();
        for (Description one : arriving) {
            repeated.add(
                    new Description(
                            one.kind(),
                            one.tenantHk(),
                            one.bk(),
                            one.occurredAt(),
                            one.loadDate(),
                            one.values(),
                            true));
        }
        return repeated;
    }

    @Test
    void historyOfWhatArrivesInItsOrderIsWhatWasToldAndStays() throws Exception {
        List<Description> arriving = new ArrayList<>(told);
        arriving.sort(ORDER);
        arrive(arriving, null);
        List<String> history = rows("site_page_details_history_v");
        assertThat(titles("site_page_details_s")).isEqualTo(changes());
        assertThat(history).filteredOn(row -> row.endsWith(",)")).hasSize(PAGES);

        arrive(arriving, null);

        assertThat(rows("site_page_details_history_v")).isEqualTo(history);
    }

    private List<Description> shuffled() {
        List<Description> arriving = new ArrayList<>(told);
        Collections.shuffle(arriving, random);
        return arriving;
    }

    /** Returns the state after it. */
    private OperatorSubtaskState arrive(
            List<Description> arriving, @Nullable OperatorSubtaskState state) throws Exception {
        var harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new KeyedProcessOperator<>(new TrackDescriptions(Duration.ofDays(7))),
                        Description::key,
                        Types.STRING);
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
        for (Description description : arriving) {
            harness.processElement(description, 0);
        }
        load(harness.extractOutputValues());
        OperatorSubtaskState after = harness.snapshot(1, 1);
        harness.close();
        return after;
    }

    private void load(List<Description> passed) throws SQLException {
        Loader<Description> loader = Loader.ofDescriptions("test");
        for (int from = 0; from < passed.size(); ) {
            int to = Math.min(passed.size(), from + 1 + random.nextInt(40));
            assertThat(loader.load(connection, new ArrayList<>(passed.subList(from, to))))
                    .isEmpty();
            from = to;
        }
    }

    /** By page the title that its latest event told. */
    private Map<String, String> latest() {
        Map<String, String> latest = new TreeMap<>();
        told.stream().sorted(ORDER).forEach(one -> latest.put(one.bk(), one.values().get(TITLE)));
        return latest;
    }

    /** By page the titles that its events told in their order, each change once. */
    private Map<String, String> changes() {
        Map<String, String> changes = new TreeMap<>();
        told.stream()
                .sorted(ORDER)
                .forEach(
                        one -> {
                            String before = changes.getOrDefault(one.bk(), "");
                            String title = one.values().get(TITLE);
                            changes.put(one.bk(), before.endsWith(title) ? before : before + title);
                        });
        return changes;
    }

    private void assertThatNeighboursDiffer() throws SQLException {
        assertThat(titles("site_page_details_s"))
                .hasSize(PAGES)
                .allSatisfy((page, history) -> assertThat(history).doesNotMatch(".*(.)\\1.*"));
    }

    private List<String> rows(String table) throws SQLException {
        return database.texts("SELECT t::text FROM business." + table + " t ORDER BY 1");
    }

    /** The titles of each page, one letter each, in their order. */
    private Map<String, String> titles(String table) throws SQLException {
        Map<String, String> titles = new TreeMap<>();
        String query =
                "SELECT page_url || ' ' || string_agg(page_title, ''"
                        + " ORDER BY event_timestamp, load_date) FROM business."
                        + table
                        + " GROUP BY page_url";
        for (String row : database.texts(query)) {
            int space = row.indexOf(' ');
            titles.put(row.substring(0, space), row.substring(space + 1));
        }
        return titles;
    }
}
