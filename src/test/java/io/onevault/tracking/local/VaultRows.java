package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.VaultChecks;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the tests compare of a vault. */
public final class VaultRows {

    static final List<String> HUBS_LINKS_SATELLITES =
            List.of(
                    "business.site_event_h",
                    "business.site_session_h",
                    "business.site_visitor_h",
                    "business.site_page_h",
                    "business.business_item_h",
                    "business.session_visitor_l",
                    "business.event_session_l",
                    "business.event_page_l",
                    "business.event_business_item_l",
                    "business.session_page_l",
                    "business.visitor_business_item_l",
                    "business.site_session_details_s",
                    "business.site_visitor_details_s",
                    "business.site_event_details_s",
                    "business.site_page_details_s",
                    "business.business_item_details_s");

    /** The current sessions with everything that does not tell when they were loaded. */
    private static final String SESSIONS =
            """
            SELECT (to_jsonb(s) - 'load_date' - 'last_load_date')::text
              FROM business.site_session_details_current_v s
             ORDER BY 1""";

    /** The keys of what does not depend on sessions, and each event's current session. */
    private static final String KEYS =
            """
            SELECT 'event ' || encode(event_hk, 'hex') FROM business.site_event_h
            UNION ALL
            SELECT 'visitor ' || encode(visitor_hk, 'hex') FROM business.site_visitor_h
            UNION ALL
            SELECT 'page ' || encode(page_hk, 'hex') FROM business.site_page_h
            UNION ALL
            SELECT 'item ' || encode(business_item_hk, 'hex') FROM business.business_item_h
            UNION ALL
            SELECT 'event-page ' || encode(event_page_hk, 'hex') FROM business.event_page_l
            UNION ALL
            SELECT 'event-item ' || encode(event_business_item_hk, 'hex')
              FROM business.event_business_item_l
            UNION ALL
            SELECT 'visitor-item ' || encode(visitor_business_item_hk, 'hex')
              FROM business.visitor_business_item_l
            UNION ALL
            SELECT 'user-visitor ' || encode(user_visitor_hk, 'hex')
              FROM business.site_user_visitor_b
            UNION ALL
            SELECT 'event-session ' || encode(l.event_session_hk, 'hex')
                   || ' ' || e.event_bk || ' ' || s.session_bk
              FROM business.event_session_current_v l
              JOIN business.site_event_h e USING (event_hk)
              JOIN business.site_session_h s USING (session_hk)
            UNION ALL
            SELECT 'session-visitor ' || encode(l.session_visitor_hk, 'hex')
              FROM business.session_visitor_l l
              JOIN business.site_session_details_current_v USING (session_hk)
            UNION ALL
            SELECT DISTINCT 'session-page ' || encode(l.session_page_hk, 'hex')
              FROM business.event_session_current_v e
              JOIN business.event_page_l p USING (event_timestamp, event_hk)
              JOIN business.session_page_l l
                ON l.session_hk = e.session_hk AND l.page_hk = p.page_hk
             WHERE e.link_kind = 'SESSION'
            ORDER BY 1""";

    public static final List<String> ALL = all();

    /** Tables in which a session leaves rows of what was published of it on the way. */
    static final List<String> OF_SESSIONS =
            List.of(
                    "business.site_session_h",
                    "business.session_visitor_l",
                    "business.event_session_l",
                    "business.session_page_l",
                    "business.site_session_details_s");

    static final List<String> BESIDE_SESSIONS =
            ALL.stream().filter(table -> !OF_SESSIONS.contains(table)).toList();

    private static final String OF_TENANT =
            """
            SELECT string_agg(format('SELECT %L || t::text FROM %s AS t WHERE tenant_hk = %%s',
                c.oid::regclass || ' ', c.oid::regclass), ' UNION ALL ')
            FROM pg_class AS c JOIN pg_attribute ON attrelid = c.oid AND attname = 'tenant_hk'
            WHERE relkind IN ('r', 'p') AND NOT relispartition
                AND relnamespace::regnamespace::text IN ('raw', 'staging', 'business')
            """;

    private VaultRows() {}

    private static List<String> all() {
        List<String> all = new ArrayList<>();
        all.add("raw.site_tracking_events_r");
        all.add("staging.site_tracking_events_s");
        all.addAll(HUBS_LINKS_SATELLITES);
        return all;
    }

