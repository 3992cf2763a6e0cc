package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
final class SessionViewsTest {

    private static final String HOLDING =
            """
            SELECT link_kind || ' ' || coalesce(to_char(session_start AT TIME ZONE 'UTC', 'HH24:MI'), '-')
            FROM business.event_session_current_v
            """;

    private final TestPostgres postgres;
    private TestDatabase database;

    SessionViewsTest(TestPostgres postgres) {
        this.postgres = postgres;
    }

    @BeforeEach
    void createDatabase() throws SQLException {
        database = postgres.vault();
    }

    @Test
    void showTheLatestVersion() throws Exception {
        version("a", "09:00", "10:00", "OPEN", 1);
        version("a", "09:00", "11:00", "CLOSED", 2);

        assertThat(database.texts(statusOf("current"))).containsExactly("CLOSED");
        assertThat(
                        database.texts(
                                "SELECT concat_ws(' ', session_status, load_end_date IS NULL)"
                                        + " FROM business.site_session_details_history_v"
                                        + " ORDER BY load_date"))
                .containsExactly("OPEN f", "CLOSED t");
    }

    @Test
    void hideASupersededSession() throws Exception {
        version("a", "09:00", "10:00", "CLOSED", 1);
        version("a", "09:00", "11:00", "SUPERSEDED", 0);

        assertThat(database.texts(statusOf("current"))).isEmpty();
        assertThat(database.texts(statusOf("history"))).hasSize(2);
    }

    @Test
    void takeVersionsThatStartInTheSameMillisecondForOneSession() throws Exception {
        version("a", "09:00:00.000700", "10:00", "OPEN", 1);
        version("a", "09:00:00.000200", "10:00", "CLOSED", 2);

        assertThat(database.texts(statusOf("current"))).containsExactly("CLOSED");
    }

    @Test
    void giveAnEventToTheSessionThatStartsLast() throws Exception {
        version("a", "09:00", "10:00", "OPEN", 1);
        version("b", "09:30", "10:00", "OPEN", 1);
        version("c", "09:45", "10:00", "SUPERSEDED", 0);
        link("a", "b", "c", "sess_none", "sess_late");

        assertThat(database.texts(HOLDING)).containsExactly("SESSION 09:30");
    }

    @Test
    void giveAnEventWithoutSessionToAReservedOne() throws Exception {
        version("a", "09:00", "10:00", "SUPERSEDED", 0);
        link("a", "sess_late");

        assertThat(database.texts(HOLDING)).containsExactly("LATE -");
    }

    @Test
    void listLateEventsUntilASessionTakesThem() throws Exception {
        link("sess_late");
        database.execute(
                """
                INSERT INTO business.site_event_h
                SELECT event_timestamp, event_hk, 'evt_1', tenant_hk, load_date, 'test'
                FROM business.event_session_l;
                INSERT INTO business.site_event_details_s (event_timestamp, event_hk, evt_type, is_bot,
                    tenant_hk, load_date, record_source)
                SELECT event_timestamp, event_hk, 'click', false, tenant_hk, load_date, 'test'
                FROM business.event_session_l;
                """);
        List<String> before = late();

        version("a", "09:00", "10:00", "OPEN", 1);
        link("a");

        assertThat(before).containsExactly("evt_1 click");
        assertThat(late()).isEmpty();
    }

    private List<String> late() throws SQLException {
        return database.texts(
                "SELECT event_bk || ' ' || evt_type FROM business.site_events_late_v");
    }

    private static String statusOf(String view) {
        return "SELECT session_status FROM business.site_session_details_" + view + "_v";
    }

    private void version(String session, String start, String load, String status, int events)
            throws SQLException {
        database.execute(
                """
                INSERT INTO business.site_session_details_s (session_start, session_hk, load_date,
                    session_end, session_status, visitor_hk, duration_seconds, engaged_seconds,
                    total_events, page_views, interactive_events, conversions, channel, device_type,
                    is_bot, rules_version, hash_diff, tenant_hk, record_source)
                VALUES ('2026-03-01 %sZ', util.generate_tenant_derived_hk('\\x01', '%s'),
                    '2026-03-01 %sZ', '2026-03-01 10:00Z', '%s', '', 0, 0, %d, 0, 0, 0, 'direct',
                    'desktop', false, 1, '', '\\x01', 'test')
                """
                        .formatted(start, session, load, status, events));
    }

    private void link(String... sessions) throws SQLException {
        for (String session : sessions) {
            database.execute(
                    """
                    INSERT INTO business.event_session_l
                    SELECT '2026-03-01 09:50Z', sha256(hk), sha256('e'), hk, '\\x01', now(), 'test'
                    FROM util.generate_tenant_derived_hk('\\x01', '%s') AS hk
                    """
                            .formatted(session));
        }
    }
}
