package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.contract.RejectedEntry;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Particular events through the real job. */
@ExtendWith(PostgresExtension.class)
class EventsITCase {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path folder;
    private static JobRuns runs;

    @BeforeAll
    static void start() throws Exception {
        runs = new JobRuns(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        runs.close();
    }

    private static TestDatabase load(TestPostgres postgres, String run, List<byte[]> lines)
            throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "acme", "zeta");
        runs.run(run, runs.topic(lines, 2, 2), database, Map.of());
        VaultRows.assertSound(database);
        return database;
    }

    private static List<byte[]> lines(String... lines) {
        return Stream.of(lines).map(JobRuns::utf8).toList();
    }

    /** The separator of keys in the name of a tenant and in the id of a session. */
    @Test
    void tenantsShareNothingWhateverTheirNames(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "a", "a|b");
        String rest = "\"page_url\":\"https://a.example/\",\"event_timestamp\":\"2026-11-27T10:0";
        List<byte[]> lines =
                lines(
                        "{\"tenantId\":\"a\",\"event_id\":\"1\",\"evt_type\":\"page_view\","
                                + "\"session_id\":\"b|s\","
                                + rest
                                + "0:00Z\"}",
                        "{\"tenantId\":\"a|b\",\"event_id\":\"2\",\"evt_type\":\"page_view\","
                                + "\"session_id\":\"s\","
                                + rest
                                + "1:00Z\"}",
                        "{\"tenantId\":\"a\",\"event_id\":\"1\",\"evt_type\":\"purchase\","
                                + "\"session_id\":\"b|s\",\"transaction_id\":\"b|t\",\"value\":3,"
                                + "\"currency\":\"EUR\","
                                + rest
                                + "2:00Z\"}",
                        "{\"tenantId\":\"a|b\",\"event_id\":\"3\",\"evt_type\":\"purchase\","
                                + "\"session_id\":\"s\",\"transaction_id\":\"t\",\"value\":5,"
                                + "\"currency\":\"EUR\","
                                + rest
                                + "3:00Z\"}");
        runs.run("bars", runs.topic(lines, 2, 2), database, Map.of());

        assertThat(
                        database.texts(
                                "SELECT tenant_bk || ' ' || session_bk || ' ' || total_events || ' '"
                                        + " || conversions || ' ' || revenue"
                                        + " FROM business.site_session_details_current_v"
                                        + " JOIN business.site_session_h USING (session_hk)"
                                        + " JOIN auth.tenant_h ON tenant_h.tenant_hk = site_session_h.tenant_hk"
                                        + " ORDER BY 1"))
                .satisfiesExactly(
                        row ->
                                assertThat(row)
                                        .startsWith("a sess_" + JobRuns.sessionId("a", "b|s") + '.')
                                        .endsWith(" 2 1 {\"EUR\": 3}"),
                        row ->
                                assertThat(row)
                                        .startsWith(
                                                "a|b sess_" + JobRuns.sessionId("a|b", "s") + '.')
                                        .endsWith(" 2 1 {\"EUR\": 5}"));
        VaultRows.assertSound(database);
    }

    @Test
    void tenantsShareNothing(TestPostgres postgres) throws Exception {
        String event =
                """
                {"tenantId":"%s","evt_type":"purchase","event_id":"e1","session_id":"s1",\
                "visitor_id":"v1","page_url":"https://shop.example/cart",\
                "event_timestamp":"2026-11-20T10:00:00Z","transaction_id":"t1","value":5,\
                "currency":"EUR","item":{"item_id":"i1","item_name":"Lamp"}}""";

        TestDatabase database =
                load(postgres, "tenants", lines(event.formatted("acme"), event.formatted("zeta")));

        for (String hub :
                List.of(
                        "site_session_h",
                        "site_visitor_h",
                        "site_event_h",
                        "site_page_h",
                        "business_item_h")) {
            assertThat(database.number("SELECT count(*) FROM business." + hub))
                    .as(hub)
                    .isEqualTo(2);
            assertThat(database.number("SELECT count(DISTINCT tenant_hk) FROM business." + hub))
                    .as(hub)
                    .isEqualTo(2);
        }
        assertThat(
                        database.number(
                                "SELECT count(DISTINCT visitor_bk) FROM business.site_visitor_h"))
                .isEqualTo(2);
        assertThat(VaultRows.sessions(database)).hasSize(2);
    }

    @Test
    void badEventsAreKeptWithTheirCodes(TestPostgres postgres) throws Exception {
        List<byte[]> lines = new ArrayList<>();
        lines.addAll(
                lines(
                        "{\"tenantId\":\"acme\",\"evt_type\":\"page_view\"",
                        event("\"session_id\":{\"a\":1}"),
                        event("\"page_title\":\"a\\u0000b\""),
                        event("\"page_title\":\"\\ud800\""),
                        event("\"page_title\":\"" + "x".repeat(100 * 1024) + "\""),
                        "{\"evt_type\":\"page_view\"}",
                        "{\"tenantId\":\"nobody\",\"evt_type\":\"page_view\"}",
                        "[]",
                        "",
                        event("\"event_timestamp\":\"yesterday\""),
                        event("\"page_title\":\"'); DROP TABLE business.site_event_h; --\""),
                        event("\"event_timestamp\":\"1970-01-02T00:00:00Z\""),
                        event("\"event_timestamp\":\"2099-01-01T00:00:00Z\""),
                        event("\"scroll_depth\":\"75%\"")));
        lines.add(new byte[] {(byte) 0xff, (byte) 0xfe, 0});

        TestDatabase database = load(postgres, "bad", lines);

        Map<String, Long> ledger = VaultRows.ledger(database);
        assertThat(ledger).containsEntry("RECEIVED", 15L).containsEntry("ACCEPTED", 4L);
        assertThat(ledger)
                .containsEntry("REJECTED WRONG_TYPE", 1L)
                .containsEntry("REJECTED NUL_CHARACTER", 1L)
                .containsEntry("REJECTED TOO_LARGE", 1L)
                .containsEntry("REJECTED MISSING_TENANT", 1L)
                .containsEntry("REJECTED UNKNOWN_TENANT", 1L)
                .containsEntry("REJECTED NOT_AN_OBJECT", 1L)
                .containsEntry("REJECTED EMPTY", 1L)
                .containsEntry("REJECTED INVALID_TIMESTAMP", 1L)
                .containsEntry("REJECTED MALFORMED_JSON", 1L)
                .containsEntry("REJECTED INVALID_UNICODE", 2L);
        assertThat(originals()).containsAll(lines.subList(0, 10)).contains(lines.get(14));
        assertThat(
                        database.texts(
                                "SELECT DISTINCT status_codes[1] FROM raw.site_tracking_events_r"
                                        + " WHERE processing_status = 'ERROR' ORDER BY 1"))
                .contains("WRONG_TYPE", "NUL_CHARACTER", "INVALID_TIMESTAMP");
        assertThat(
                        database.texts(
                                "SELECT unnest(status_codes) FROM raw.site_tracking_events_r"
                                        + " WHERE processing_status = 'SUSPICIOUS' ORDER BY 1"))
                .containsExactly("EVENT_TIME_IN_FUTURE", "EVENT_TIME_TOO_OLD");
        assertThat(
                        database.texts(
                                "SELECT scroll_depth FROM business.site_event_details_s"
                                        + " WHERE scroll_depth IS NOT NULL"))
                .containsExactly("75");
    }

    private static String event(String member) {
        return "{\"tenantId\":\"acme\",\"evt_type\":\"page_view\",\"session_id\":\"s1\","
                + member
                + "}";
    }

    private static List<byte[]> originals() throws Exception {
        List<byte[]> originals = new ArrayList<>();
        for (byte[] json : runs.rejected()) {
            assertThat(JSON.readTree(json).path("reason").asText()).isNotEmpty();
            originals.add(RejectedEntry.parse(json).original());
        }
        return originals;
    }

    /**
     * What it kept in archive, sessions, transactions and descriptions is gone from the next one.
     */
    @Test
    void aSavepointOfBeforeForgetsWhoWasErasedSince(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "acme");
        JobRuns.Input input =
                runs.topic(lines(order("gone", 1), order("kept", 2), order("shared", 3)), 2, 2);
        runs.run("erased", input, database, Map.of());
        String session = JobRuns.sessionId("acme", "session-gone");
        List<String> gone = new ArrayList<>(database.texts(VISITOR.formatted(session)));
        gone.addAll(List.of("event-gone", session, "order-gone"));
        Path savepoints = folder.resolve("erased/savepoints");
        assertThat(new ByteSearch(gone).under(savepoints).toString()).contains(gone);
        database.execute(
                "SELECT api.forget_visitor('acme', '{\"visitor_bk\": \"" + gone.get(0) + "\"}')");
        JobRuns.await(() -> database.number(ERASE_ALL) == 0);

        runs.append(input, lines(order("new", 4)));
        runs.run("erased", input, database, Map.of());

        assertThat(new ByteSearch(gone).under(savepoints)).isEmpty();
        assertThat(
                        new ByteSearch(
                                        List.of(
                                                JobRuns.sessionId("acme", "session-kept"),
                                                "order-new"))
                                .under(savepoints))
                .isNotEmpty();
        VaultRows.assertSound(database);
    }

    private static final String VISITOR =
            """
            SELECT visitor_bk
              FROM business.site_visitor_h
              JOIN business.session_visitor_l USING (visitor_hk)
              JOIN business.site_session_h USING (session_hk)
             WHERE session_bk LIKE 'sess_%s.%%'""";

    private static final String ERASE_ALL =
            "SELECT count(*) FROM raw.site_tracking_erase_next() AS erasure WHERE erasure IS NOT NULL";

    private static String order(String who, int minute) {
        return """
        {"tenantId":"acme","evt_type":"purchase","event_id":"event-%1$s","session_id":"session-%1$s",\
        "visitor_id":"visitor-%1$s","transaction_id":"order-%1$s","value":5,"currency":"EUR",\
        "page_url":"https://shop.example/","event_timestamp":"2026-11-20T10:%2$02d:00Z"}"""
                .formatted(who, minute);
    }

    /** Five page views, forty minutes' pause, five more; then one that bridges the pause. */
    @Test
    void aLateEventJoinsTwoPublishedSessions(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "acme");
        List<byte[]> events = new ArrayList<>();
        for (int minute : new int[] {0, 1, 2, 3, 4, 44, 45, 46, 47, 48}) {
            events.add(pageView(minute));
        }
        JobRuns.Input input = runs.topic(events, 2, 2);
        runs.run("bridge", input, database, Map.of());
        assertThat(history(database))
                .containsExactly("10:00:00 - 10:04:00 5 CLOSED", "10:44:00 - 10:48:00 5 CLOSED");

        runs.append(input, List.of(pageView(24)));
        runs.run("bridge", input, database, Map.of());

        assertThat(history(database))
                .containsExactly(
                        "10:00:00 - 10:04:00 5 CLOSED",
                        "10:00:00 - 10:48:00 11 CLOSED",
                        "10:44:00 - 10:48:00 5 CLOSED",
                        "10:44:00 - 10:48:00 0 SUPERSEDED");
        assertThat(
                        database.texts(
                                "SELECT total_events || ' ' || session_status FROM"
                                        + " business.site_session_details_current_v"))
                .containsExactly("11 CLOSED");
        assertThat(
                        database.number(
                                """
                                SELECT count(*)
                                  FROM business.event_session_current_v
                                  JOIN business.site_session_details_current_v
                                 USING (session_hk)"""))
                .isEqualTo(11);
        VaultRows.assertSound(database);
    }

    @Test
    void eachTenantHasItsOwnRules(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "acme", "zeta");
        database.execute(
                """
                INSERT INTO auth.tenant_site_tracking_s
                       (tenant_hk, load_date, session_gap_ms, goal_event_types, hash_diff,
                        record_source)
                VALUES (util.hash_binary('zeta'), now(), 60000, '{sign_up}',
                        util.hash_binary('-'), 'test')""");
        List<byte[]> events = new ArrayList<>();
        for (String tenant : List.of("acme", "zeta")) {
            for (int minute : new int[] {0, 1, 3}) {
                events.add(event(tenant, "page_view", minute));
            }
            events.add(event(tenant, "sign_up", 4));
        }

        runs.run("rules", runs.topic(events, 2, 2), database, Map.of());

        assertThat(
                        database.texts(
                                """
                                SELECT t.tenant_bk || ' ' || total_events || ' ' || conversions
                                  FROM business.site_session_details_current_v s
                                  JOIN auth.tenant_h t USING (tenant_hk)
                                 ORDER BY t.tenant_bk, session_start"""))
                .containsExactly("acme 4 0", "zeta 2 0", "zeta 2 1");
        VaultRows.assertSound(database);
    }

    private static byte[] pageView(int minute) {
        return event("acme", "page_view", minute);
    }

    private static byte[] event(String tenant, String type, int minute) {
        return JobRuns.utf8(
                """
                {"tenantId":"%s","evt_type":"%s","event_id":"m%3$d","session_id":"s1",\
                "visitor_id":"v1","page_url":"https://shop.example/p%3$d",\
                "event_timestamp":"2026-11-20T10:%3$02d:00Z"}"""
                        .formatted(tenant, type, minute));
    }

    /** The closed and superseded versions of all sessions. */
    private static List<String> history(TestDatabase database) throws Exception {
        return database.texts(
                """
                SELECT to_char(session_start AT TIME ZONE 'UTC', 'HH24:MI:SS') || ' - '
                       || to_char(session_end AT TIME ZONE 'UTC', 'HH24:MI:SS') || ' '
                       || total_events || ' ' || session_status
                  FROM business.site_session_details_s
                 WHERE session_status <> 'OPEN'
                 ORDER BY session_start, load_date""");
    }
}
