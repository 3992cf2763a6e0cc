package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.Column.bigint;
import static io.onevault.tracking.vault.Column.bool;
import static io.onevault.tracking.vault.Column.bytea;
import static io.onevault.tracking.vault.Column.decimal;
import static io.onevault.tracking.vault.Column.instant;
import static io.onevault.tracking.vault.Column.integer;
import static io.onevault.tracking.vault.Column.json;
import static io.onevault.tracking.vault.Column.jsonb;
import static io.onevault.tracking.vault.Column.smallint;
import static io.onevault.tracking.vault.Column.text;
import static io.onevault.tracking.vault.Column.textList;

import java.util.List;

/** The tables that events are loaded into, in the order in which they are written. */
final class EventTables {

    static final Table RAW =
            Table.grain(
                    "raw.site_tracking_events_r",
                    instant("event_timestamp"),
                    bytea("event_hk"),
                    bytea("tenant_hk"),
                    text("event_bk"),
                    text("visitor_bk"),
                    text("user_bk"),
                    json("payload"),
                    instant("received_at"),
                    text("user_agent"),
                    text("ip_network"),
                    text("collector"),
                    text("processing_status"),
                    textList("status_codes"),
                    text("status_detail"),
                    text("source_topic"),
                    integer("source_partition"),
                    bigint("source_offset"),
                    text("keeping"),
                    instant("policy_from"),
                    text("country"),
                    text("region"),
                    instant("first_appended_at"),
                    instant("load_date"),
                    text("record_source"));

    /** The same for rejected events, which are not copied: see {@link PgType#JSON}. */
    static final Table REJECTED =
            Table.insertOnly(RAW.name(), RAW.columns().toArray(Column[]::new));

    static final Table STAGING =
            Table.grain(
                    "staging.site_tracking_events_s",
                    instant("event_timestamp"),
                    bytea("event_hk"),
                    bytea("tenant_hk"),
                    bytea("visitor_hk"),
                    bytea("user_hk"),
                    bytea("page_hk"),
                    text("evt_type"),
                    text("referrer_host"),
                    text("channel"),
                    text("utm_source"),
                    text("utm_medium"),
                    text("utm_campaign"),
                    text("utm_term"),
                    text("utm_content"),
                    text("click_id_type"),
                    text("click_id"),
                    text("device_type"),
                    text("browser"),
                    text("browser_version"),
                    text("os"),
                    text("os_version"),
                    bool("is_bot"),
                    text("client_type"),
                    text("robot_kind"),
                    text("country"),
                    text("region"),
                    integer("item_count"),
                    text("validation_status"),
                    textList("validation_codes"),
                    smallint("quality_score"),
                    instant("first_appended_at"),
                    instant("load_date"),
                    text("record_source"));

    static final Table EVENT_HUB =
            Table.grain(
                    "business.site_event_h",
                    instant("event_timestamp"),
                    bytea("event_hk"),
                    text("event_bk"),
                    bytea("tenant_hk"),
                    instant("load_date"),
                    text("record_source"));

    static final Table VISITOR_HUB = hub("business.site_visitor_h", "visitor_hk", "visitor_bk");

    static final Table PAGE_HUB = hub("business.site_page_h", "page_hk", "page_bk");

    static final Table ITEM_HUB =
            hub("business.business_item_h", "business_item_hk", "business_item_bk");

    static final Table EVENT_PAGE_LINK =
            eventLink("business.event_page_l", "event_page_hk", "page_hk");

    static final Table EVENT_ITEM_LINK =
            eventLink(
                    "business.event_business_item_l", "event_business_item_hk", "business_item_hk");

    static final Table VISITOR_ITEM_LINK =
            Table.insertOnly(
                    "business.visitor_business_item_l",
                    bytea("visitor_business_item_hk"),
                    bytea("visitor_hk"),
                    bytea("business_item_hk"),
                    bytea("tenant_hk"),
                    instant("load_date"),
                    text("record_source"));

