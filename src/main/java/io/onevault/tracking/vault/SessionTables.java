package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.Column.bigint;
import static io.onevault.tracking.vault.Column.bool;
import static io.onevault.tracking.vault.Column.bytea;
import static io.onevault.tracking.vault.Column.instant;
import static io.onevault.tracking.vault.Column.integer;
import static io.onevault.tracking.vault.Column.jsonb;
import static io.onevault.tracking.vault.Column.text;
import static io.onevault.tracking.vault.Column.textList;

import java.util.ArrayList;
import java.util.List;

/** The tables that sessions are loaded into, in the order in which they are written. */
final class SessionTables {

    static final Table SESSION_HUB =
            EventTables.hub("business.site_session_h", "session_hk", "session_bk");

    static final Table SESSION_VISITOR_LINK =
            sessionLink("business.session_visitor_l", "session_visitor_hk", "visitor_hk");

    static final Table SESSION_PAGE_LINK =
            sessionLink("business.session_page_l", "session_page_hk", "page_hk");

    static final Table EVENT_SESSION_LINK =
            EventTables.eventLink("business.event_session_l", "event_session_hk", "session_hk");

    private static final Column[] DETAILS = {
        instant("session_start"),
        bytea("session_hk"),
        instant("load_date"),
        instant("session_end"),
        text("session_status"),
        text("client_session_id"),
        bytea("visitor_hk"),
        bigint("duration_seconds"),
        bigint("engaged_seconds"),
        integer("total_events"),
        integer("page_views"),
        integer("interactive_events"),
        integer("conversions"),
        jsonb("revenue"),
        jsonb("refunds"),
        bool("is_bounce"),
        text("entry_page_url"),
        text("exit_page_url"),
        text("referrer_url"),
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
        text("language"),
        text("predecessor_session_bk"),
        textList("successor_session_bks"),
        integer("rules_version"),
        text("country"),
        text("region"),
        bytea("hash_diff"),
        bytea("tenant_hk"),
        text("record_source")
    };

    static final Table SESSION_DETAILS =
            Table.upsert(
                    "business.site_session_details_s",
                    List.of(DETAILS),
                    "(session_start, session_hk, load_date) DO UPDATE\n"
                            + "   SET "
                            + assignments()
                            + "\n WHERE "
                            + rank("excluded")
                            + " > "
                            + rank("t"));

    /** Brings the bridge and the rollups of analytics up to the versions just written. */
    static final Table SESSION_BRIDGE =
            Table.call(
                    "business.site_refresh_sessions",
                    Table.When.ANY,
                    bytea("tenant_hk"),
                    instant("session_start"),
                    bytea("session_hk"),
                    bytea("visitor_hk"),
                    bool("is_bot"),
                    text("session_status"));

    static final List<Table> ALL =
            List.of(
                    SESSION_HUB,
                    SESSION_VISITOR_LINK,
                    SESSION_PAGE_LINK,
                    EVENT_SESSION_LINK,
                    SESSION_DETAILS,
                    SESSION_BRIDGE);

    private SessionTables() {}

    private static Table sessionLink(String name, String hk, String otherHk) {
        return Table.insertOnly(
                name,
                instant("session_start"),
                bytea(hk),
                bytea("session_hk"),
                bytea(otherHk),
                bytea("tenant_hk"),
                instant("load_date"),
                text("record_source"));
    }

    /**
     * Which of two versions with one load date knows more: superseded beats all, then more events,
     * then closed beats open. So a replay that passes through earlier knowledge changes nothing.
     */
    private static String rank(String row) {
        return ("(%s.session_status = 'SUPERSEDED', %s.total_events, %s.session_status = 'CLOSED')")
                .replace("%s", row);
    }

    private static String assignments() {
        List<String> assignments = new ArrayList<>();
        for (Column column : DETAILS) {
            assignments.add(column.name() + " = excluded." + column.name());
        }
        return String.join(", ", assignments.subList(3, assignments.size()));
    }
}
