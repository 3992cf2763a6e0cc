package io.onevault.tracking.migrate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The SQL files on the class path; listed by name, because a jar has no folders to list. */
final class Scripts {

    /** In the order in which they are applied. */
    static final List<String> NUMBERED =
            List.of(
                    "00_one_vault_base.sql",
                    "01_create_raw_layer.sql",
                    "02_create_staging_layer.sql",
                    "03_create_business_hubs.sql",
                    "04_create_business_links.sql",
                    "05_create_business_satellites.sql",
                    "06_create_api_layer.sql",
                    "07_create_session_analytics.sql",
                    "08_create_other_questions.sql",
                    "09_create_erasure.sql",
                    "10_create_retention.sql",
                    "11_create_subject_access.sql",
                    "12_create_journeys.sql",
                    "13_create_web_vitals.sql",
                    "14_create_alerts.sql",
                    "15_create_features.sql");

    /** What a reprocess does; applied where one begins. */
    static final String REPROCESS = "reprocess.sql";

    /** From keys to counts: what comes first explains what follows. */
    static final List<String> CHECKS =
            List.of(
                    "keys_not_empty.sql",
                    "hub_key_recomputed.sql",
                    "hub_business_key_unique.sql",
                    "hub_tenant_registered.sql",
                    "link_key_recomputed.sql",
                    "link_orphans.sql",
                    "satellite_orphans.sql",
                    "tenant_days_told.sql",
                    "tenants_never_mix.sql",
                    "event_key_recomputed.sql",
                    "event_key_one_timestamp.sql",
                    "event_rows_complete.sql",
                    "event_rows_surplus.sql",
                    "current_row_unique.sql",
                    "versions_differ.sql",
                    "session_has_details.sql",
                    "session_link_start.sql",
                    "session_event_count.sql",
                    "session_of_one_kind.sql",
                    "refunds_told.sql",
                    "session_bridge_current.sql",
                    "page_views_told_once.sql",
                    "session_path_current.sql",
                    "session_variant_current.sql",
                    "item_visitors_add_up.sql",
                    "orders_count_once.sql",
                    "rollups_add_up.sql",
                    "ledger_balanced.sql",
                    "ledger_matches_events.sql",
                    "erased_gone.sql",
                    "outbox_counted.sql",
                    "salts_forgotten.sql");

    private Scripts() {}

    static String numbered(String name) {
        return text("/sql/" + name);
    }

    static String check(String name) {
        return text("/sql/checks/" + name);
    }

    private static String text(String resource) {
        try (InputStream in = Scripts.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("not on the class path: " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + resource, e);
        }
    }
}