    /** Whether the fingerprints are equal, without reading them. */
    static boolean same(TestDatabase one, TestDatabase other) throws SQLException {
        return digest(one).equals(digest(other));
    }

    private static List<String> digest(TestDatabase database) throws SQLException {
        List<String> digest = new ArrayList<>();
        for (Map.Entry<String, String> query : fingerprintQueries().entrySet()) {
            digest.addAll(
                    database.texts(
                            "SELECT '"
                                    + query.getKey()
                                    + " ' || count(*) || ' '"
                                    + " || coalesce(sum(hashtextextended(line, 0)::numeric), 0)"
                                    + " FROM ("
                                    + query.getValue()
                                    + ") AS lines (line)"));
        }
        return digest;
    }

    /** Every row of the tables as text, sorted. */
    static Map<String, List<String>> rows(TestDatabase database, List<String> tables)
            throws SQLException {
        Map<String, List<String>> rows = new LinkedHashMap<>();
        for (String table : tables) {
            rows.put(table, database.texts("SELECT t::text FROM " + table + " t ORDER BY 1"));
        }
        return rows;
    }

    /** Every row of a tenant, in whatever table of raw, staging and business. */
    static List<String> ofTenant(TestDatabase database, String tenant) throws SQLException {
        String rows = database.texts(OF_TENANT).get(0);
        return database.texts(
                rows.replace("%s", "util.hash_binary('" + tenant + "')") + " ORDER BY 1");
    }

    static List<String> sessions(TestDatabase database) throws SQLException {
        return database.texts(SESSIONS);
    }

    static List<String> keys(TestDatabase database) throws SQLException {
        return database.texts(KEYS);
    }

    /** What is told of events, and all that was ever told of visitors, pages and items. */
    static List<String> contents(TestDatabase database) throws SQLException {
        return database.texts(
                """
                SELECT 'raw ' || (to_jsonb(r) - array['load_date', 'source_topic',
                           'source_partition', 'source_offset', 'received_at'])::text
                  FROM raw.site_tracking_events_r r
                 WHERE processing_status <> 'ERROR'
                UNION ALL
                SELECT 'staging ' || (to_jsonb(s) - 'load_date')::text
                  FROM staging.site_tracking_events_s s
                UNION ALL
                SELECT 'flat ' || (to_jsonb(v) - 'load_date')::text
                  FROM staging.site_tracking_events_v v
                UNION ALL
                SELECT 'event ' || (to_jsonb(d) - 'load_date')::text
                  FROM business.site_event_details_s d
                UNION ALL
                SELECT DISTINCT 'visitor ' || encode(visitor_hk || hash_diff, 'hex')
                  FROM business.site_visitor_details_s
                UNION ALL
                SELECT DISTINCT 'page ' || encode(page_hk || hash_diff, 'hex')
                  FROM business.site_page_details_s
                UNION ALL
                SELECT DISTINCT 'item ' || encode(business_item_hk || hash_diff, 'hex')
                  FROM business.business_item_details_s
                ORDER BY 1""");
    }

    private static final String WITHOUT_TIMES =
            "(to_jsonb(v) - 'load_date' - 'event_timestamp')::text FROM ";

    /** Tables whose rows follow from one record of the topic alone, the hubs' load dates apart. */
    private static final List<String> EVENT_GRAIN =
            List.of(
                    "raw.site_tracking_events_r",
                    "staging.site_tracking_events_s",
                    "business.site_event_h",
                    "business.event_page_l",
                    "business.event_business_item_l",
                    "business.site_event_details_s");

    /**
     * All that two runs over the same topic must have in common, however they went: every row of
     * the event grain, every key, the current version of everything that has versions, and all that
     * was ever told of visitors, pages and items. Which versions a session had on the way is a
     * matter of time, and so is which of two partitions was the first to tell of a page.
     */
    static Map<String, List<String>> fingerprint(TestDatabase database) throws SQLException {
        Map<String, List<String>> fingerprint = new LinkedHashMap<>();
        for (Map.Entry<String, String> query : fingerprintQueries().entrySet()) {
            fingerprint.put(query.getKey(), database.texts(query.getValue()));
        }
        return fingerprint;
    }

