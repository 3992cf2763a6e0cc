package io.onevault.tracking.local;

import static io.onevault.tracking.vault.TestEvents.START;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.Heartbeat;
import io.onevault.tracking.vault.Layers;
import io.onevault.tracking.vault.TestEvents;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Retention on a clock a year ahead of the events. */
@ExtendWith(PostgresExtension.class)
class RetentionTest {

    /** In which both events of a session lie. */
    private static final SessionRules FOUR_HOURS =
            new SessionRules(4 * 3_600_000L, 86_400_000L, 100, true, null, false);

    /** The events are of 20 November to 6 December 2026. */
    private static final String A_YEAR_LATER = "2027-12-01";

    private static final String SETTINGS =
            """
            INSERT INTO auth.tenant_site_tracking_s (tenant_hk, load_date, keep_raw_days, keep_rejected_days,
                   keep_staging_days, keep_events_days, keep_sessions_days, keep_ledger_days, time_zone, hash_diff,
                   record_source)
            SELECT tenant_hk, now(), %s, 'Asia/Kathmandu', sha256(''), 'test'
              FROM auth.tenant_h
             WHERE tenant_bk IN (%s)""";

    /** A year later from 1 and 3 December on, 30, 27, 23 and 26 November. */
    private static final String DAYS = "365, 363, 366, 369, 373, 370";

    private static final String FAILED_FIVE_MINUTES_AGO =
            """
            UPDATE raw.site_tracking_kept_r
               SET failures = %d, load_date = clock_timestamp() - INTERVAL '5 minutes'
             WHERE failures > 0""";

    private static final String ORDERS_READ =
            """
            SELECT seq_tup_read + idx_tup_fetch
              FROM pg_stat_xact_user_tables
             WHERE relid = 'business.site_order_b'::regclass""";

    private static final String ROWS =
            """
            SELECT concat_ws(' ', name, tenant_bk, layer_rows)
              FROM auth.tenant_h
             CROSS JOIN LATERAL (
                   SELECT 'raw', count(*) FROM raw.site_tracking_events_r AS t
                    WHERE t.tenant_hk = tenant_h.tenant_hk AND processing_status <> 'ERROR'
                   UNION ALL
                   SELECT 'rejected', count(*) FROM raw.site_tracking_events_r AS t
                    WHERE t.tenant_hk = tenant_h.tenant_hk AND processing_status = 'ERROR'
                   UNION ALL
                   SELECT 'staging', count(*) FROM staging.site_tracking_events_s AS t
                    WHERE t.tenant_hk = tenant_h.tenant_hk
                   UNION ALL
                   SELECT 'events', count(*) FROM business.site_event_h AS t
                    WHERE t.tenant_hk = tenant_h.tenant_hk
                   UNION ALL
                   SELECT 'sessions', count(*) FROM business.site_session_h AS t
                    WHERE t.tenant_hk = tenant_h.tenant_hk AND session_bk NOT IN ('sess_none', 'sess_late')
                   UNION ALL
                   SELECT 'ledger', count(*) FROM raw.site_tracking_ledger_r AS t
                    WHERE t.tenant_hk = tenant_h.tenant_hk
                   ) AS layers (name, layer_rows)
             ORDER BY 1""";

    /** A session in six hours, some of them over midnight; visitors come again and again. */
    private static List<EnrichedEvent> events() {
        List<EnrichedEvent> events = new ArrayList<>();
        for (int i = 0; i < 128; i++) {
            int session = i / 2;
            TestEvents made =
                    event("e" + i)
                            .tenant(session % 3 == 0 ? "other" : "acme")
                            .type(i % 5 == 0 ? EventType.PURCHASE : EventType.PAGE_VIEW)
                            .occurredAt(START.plusSeconds(21_600L * session + 900 * 15 * (i % 2)))
                            .appendedAt(START.plusSeconds(21_600L * session + 900 * 15 * (i % 2)))
                            .offset(i)
                            .session(i % 7 == 0 ? null : "s" + session)
                            .rules(FOUR_HOURS)
                            .visitor("vis_" + session % 5)
                            .url("https://shop.example/p" + i % 3)
                            .item(LoadedVault.book("sku" + i % 3))
                            .purchase(
                                    i % 5 == 0
                                            ? new Purchase("t" + i % 30, BigDecimal.TEN, "EUR")
                                            : Purchase.NONE);
            events.add((i % 11 == 0 ? made.late() : made).enriched());
        }
        return events;
    }

