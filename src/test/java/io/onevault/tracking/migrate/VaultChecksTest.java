package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.sql.Connection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(PostgresExtension.class)
final class VaultChecksTest {

    private static final String ACME = "util.hash_binary('acme')";
    private static final String OTHER = "util.hash_binary('other')";
    private static final String EVENT =
            "(SELECT event_hk FROM raw.site_tracking_events_r WHERE event_bk LIKE 'evt_1.%'"
                    + " AND tenant_hk = "
                    + ACME
                    + ")";
    private static final String SESSION = "util.generate_tenant_derived_hk(" + ACME + ", 'sess_1')";

    private final TestPostgres postgres;

    VaultChecksTest(TestPostgres postgres) {
        this.postgres = postgres;
    }

    @Test
    void findNothingInAnEmptyVault() throws Exception {
        assertThat(failed(postgres.vault(), 10)).isEmpty();
    }

    @Test
    void findNothingInASoundVault() throws Exception {
        assertThat(failed(postgres.smallVault(), 10)).isEmpty();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("violations")
    void findAPlantedViolation(String check, String plant) throws Exception {
        TestDatabase database = postgres.smallVault();

        database.execute(plant);

        try (Connection connection = database.connect()) {
            assertThat(VaultChecks.run(connection, List.of(check + ".sql"), 10))
                    .singleElement()
                    .satisfies(result -> assertThat(result.violations()).isNotEmpty());
        }
    }

    @Test
    void haveAPlantedViolationEach() {
        assertThat(violations().map(violation -> violation.get()[0] + ".sql").distinct())
                .containsExactlyInAnyOrderElementsOf(Scripts.CHECKS);
    }

    @Test
    void reportAsManyRowsAsAskedFor() throws Exception {
        TestDatabase database = postgres.smallVault();
        database.execute("UPDATE business.site_page_h SET page_bk = page_bk || '?'");

        VaultChecks.Result result = failed(database, 1).get(0);

        assertThat(result.check()).isEqualTo("hub_key_recomputed");
        assertThat(result.more()).isTrue();
        assertThat(result.violations())
                .singleElement()
                .asString()
                .matches("table_name=business.site_page_h, hash_key=[0-9a-f]{64}, business_key=.*");
    }

    static Stream<Arguments> violations() {
        return Stream.of(
                        keys(),
                        hubs(),
                        links(),
                        satellites(),
                        events(),
                        sessions(),
                        bridges(),
                        ledgerAndSalts())
                .flatMap(List::stream);
    }

    private static List<Arguments> keys() {
        return List.of(
                arguments("keys_not_empty", "UPDATE business.site_visitor_h SET visitor_bk = ''"),
                arguments("keys_not_empty", "UPDATE business.session_page_l SET page_hk = ''"),
                arguments(
                        "keys_not_empty", "UPDATE business.site_page_details_s SET hash_diff = ''"),
                arguments(
                        "hub_key_recomputed",
                        "UPDATE business.site_event_h SET event_bk = event_bk || 'x'"),
                arguments(
                        "hub_key_recomputed",
                        "UPDATE business.business_item_h SET business_item_bk = 'sku2'"),
                arguments(
                        "link_key_recomputed",
                        "UPDATE business.event_page_l SET event_page_hk = sha256(event_hk)"),
                arguments(
                        "link_key_recomputed",
                        "UPDATE business.session_visitor_l"
                                + " SET session_visitor_hk = sha256(session_visitor_hk)"));
    }

    private static List<Arguments> hubs() {
        return List.of(
                arguments(
                        "hub_business_key_unique",
                        "INSERT INTO business.site_page_h SELECT sha256(page_hk), page_bk,"
                                + " tenant_hk, load_date, record_source FROM business.site_page_h"),
                arguments(
                        "hub_business_key_unique",
                        "INSERT INTO business.site_event_h SELECT event_timestamp,"
                                + " sha256(event_hk), event_bk, tenant_hk, load_date, record_source"
                                + " FROM business.site_event_h"),
                arguments(
                        "hub_tenant_registered",
                        "DELETE FROM auth.tenant_h WHERE tenant_bk = 'other'"));
    }

    private static List<Arguments> links() {
        return List.of(
                arguments("link_orphans", "DELETE FROM business.business_item_h"),
                arguments(
                        "session_link_start",
                        "UPDATE business.session_page_l"
                                + " SET session_start = session_start + interval '1 ms'"),
                arguments(
                        "link_orphans",
                        "UPDATE business.event_page_l"
                                + " SET event_timestamp = event_timestamp + interval '1 day'"),
                arguments("tenant_days_told", "DELETE FROM business.site_tenant_day_b"),
                arguments(
                        "tenants_never_mix",
                        "UPDATE business.session_page_l SET tenant_hk = " + OTHER),
                arguments(
                        "tenants_never_mix",
                        "UPDATE business.site_event_h SET tenant_hk = "
                                + OTHER
                                + " WHERE event_hk = "
                                + EVENT));
    }

    private static List<Arguments> satellites() {
        return List.of(
                arguments("satellite_orphans", "DELETE FROM business.site_visitor_h"),
                arguments(
                        "satellite_orphans",
                        "DELETE FROM business.site_event_h WHERE event_hk = " + EVENT),
                arguments(
                        "tenants_never_mix",
                        "UPDATE business.business_item_details_s SET tenant_hk = " + OTHER),
                arguments(
                        "versions_differ",
                        "INSERT INTO business.site_page_details_s SELECT page_hk,"
                                + " event_timestamp + interval '1 h', load_date, page_url, page_host, page_path,"
                                + " page_query, page_title, hash_diff, tenant_hk, record_source"
                                + " FROM business.site_page_details_s"),
                arguments(
                        "current_row_unique",
                        // Only a session whose versions start in different milliseconds can do so.
                        "CREATE TEMPORARY TABLE moved AS TABLE business.site_session_details_s;"
                                + " UPDATE moved SET session_start = session_start + interval '1 min';"
                                + " INSERT INTO business.site_session_details_s TABLE moved"));
    }

    private static List<Arguments> events() {
        return List.of(
                arguments(
                        "event_key_recomputed",
                        "UPDATE raw.site_tracking_events_r"
                                + " SET payload = payload::jsonb || '{\"evt_label\":\"other\"}'"),
                arguments(
                        "event_key_recomputed",
                        "UPDATE raw.site_tracking_events_r SET payload = payload::jsonb - 'event_timestamp'"),
                arguments(
                        "event_key_recomputed",
                        "UPDATE raw.site_tracking_events_r SET event_hk = sha256(event_hk)"),
                arguments(
                        "event_key_one_timestamp",
                        "INSERT INTO business.site_event_h SELECT event_timestamp + interval '1"
                                + " day', event_hk, event_bk, tenant_hk, load_date, record_source"
                                + " FROM business.site_event_h"),
                arguments(
                        "event_rows_complete",
                        "DELETE FROM business.site_event_details_s WHERE event_hk = " + EVENT),
                arguments(
                        "event_rows_complete",
                        "DELETE FROM business.event_session_l WHERE event_hk = " + EVENT),
                arguments(
                        "event_rows_complete",
                        "UPDATE raw.site_tracking_events_r SET processing_status = 'ERROR'"),
                arguments("event_rows_complete", "DELETE FROM staging.site_tracking_events_s"),
                arguments(
                        "event_rows_surplus",
                        "UPDATE raw.site_tracking_events_r SET processing_status = 'SUSPICIOUS'"),
                arguments(
                        "event_rows_surplus",
                        "DELETE FROM business.site_event_h WHERE event_hk = " + EVENT));
    }

    private static List<Arguments> sessions() {
        return List.of(
                arguments(
                        "session_has_details",
                        "DELETE FROM business.site_session_details_s WHERE session_hk = "
                                + SESSION),
                arguments(
                        "session_event_count",
                        "UPDATE business.site_session_details_s SET total_events = 3"),
                arguments(
                        "session_event_count",
                        "DELETE FROM business.event_session_l WHERE event_hk = " + EVENT),
                arguments(
                        "session_of_one_kind",
                        "UPDATE business.site_event_details_s SET is_bot = true WHERE event_hk = "
                                + EVENT),
                arguments(
                        "refunds_told",
                        "UPDATE business.site_session_details_s SET refunds = '{\"EUR\": 1}'"),
                arguments(
                        "refunds_told",
                        "UPDATE business.site_event_details_s SET evt_type = 'refund', value = NULL,"
                                + " items = '[{\"item_id\": \"a\", \"price\": 2}]' WHERE event_hk = "
                                + EVENT));
    }

    private static List<Arguments> bridges() {
        return List.of(
                arguments("session_bridge_current", "DELETE FROM business.site_session_b"),
                arguments(
                        "session_bridge_current",
                        "UPDATE business.site_session_b SET page_views = 7"),
                arguments(
                        "session_bridge_current",
                        "UPDATE business.site_session_details_s SET session_status = 'OPEN'"),
                arguments("session_path_current", "DELETE FROM business.site_session_path_b"),
                arguments(
                        "session_path_current",
                        "UPDATE business.site_session_path_b SET device = device + 1"),
                arguments(
                        "session_path_current",
                        "UPDATE business.site_session_path_b SET pages = array_append(pages, 7)"),
                arguments(
                        "session_variant_current",
                        "INSERT INTO business.site_session_variant_b SELECT tenant_hk, key_start,"
                                + " session_hk, 'a', 'b', session_start, visitor_hk, is_bot,"
                                + " session_start FROM business.site_session_b"),
                arguments("item_visitors_add_up", "DELETE FROM business.site_item_day_b"),
                arguments(
                        "item_visitors_add_up",
                        "UPDATE business.site_item_day_b SET previous_day = '2026-01-01'"),
                arguments(
                        "item_visitors_add_up",
                        "UPDATE business.site_item_return_b SET visitors = visitors + 1"),
                arguments(
                        "page_views_told_once",
                        "INSERT INTO business.site_repeat_b SELECT tenant_hk, event_timestamp,"
                                + " event_hk, event_hk, NULL, false FROM business.site_event_h"),
                arguments(
                        "orders_count_once",
                        "INSERT INTO business.site_order_b SELECT tenant_hk, event_hk,"
                                + " event_timestamp, event_hk, NULL, event_bk"
                                + " FROM business.site_event_h"),
                arguments(
                        "rollups_add_up", "UPDATE business.site_rollup_b SET visits = visits + 1"),
                arguments(
                        "rollups_add_up",
                        "DELETE FROM business.site_rollup_b WHERE dimension = 'top_pages'"),
                arguments(
                        "rollups_add_up",
                        "INSERT INTO business.site_rollup_kept_b SELECT * FROM business.site_rollup_b"),
                arguments(
                        "rollups_add_up",
                        "INSERT INTO business.site_return_b SELECT tenant_hk, 'DAY', key_start,"
                                + " key_start, 1 FROM business.site_session_b"),
                arguments(
                        "session_bridge_current",
                        "UPDATE business.site_session_b SET first_start = session_start"),
                arguments("rollups_add_up", "DELETE FROM business.site_cohort_b"),
                arguments(
                        "rollups_add_up",
                        "UPDATE business.site_cohort_b SET previous_day = '2026-01-01'"));
    }

    private static List<Arguments> ledgerAndSalts() {
        return List.of(
                arguments(
                        "ledger_balanced",
                        "DELETE FROM raw.site_tracking_ledger_r WHERE outcome = 'DUPLICATE'"),
                arguments(
                        "ledger_balanced",
                        "UPDATE raw.site_tracking_ledger_r SET event_count = 9"
                                + " WHERE outcome = 'LATE'"),
                arguments(
                        "ledger_matches_events",
                        "UPDATE raw.site_tracking_ledger_r SET event_count = event_count + 1"
                                + " WHERE outcome IN ('RECEIVED', 'ACCEPTED')"),
                arguments("ledger_matches_events", "DELETE FROM raw.site_tracking_ledger_r"),
                arguments(
                        "erased_gone",
                        "INSERT INTO raw.site_tracking_erased_r"
                                + " VALUES ('2026-03-01', sha256('acme'), 1, 0, now(), 'test')"),
                arguments(
                        "erased_gone",
                        "INSERT INTO raw.site_tracking_erasure_r VALUES ('e', sha256('acme'), 'DONE',"
                                + " 1, 'KEPT', now(), now(), now(), '{}', now(), now(), 'test');"
                                + " INSERT INTO raw.site_tracking_tombstone_r SELECT tenant_hk,"
                                + " visitor_hk, 'e', now() FROM business.site_visitor_h"),
                arguments(
                        "outbox_counted",
                        "INSERT INTO raw.site_tracking_waiting_r (tenant_hk, event_count, byte_count)"
                                + " VALUES (sha256('acme'), 1, 0)"),
                arguments(
                        "salts_forgotten",
                        "UPDATE auth.site_tracking_salt_s SET salt_date = salt_date - 5"));
    }

    private static List<VaultChecks.Result> failed(TestDatabase database, int limit)
            throws Exception {
        try (Connection connection = database.connect()) {
            return VaultChecks.run(connection, limit).stream()
                    .filter(result -> !result.passed())
                    .toList();
        }
    }
}