    private static Map<String, String> fingerprintQueries() {
        Map<String, String> queries = new LinkedHashMap<>();
        for (String table : EVENT_GRAIN) {
            queries.put(table, "SELECT t::text FROM " + table + " t ORDER BY 1");
        }
        queries.put("keys", KEYS);
        queries.put("sessions", SESSIONS);
        for (String thing : List.of("site_visitor", "site_page", "business_item")) {
            String view = "business." + thing + "_details_current_v";
            queries.put(view, "SELECT " + WITHOUT_TIMES + view + " v ORDER BY 1");
            String told = "business." + thing + "_details_s";
            queries.put(told, "SELECT DISTINCT " + WITHOUT_TIMES + told + " v ORDER BY 1");
        }
        return queries;
    }

    static void assertSame(Map<String, List<String>> actual, Map<String, List<String>> expected) {
        expected.forEach((table, rows) -> assertSame(table, actual.get(table), rows));
    }

    /** Compares sorted rows; a failure shows a few of those that differ. */
    static void assertSame(String what, List<String> actual, List<String> expected) {
        List<String> differences = new ArrayList<>();
        for (String row : minus(actual, expected)) {
            differences.add("more: " + row);
        }
        for (String row : minus(expected, actual)) {
            differences.add("less: " + row);
        }
        assertThat(differences.stream().limit(20)).as(what).isEmpty();
        assertThat(actual).as(what).hasSameSizeAs(expected);
    }

    private static List<String> minus(List<String> rows, List<String> others) {
        List<String> rest = new ArrayList<>(rows);
        rest.removeAll(new java.util.HashSet<>(others));
        return rest;
    }

    public static void assertSound(TestDatabase database) throws SQLException {
        try (Connection connection = database.connect()) {
            assertThat(VaultChecks.run(connection, 3))
                    .filteredOn(result -> !result.passed())
                    .isEmpty();
        }
    }

    static void assertChecks(TestDatabase database, String... checks) throws SQLException {
        try (Connection connection = database.connect()) {
            assertThat(VaultChecks.run(connection, 3))
                    .filteredOn(result -> List.of(checks).contains(result.check()))
                    .hasSize(checks.length)
                    .filteredOn(result -> !result.passed())
                    .isEmpty();
        }
    }

    /**
     * The counts by outcome and code. While the database is away, or too busy to answer in time, an
     * unknown tenant may be one that was registered just now, and its events are rejected for that:
     * here both are one. Those of tenants that are known are not rejected then: they would be
     * missing among the accepted.
     */
    static Map<String, Long> ledger(TestDatabase database) throws SQLException {
        Map<String, Long> ledger = new LinkedHashMap<>();
        for (String line :
                database.texts(
                        """
                        SELECT outcome || rtrim(' ' || code) || '=' || sum(event_count)
                          FROM raw.site_tracking_ledger_r
                         GROUP BY outcome, code
                         ORDER BY 1""")) {
            int equals = line.lastIndexOf('=');
            String outcome =
                    line.substring(0, equals).replace("TENANTS_UNREADABLE", "UNKNOWN_TENANT");
            ledger.merge(outcome, Long.parseLong(line.substring(equals + 1)), Long::sum);
        }
        return ledger;
    }

    /** Has the database refuse the details of events of a type, with the SQLSTATE. */
    static void refuse(TestDatabase database, String type, String sqlState) throws SQLException {
        database.execute(
                """
                CREATE FUNCTION public.refuse_$type() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION 'refused by the test' USING ERRCODE = '$state';
                END $$;
                CREATE TRIGGER refuse_$type BEFORE INSERT ON business.site_event_details_s
                    FOR EACH ROW WHEN (NEW.evt_type = '$type')
                    EXECUTE FUNCTION public.refuse_$type()"""
                        .replace("$type", type)
                        .replace("$state", sqlState));
    }

    static void register(TestDatabase database, String... tenants) throws SQLException {
        for (String tenant : tenants) {
            database.execute(
                    "INSERT INTO auth.tenant_h (tenant_hk, tenant_bk, load_date, record_source)"
                            + " VALUES (util.hash_binary('"
                            + tenant
                            + "'), '"
                            + tenant
                            + "', now(), 'test')");
        }
    }
}