    private static TestDatabase loaded(TestPostgres postgres, String tenants) throws SQLException {
        TestDatabase database = LoadedVault.of(postgres, events());
        database.execute(
                """
                INSERT INTO raw.site_tracking_events_r (event_timestamp, event_hk, tenant_hk, processing_status,
                       source_topic, source_partition, source_offset, load_date, record_source)
                SELECT event_timestamp, sha256(event_hk), tenant_hk, 'ERROR', '', 0, 0, load_date, 'test'
                  FROM business.site_event_h
                 WHERE event_bk LIKE '%e1%'""");
        database.execute(SETTINGS.formatted(DAYS, tenants));
        // A day of its clock, in which visitors come, is removed in part.
        database.execute(
                "SELECT business.site_hold_cohort_zones(array_agg(tenant_hk)) FROM auth.tenant_h");
        return database;
    }

    private static List<String> expire(TestDatabase database, String today) throws SQLException {
        List<String> parts = new ArrayList<>();
        while (parts.size() < 1_000) {
            String part = database.texts("SELECT raw.site_tracking_expire('" + today + "')").get(0);
            if (part == null) {
                return parts;
            }
            parts.add(part);
        }
        throw new AssertionError("retention does not end");
    }

    /** What the dry run announces, as lines of {@link #ROWS}. */
    private static List<String> announced(TestDatabase database) throws SQLException {
        return database.texts(
                "SELECT concat_ws(' ', layer, tenant_bk, row_count) FROM raw.site_tracking_expiring('"
                        + A_YEAR_LATER
                        + "') ORDER BY 1");
    }

    private static long lessOf(List<String> before, List<String> after, String announced) {
        String name = announced.substring(0, announced.lastIndexOf(' ') + 1);
        return countOf(before, name) - countOf(after, name);
    }

    private static long countOf(List<String> lines, String name) {
        String line =
                lines.stream().filter(each -> each.startsWith(name)).findFirst().orElseThrow();
        return Long.parseLong(line.substring(name.length()));
    }

    @Test
    void removesOfATenantWhatTheDryRunSaysAndLeavesSums(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres, "'acme'");
        List<String> before = database.texts(ROWS);
        List<String> sums = LoadedVault.rollups(database);
        List<String> announced = announced(database);

        List<String> parts = expire(database, A_YEAR_LATER);

