package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The check of what is left of whom is erased: it looks wherever an erasure does, for visitors and
 * users, and leaves alone what came later.
 */
@ExtendWith(PostgresExtension.class)
final class ErasedGoneTest {

    private static final String TENANT = "util.hash_binary('acme')";
    private static final String GONE = "util.generate_tenant_derived_hk(" + TENANT + ", 'gone')";
    private static final String OF_TENANT = " WHERE tenant_hk = " + TENANT;

    /** Of somebody of whom nothing is held, before or after all that is. */
    private static final String ERASED =
            """
            INSERT INTO raw.site_tracking_erasure_r
            VALUES ('e', %s, 'DONE', 1, 'CORRECTED', '%s', now(), now(), '{}', now(), now(), 'test');
            INSERT INTO raw.site_tracking_tombstone_r
            SELECT tenant_hk, %s, erasure_id, erased_before
              FROM raw.site_tracking_erasure_r""";

    private static final String SCORED =
            """
            INSERT INTO raw.site_tracking_score_s
            SELECT tenant_hk, 'model', '1', visitor_hk, load_date, false, %s, 0.5, now(), 'test'
              FROM business.site_visitor_h"""
                            .formatted(GONE)
                    + OF_TENANT;

    private static final String OBJECTED =
            "INSERT INTO raw.site_tracking_objection_r VALUES (%s, %s, '2026-03-01')"
                    .formatted(TENANT, GONE);

    private static final String AN_ERASED_EVENT =
            """
            INSERT INTO business.site_session_h
            SELECT util.generate_tenant_derived_hk(tenant_hk, 'sess_erased'), 'sess_erased', tenant_hk, now(), 'test'
              FROM auth.tenant_h
             WHERE tenant_bk = 'acme';
            INSERT INTO business.event_session_l
            SELECT events.event_timestamp, sha256('link'), events.event_hk, sessions.session_hk, sessions.tenant_hk,
                   now(), 'test'
              FROM business.site_session_h AS sessions
              JOIN business.site_event_h AS events USING (tenant_hk)
             WHERE sessions.session_bk = 'sess_erased'
               AND events.event_bk LIKE 'evt_2.%';
            """
                    + whose("sha256('1')", "NULL");

    private final TestPostgres postgres;

    ErasedGoneTest(TestPostgres postgres) {
        this.postgres = postgres;
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("places")
    void findsWhatIsLeft(String table, String column, String plant) throws Exception {
        TestDatabase database = postgres.smallVault();
        database.execute(ERASED.formatted(TENANT, "2026-03-02 00:00Z", GONE));
        assertThat(found(database)).isEmpty();

        database.execute(plant);

        assertThat(found(database)).singleElement().asString().contains("left_in=" + table + ",");
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("places")
    void leavesAloneWhatCameLater(String table, String column, String plant) throws Exception {
        TestDatabase database = postgres.smallVault();
        database.execute(ERASED.formatted(TENANT, "2026-02-01 00:00Z", GONE));

        database.execute(plant);

        assertThat(found(database)).as(table + ' ' + column).isEmpty();
    }

    /** The last one is the ledger, which was not told of it. */
    @Test
    void findsWhatIsLeftOfAnErasedEvent() throws Exception {
        TestDatabase database = postgres.smallVault();
        database.execute(AN_ERASED_EVENT);

        assertThat(found(database))
                .extracting(line -> line.replaceAll("left_in=([a-z_.]+),.*", "$1"))
                .containsExactlyInAnyOrder(
                        "business.site_event_details_s",
                        "raw.site_tracking_events_r",
                        "staging.site_tracking_events_s",
                        "business.event_page_l",
                        "business.event_business_item_l",
                        "business.event_session_l",
                        "business.site_event_visitor_b",
                        "raw.site_tracking_erased_r");
    }

    private static List<String> found(TestDatabase database) throws SQLException {
        try (Connection connection = database.connect()) {
            return VaultChecks.run(connection, List.of("erased_gone.sql"), 10).get(0).violations();
        }
    }

    private static Stream<Arguments> places() {
        return Stream.of(
                place("staging.site_tracking_events_s", "visitor_hk", anEvent("visitor_hk")),
                place("staging.site_tracking_events_s", "user_hk", anEvent("user_hk")),
                place("raw.site_tracking_events_r", "visitor_id", inPayload("visitor_id")),
                place("raw.site_tracking_events_r", "user_id", inPayload("user_id")),
                place("raw.site_tracking_events_r", "visitor_bk", beside("visitor_bk", "VALID")),
                place("raw.site_tracking_events_r", "rejected", beside("visitor_bk", "ERROR")),
                place("raw.site_tracking_events_r", "user_bk", beside("user_bk", "ERROR")),
                place("business.site_event_visitor_b", "visitor_hk", whose(GONE, "NULL")),
                place("business.site_event_visitor_b", "user_hk", whose("sha256('1')", GONE)),
                place("business.site_user_visitor_b", "user_hk", pair(GONE, "sha256('1')")),
                place("business.site_user_visitor_b", "visitor_hk", pair("sha256('1')", GONE)),
                place(
                        "business.visitor_business_item_l",
                        "visitor_hk",
                        of("business.visitor_business_item_l")),
                place("business.session_visitor_l", "visitor_hk", of("business.session_visitor_l")),
                place(
                        "business.site_session_details_s",
                        "visitor_hk",
                        of("business.site_session_details_s")),
                place(
                        "business.site_visitor_details_s",
                        "visitor_hk",
                        of("business.site_visitor_details_s")),
                place("raw.site_tracking_score_s", "visitor_hk", SCORED),
                place("raw.site_tracking_objection_r", "visitor_hk", OBJECTED));
    }

    private static Arguments place(String table, String column, String plant) {
        return arguments(table, column, plant);
    }

    private static String of(String table) {
        return "UPDATE " + table + " SET visitor_hk = " + GONE + OF_TENANT;
    }

    private static String anEvent(String column) {
        return """
        UPDATE staging.site_tracking_events_s
           SET %s = %s
        %s AND event_timestamp > '2026-03-01 09:05Z'"""
                .formatted(column, GONE, OF_TENANT);
    }

    private static String inPayload(String member) {
        return """
        UPDATE raw.site_tracking_events_r
           SET payload = payload::jsonb || '{"%s": "gone"}'
        %s AND event_bk LIKE 'evt_2.%%'"""
                .formatted(member, OF_TENANT);
    }

    /** Rejected events have no key. */
    private static String beside(String column, String status) {
        return """
        UPDATE raw.site_tracking_events_r
           SET %s = 'gone'
        %s AND processing_status = '%s' AND coalesce(event_bk, 'evt_2.') LIKE 'evt_2.%%'"""
                .formatted(column, OF_TENANT, status);
    }

    private static String whose(String visitor, String user) {
        return """
        INSERT INTO business.site_event_visitor_b
        SELECT event_timestamp, event_hk, tenant_hk, %s, %s
          FROM business.site_event_h
        %s AND event_bk LIKE 'evt_2.%%'"""
                .formatted(visitor, user, OF_TENANT);
    }

    private static String pair(String user, String visitor) {
        return """
        INSERT INTO business.site_user_visitor_b
        SELECT sha256('link'), %s, %s, tenant_hk, load_date, 'test'
          FROM business.site_visitor_h"""
                        .formatted(user, visitor)
                + OF_TENANT;
    }
}