    /** The date grows, so that one who is erased or forgotten by age comes back when seen again. */
    static final Table USER_VISITOR_LINK =
            Table.upsert(
                    "business.site_user_visitor_b",
                    List.of(
                            bytea("user_visitor_hk"),
                            bytea("user_hk"),
                            bytea("visitor_hk"),
                            bytea("tenant_hk"),
                            instant("load_date"),
                            text("record_source")),
                    "(user_visitor_hk) DO UPDATE SET load_date = excluded.load_date"
                            + " WHERE t.load_date < excluded.load_date");

    static final Table TENANT_DAY =
            Table.insertOnly(
                    "business.site_tenant_day_b", bytea("tenant_hk"), instant("day_start"));

    static final Table EVENT_DETAILS =
            Table.grain(
                    "business.site_event_details_s",
                    instant("event_timestamp"),
                    bytea("event_hk"),
                    text("evt_type"),
                    text("evt_category"),
                    text("evt_action"),
                    text("evt_label"),
                    text("evt_value"),
                    text("page_view_id"),
                    bigint("sequence"),
                    text("page_title"),
                    text("referrer_url"),
                    text("element_id"),
                    text("element_class"),
                    text("element_text"),
                    new Column("scroll_depth", PgType.DOUBLE),
                    bigint("time_on_page"),
                    integer("click_x"),
                    integer("click_y"),
                    integer("viewport_width"),
                    integer("viewport_height"),
                    text("transaction_id"),
                    decimal("value"),
                    text("currency"),
                    jsonb("items"),
                    jsonb("properties"),
                    text("device_type"),
                    bool("is_bot"),
                    bytea("tenant_hk"),
                    instant("load_date"),
                    text("record_source"));

    /** Sums for analytics, of a micro-batch of which nothing was there. */
    static final Table NEW_SUMS =
            Table.call(
                    "business.site_add_event_sums",
                    Table.When.ALL_IS_NEW,
                    bytea("tenant_hk"),
                    text("dimension"),
                    instant("bucket_start"),
                    bytea("value_key"),
                    text("currency"),
                    bigint("page_views"),
                    bigint("events"),
                    bigint("conversions"),
                    decimal("quantity"),
                    decimal("refunded_quantity"),
                    decimal("revenue"),
                    decimal("refunds"));

    /** Has summed what of a micro-batch was not there. */
    static final Table WRITTEN_SUMS =
            Table.call(
                    "business.site_sum_written_events",
                    Table.When.SOME_WAS_THERE,
                    instant("event_timestamp"),
                    bytea("event_hk"));

    static final Table ERASED =
            Table.call(
                    "business.site_keep_erased",
                    Table.When.ANY,
                    instant("event_timestamp"),
                    bytea("event_hk"),
                    bytea("tenant_hk"));

    static final Table ERASED_VISITOR =
            Table.call(
                    "raw.site_tracking_follow_users",
                    Table.When.ANY,
                    bytea("tenant_hk"),
                    bytea("user_hk"),
                    bytea("visitor_hk"));

    static final Table OBJECTION =
            Table.call(
                    "raw.site_tracking_note_objections",
                    Table.When.ANY,
                    bytea("tenant_hk"),
                    bytea("visitor_hk"),
                    instant("appended_at"));

    private EventTables() {}

    static Table hub(String name, String hk, String bk) {
        return Table.insertOnly(
                name,
                bytea(hk),
                text(bk),
                bytea("tenant_hk"),
                instant("load_date"),
                text("record_source"));
    }

    static Table eventLink(String name, String hk, String otherHk) {
        return Table.grain(
                name,
                instant("event_timestamp"),
                bytea(hk),
                bytea("event_hk"),
                bytea(otherHk),
                bytea("tenant_hk"),
                instant("load_date"),
                text("record_source"));
    }
}