        List<String> after = database.texts(ROWS);
        assertThat(announced).hasSize(6).noneMatch(line -> line.endsWith(" 0"));
        for (String line : announced) {
            assertThat(line).endsWith(" " + lessOf(before, after, line));
        }
        assertThat(after)
                .filteredOn(line -> line.contains(" other "))
                .containsExactlyElementsOf(
                        before.stream().filter(l -> l.contains(" other ")).toList());
        assertThat(parts).contains("events 2026-11-26").doesNotContain("events 2026-11-27");
        assertThat(announced(database)).allMatch(line -> line.endsWith(" 0"));
        assertThat(LoadedVault.rollups(database)).isEqualTo(sums);
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
    }

    /** Those of all days stay without end. */
    @Test
    void readsOfOrdersThoseOfTheDayAlone(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres, "'acme'");
        database.execute(
                """
                INSERT INTO business.site_order_b (tenant_hk, transaction_hk, event_timestamp, event_hk, event_bk)
                SELECT tenant_hk, sha256(n::text::bytea), timestamptz '2026-11-20Z' + n * INTERVAL '1 day',
                       sha256(n::text::bytea), n
                  FROM auth.tenant_h
                 CROSS JOIN generate_series(1, 2000) AS n
                 WHERE tenant_bk = 'acme';
                ANALYZE business.site_order_b""");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);

            statement.execute(
                    """
                    SELECT business.site_expire_keys(ARRAY[tenant_hk], '2026-11-22')
                      FROM auth.tenant_h
                     WHERE tenant_bk = 'acme'""");

            try (ResultSet read = statement.executeQuery(ORDERS_READ)) {
                read.next();
                assertThat(read.getLong(1)).isBetween(2L, 100L);
            }
        }
    }

    /** In whatever table but that of sessions, which are kept for longer. */
    @Test
    void leavesNoKeyOfAnEventWhoseTimeIsOver(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres, "'acme'");
        List<String> keys =
                database.texts(
                        "SELECT unnest(ARRAY[event_bk || '\\M', encode(event_hk, 'hex')])"
                                + " FROM business.site_event_h JOIN auth.tenant_h USING (tenant_hk)"
                                + " WHERE tenant_bk = 'acme' AND event_timestamp < '2026-11-27Z'");
        assertThat(keys).hasSizeGreaterThan(20);

        expire(database, A_YEAR_LATER);

        assertThat(ErasedVisitor.found(database, keys.toArray(String[]::new)))
                .filteredOn(row -> !row.startsWith("business.site_session_details_s "))
                .isEmpty();
        assertThat(
                        database.texts(
                                "SELECT DISTINCT concat_ws(',', types, type_way, has_ties, offsets, pages, items,"
                                        + " item_places, seen_pages, page_way)"
                                        + " FROM business.site_session_path_b JOIN auth.tenant_h USING (tenant_hk)"
                                        + " WHERE tenant_bk = 'acme' AND session_end < '2026-11-27Z'"))
                .containsExactly(",,f,{},{},{},{},{},{}");
    }

    @Test
    void keepsSumsRightWhateverComesLater(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres, "'acme'");
        List<String> sums = LoadedVault.rollups(database);
        expire(database, A_YEAR_LATER);

        database.execute("CALL business.site_rebuild_sessions()");
        assertThat(LoadedVault.rollups(database)).isEqualTo(sums);
        LoadedSessions.load(database, events().subList(80, 128));
        assertThat(LoadedVault.rollups(database)).isEqualTo(sums);
        database.execute(
                "SELECT api.forget_visitor('acme', '{\"visitor_bk\": \"vis_00000000000000000000000000000001\"}')");
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
        expire(database, "2028-12-01");

        assertThat(LoadedVault.rollups(database)).isEqualTo(sums);
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
        assertThat(
                        database.texts(
                                "SELECT (SELECT count(*) FROM business.site_visitor_details_s WHERE tenant_hk = t.tenant_hk)"
                                        + " FROM auth.tenant_h AS t ORDER BY tenant_bk"))
                .first()
                .isEqualTo("0");
    }

    /** Of page views that were told again only a session knows, which is kept for longer. */
    @Test
    void keepsSumsOfEventsWhoseSessionsStay(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres, "'acme'");
        database.execute(SETTINGS.formatted(DAYS.replace("373", "NULL"), "'acme'"));
        List<String> sums = LoadedVault.rollups(database);
        expire(database, A_YEAR_LATER);

        database.execute("CALL business.site_rebuild_sessions()");

        assertThat(LoadedVault.rollups(database)).isEqualTo(sums);
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
        assertThat(
                        database.texts(
                                "SELECT tenant_bk || ' ' || min(event_timestamp)::date"
                                        + " FROM business.site_repeat_b JOIN auth.tenant_h USING (tenant_hk)"
                                        + " GROUP BY tenant_bk ORDER BY 1"))
                .containsExactly("acme 2026-11-27", "other 2026-11-22");
    }

    /** A savepoint of before may hold what was removed since. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReprocessBringsNothingBack(boolean merge, TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres, "'acme'");
        List<String> sums = LoadedVault.rollups(database);
        expire(database, A_YEAR_LATER);
        List<String> rows = database.texts(ROWS);
        try (Connection connection = database.connect()) {
            Migration.makeShadow(connection, applied -> {});
        }
        LoadedSessions.load(database, Layers.SHADOW, events());
        database.execute("SELECT raw.site_tracking_reprocess_note('{\"state\": \"BUILT\"}')");

        if (merge) {
            database.execute("CALL raw.site_tracking_reprocess_merge('acme')");
        } else {
            database.switchToShadow();
        }

        assertThat(database.texts(ROWS)).isEqualTo(rows);
        assertThat(LoadedVault.rollups(database)).isEqualTo(sums);
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
    }

    /** Nobody sees yet what it brings. */
    @ParameterizedTest
    @ValueSource(strings = {"complete()", "merge('acme')"})
    void waitsForAReprocess(String pass, TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres, "'acme'");
        String next = "SELECT raw.site_tracking_expire('%s')".formatted(A_YEAR_LATER);
        try (Connection program = database.connect();
                Statement statement = program.createStatement()) {
            Migration.makeShadow(program, applied -> {});
            statement.execute("SELECT raw.site_tracking_reprocess_note('{\"state\": \"BUILT\"}')");
            program.setAutoCommit(false);
            statement.execute("CALL raw.site_tracking_reprocess_" + pass);

            assertThat(database.texts(next)).containsOnlyNulls();

            program.commit();
            statement.execute("SELECT pg_advisory_unlock_all()");
            assertThat(database.texts(next)).doesNotContainNull();
        }
    }

    @Test
    void dropsPartitionsWhereAllTenantsAgree(TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres, "'acme', 'other'");
        String partitions =
                "SELECT count(*) FROM pg_class WHERE relispartition AND relkind = 'r' AND relname ~ '_p202611(2|30)'";
        assertThat(database.number(partitions)).isEqualTo(7 * 11);
        try (Connection writing = database.connect();
                Statement writer = writing.createStatement()) {
            writing.setAutoCommit(false);
            writer.execute("LOCK TABLE business.site_event_h_p20261121 IN ROW EXCLUSIVE MODE");
            assertThat(expire(database, A_YEAR_LATER)).contains("events failed");
            assertThat(told(database, "events")).isEqualTo("55P03 2026-11-21");
        }
        database.execute(FAILED_FIVE_MINUTES_AGO.formatted(1));

        expire(database, A_YEAR_LATER);

        // Five tables of the vault from the 27th on, and staging on the 30th.
        assertThat(database.number(partitions)).isEqualTo(5 * 4 + 1);
        assertThat(database.number("SELECT sum(dropped_partitions) FROM raw.site_tracking_kept_r"))
                .isGreaterThanOrEqualTo(7 * 11 - 21);
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
        assertThat(
                        database.texts(
                                "SELECT api.get_tracking_system_status('acme') #>> '{data,retention,raw,kept_from}'"))
                .containsExactly("2026-12-01");
    }

    /** It waits, the longer, the more often it failed, and then goes on where it was. */
    @ParameterizedTest
    @CsvSource({
        "raw,raw.site_tracking_events_r_p20261128,2026-11-28",
        "events,business.site_event_h_p20261121,2026-11-21"
    })
    void aLayerThatFailsHoldsNoOtherUp(
            String layer, String partition, String day, TestPostgres postgres) throws Exception {
        TestDatabase database = loaded(postgres, "'acme'");
        List<String> sums = LoadedVault.rollups(database);
        database.execute(
                """
                CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
                CREATE TRIGGER refuse BEFORE DELETE ON %s FOR EACH ROW EXECUTE FUNCTION public.refuse()"""
                        .formatted(partition));

        assertThat(expire(database, A_YEAR_LATER))
                .contains(layer + " failed")
                .doesNotContain(layer + " " + day);

        assertThat(told(database, layer)).isEqualTo("P0001 " + day);
        assertThat(announced(database))
                .allMatch(line -> line.startsWith(layer + " ") != line.endsWith(" 0"));
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
        database.execute(FAILED_FIVE_MINUTES_AGO.formatted(10));
        assertThat(expire(database, A_YEAR_LATER)).isEmpty();
        database.execute(FAILED_FIVE_MINUTES_AGO.formatted(1));
        assertThat(expire(database, A_YEAR_LATER)).contains(layer + " failed");

        database.execute("DROP TRIGGER refuse ON " + partition);
        database.execute(FAILED_FIVE_MINUTES_AGO.formatted(1));
        assertThat(expire(database, A_YEAR_LATER)).contains(layer + " " + day);

        assertThat(told(database, layer)).doesNotContain("P0001");
        assertThat(announced(database)).allMatch(line -> line.endsWith(" 0"));
        assertThat(LoadedVault.rollups(database)).isEqualTo(sums);
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
    }

    private static String told(TestDatabase database, String layer) throws SQLException {
        return database.texts(
                        """
                        SELECT concat_ws(' ', told ->> 'failure', told ->> 'kept_from')
                          FROM (SELECT api.get_tracking_system_status('acme') #> '{data,retention,%s}')
                               AS status (told)"""
                                .formatted(layer))
                .get(0);
    }

    /** Sums of days, and what may still come, need them for so long. */
    @ParameterizedTest
    @CsvSource({"raw,1", "rejected,1", "staging,1", "events,31", "sessions,31", "ledger,31"})
    void keepsNoLayerForLessThan(String layer, int days, TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "acme");
        String set =
                """
                INSERT INTO auth.tenant_site_tracking_s
                       (tenant_hk, load_date, keep_%s_days, hash_diff, record_source)
                SELECT tenant_hk, now(), %d, sha256(''), 'test'
                  FROM auth.tenant_h""";

        assertThatThrownBy(() -> database.execute(set.formatted(layer, days - 1)))
                .hasMessageContaining("violates check constraint");
        database.execute(set.formatted(layer, days));
    }

    /** Of which a person is told by raw. A tenant who keeps it without end does so. */
    @Test
    void rawIsKeptAsLongAsTheArchiveHasIt(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "acme", "other", "long");
        database.execute(SETTINGS.formatted("1, 1, 1, NULL, NULL, NULL", "'acme'"));
        database.execute(SETTINGS.formatted("9, 1, 1, NULL, NULL, NULL", "'long'"));
        try (Connection connection = database.connect()) {
            new Heartbeat(Layers.PRODUCTION, "load-events", "1", 7, "test").beat(connection);
            new Heartbeat(Layers.SHADOW, "load-events", "1", 30, "test").beat(connection);
        }

        assertThat(
                        database.texts(
                                """
                                SELECT concat_ws(' ', tenant_bk, layer, keep_days)
                                  FROM raw.site_tracking_retention('2026-11-20')
                                  JOIN auth.tenant_h USING (tenant_hk)
                                 WHERE layer IN ('raw', 'staging')
                                 ORDER BY 1"""))
                .containsExactly(
                        "acme raw 7",
                        "acme staging 1",
                        "long raw 9",
                        "long staging 1",
                        "other raw",
                        "other staging");
    }
}
