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
import java.util.Set;

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

    private static final String DETAILS_NAME = "business.site_session_details_s";
    private static final Set<String> KEY = Set.of("session_start", "session_hk", "load_date");

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
        jsonb("repeated_views"),
        bytea("hash_diff"),
        bytea("tenant_hk"),
        text("record_source")
    };

    /**
     * A version that is open and the latest one is written over by the one after it, so that the
     * satellite keeps what was believed of closed sessions, and of an open one what is believed
     * now. While the session stays open the row keeps its load date, since another primary key
     * would be another entry of the index each time; {@code last_load_date} tells of what it says.
     * A version that comes after a later one, in a replay, is none where it is open, nor where it
     * falls between the two dates of an open one. Of those given of a session either one is open or
     * none.
     */
    private static final String WRITE_DETAILS =
            """
            WITH given AS MATERIALIZED (
                SELECT $values
                  FROM $unnested
            ), written_over AS (
                UPDATE $table AS t
                   SET $written,
                       load_date = CASE WHEN given.session_status = 'OPEN'
                                        THEN t.load_date
                                        ELSE given.load_date END,
                       last_load_date = CASE WHEN given.session_status = 'OPEN'
                                             THEN given.load_date END
                  FROM given
                 WHERE $same_t
                   AND t.session_status = 'OPEN'
                   AND ($given_after_t
                        OR given.load_date = greatest(t.load_date, t.last_load_date)
                           AND $given_better)
                   AND NOT EXISTS (SELECT
                                     FROM $table AS other
                                    WHERE $same_other
                                      AND ($other_after_t
                                           OR (other.session_start, other.load_date)
                                              = (given.session_start, given.load_date)))
                RETURNING given.session_hk, given.load_date
            )
            INSERT INTO $table AS t ($names)
            SELECT $names
              FROM given
             WHERE NOT EXISTS (SELECT
                                 FROM written_over
                                WHERE written_over.session_hk = given.session_hk
                                  AND written_over.load_date = given.load_date)
               AND NOT EXISTS (SELECT
                                 FROM $table AS known
                                WHERE $same_known
                                  AND (given.session_status = 'OPEN' AND NOT $given_after_known
                                       OR given.load_date
                                          BETWEEN known.load_date AND known.last_load_date))
            ON CONFLICT (session_start, session_hk, load_date) DO UPDATE
               SET $replaced
             WHERE $better""";

    static final Table SESSION_DETAILS =
            new Table(DETAILS_NAME, List.of(DETAILS), writeDetails(), null, Table.When.ANY);

    /** Brings the bridges and the rollups of analytics up to the versions just written. */
    static final Table SESSION_BRIDGE =
            Table.call(
                    "business.site_refresh_sessions",
                    Table.When.ANY,
                    bytea("tenant_hk"),
                    instant("session_start"),
                    bytea("session_hk"),
                    bytea("visitor_hk"),
                    bool("is_bot"),
                    text("session_status"),
                    bool("has_repeated_views"),
                    instant("load_date"),
                    bytea("hash_diff"),
                    textList("types"),
                    text("offsets"),
                    text("pages"),
                    text("items"),
                    text("item_places"));

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

    private static String writeDetails() {
        List<Column> columns = List.of(DETAILS);
        return WRITE_DETAILS
                .replace("$values", Table.named(columns))
                .replace("$unnested", Table.unnested(columns))
                .replace("$written", assignments("given", Set.of("load_date")))
                .replace("$replaced", assignments("excluded", KEY))
                .replace("$better", rank("excluded") + " > " + rank("t"))
                .replace("$given_better", rank("given") + " > " + rank("t"))
                .replace("$names", Table.names(columns))
                .replace("$same_t", sameSession("t"))
                .replace("$same_other", sameSession("other"))
                .replace("$same_known", sameSession("known"))
                .replace("$given_after_t", givenAfter("t"))
                .replace("$given_after_known", givenAfter("known"))
                .replace("$other_after_t", after("other", "t"))
                .replace("$table", DETAILS_NAME);
    }

    /** By the primary key, as the versions of a session start within one millisecond. */
    private static String sameSession(String row) {
        return ("%s.session_hk = given.session_hk"
                        + " AND %s.session_start >= date_trunc('milliseconds', given.session_start)"
                        + " AND %s.session_start < date_trunc('milliseconds', given.session_start)"
                        + " + INTERVAL '1 millisecond'")
                .replace("%s", row);
    }

    /** As the current views decide which of two versions holds. */
    private static String after(String row, String than) {
        return "(%1$s.load_date, %1$s.total_events, %2$s.session_start) > (%2$s.load_date, %2$s.total_events, %1$s.session_start)"
                .formatted(row, than);
    }

    /** The same by what an open version says now. */
    private static String givenAfter(String than) {
        return after("given", than)
                .replace(
                        than + ".load_date",
                        "greatest(%1$s.load_date, %1$s.last_load_date)".formatted(than));
    }

    private static String assignments(String from, Set<String> but) {
        List<String> assignments = new ArrayList<>();
        for (Column column : DETAILS) {
            if (!but.contains(column.name())) {
                assignments.add(column.name() + " = " + from + "." + column.name());
            }
        }
        return String.join(", ", assignments);
    }
}
