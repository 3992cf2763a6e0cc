package io.onevault.tracking.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.migrate.TestDatabase;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What a tenant's vault holds, read row by row without bridges, rollups or functions of the api
 * layer.
 */
final class VaultFacts {

    /** Time, sequence, key. */
    static final Comparator<JsonNode> IN_ORDER =
            Comparator.<JsonNode>comparingLong(event -> event.path("micros").asLong())
                    .thenComparingLong(event -> event.path("sequence").asLong(Long.MIN_VALUE))
                    .thenComparing(event -> event.path("bk").asText());

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String SESSIONS =
            """
            SELECT (to_jsonb(s) || jsonb_build_object(
                       'micros', (extract(epoch FROM session_start) * 1000000)::bigint,
                       'source', coalesce(utm_source, referrer_host),
                       'visitor_kind', CASE WHEN v.visitor_bk LIKE 'anon%' THEN 'anonymous' ELSE 'recognised' END,
                       'bk', h.session_bk))::text
              FROM business.site_session_details_current_v s
              JOIN business.site_session_h h USING (session_hk)
              JOIN business.site_visitor_h v USING (visitor_hk)
             WHERE s.tenant_hk = util.hash_binary('$tenant')""";

    private static final String EVENTS =
            """
            SELECT jsonb_build_object(
                       'micros', (extract(epoch FROM e.event_timestamp) * 1000000)::bigint,
                       'hk', encode(e.event_hk, 'hex'),
                       'bk', e.event_bk,
                       'evt_type', d.evt_type,
                       'evt_action', d.evt_action,
                       'value', d.value,
                       'transaction_id', d.transaction_id,
                       'sequence', d.sequence,
                       'is_bot', d.is_bot,
                       'page', p.page_bk,
                       'page_view_id', d.page_view_id,
                       'items', d.items,
                       'currency', d.currency,
                       'properties', d.properties,
                       'device', d.device_type,
                       'visitor', encode(s.visitor_hk, 'hex'),
                       'staged_visitor', encode(t.visitor_hk, 'hex'),
                       'session', CASE WHEN l.link_kind = 'SESSION' THEN h.session_bk END)::text
              FROM business.site_event_h e
              JOIN business.site_event_details_s d USING (event_hk)
              LEFT JOIN staging.site_tracking_events_s t USING (event_hk)
              LEFT JOIN business.event_page_l pl ON pl.event_hk = e.event_hk
              LEFT JOIN business.site_page_h p ON p.page_hk = pl.page_hk
              LEFT JOIN business.event_session_current_v l ON l.event_hk = e.event_hk
              LEFT JOIN business.site_session_h h ON h.session_hk = l.session_hk
              LEFT JOIN business.site_session_details_current_v s ON s.session_hk = l.session_hk
             WHERE e.tenant_hk = util.hash_binary('$tenant')""";

    private static final String TITLES =
            """
            SELECT jsonb_build_object('key', page_bk, 'value', page_title)::text
              FROM business.site_page_details_current_v JOIN business.site_page_h h USING (page_hk)
             WHERE h.tenant_hk = util.hash_binary('$tenant')""";

    private static final String ITEMS =
            """
            SELECT jsonb_build_object('key', business_item_bk, 'value', jsonb_build_object(
                       'name', item_name, 'type', item_type, 'category', item_category,
                       'brand', item_brand))::text
              FROM business.business_item_details_current_v
              JOIN business.business_item_h h USING (business_item_hk)
             WHERE h.tenant_hk = util.hash_binary('$tenant')""";

    private static final String GOALS =
            """
            SELECT 'purchase'
             UNION
            SELECT unnest(goal_event_types)
              FROM (SELECT goal_event_types
                      FROM auth.tenant_site_tracking_s
                     WHERE tenant_hk = util.hash_binary('$tenant')
                     ORDER BY load_date DESC
                     LIMIT 1) settings""";

    final String tenant;
    final List<JsonNode> sessions;
    final List<JsonNode> events;
    final Map<String, JsonNode> titles;

    /** What items are called and what they are, by their ids. */
    final Map<String, JsonNode> items;

    final List<String> goals;

    /** Hash keys of events that tell of a page view again. */
    final Set<String> toldAgain = new HashSet<>();

    /** Hash keys of events that tell of the speed of a page view of which a later one tells. */
    final Set<String> speedToldLater = new HashSet<>();

    private VaultFacts(TestDatabase database, String tenant) throws SQLException, IOException {
        this.tenant = tenant;
        sessions = rows(database, SESSIONS);
        events = rows(database, EVENTS);
        titles = map(rows(database, TITLES));
        items = map(rows(database, ITEMS));
        goals = database.texts(GOALS.replace("$tenant", tenant));
        Set<String> told = new HashSet<>();
        events.stream()
                .filter(e -> e.path("evt_type").asText().equals("page_view"))
                .filter(e -> e.path("page_view_id").isTextual() && e.path("session").isTextual())
                .sorted(IN_ORDER)
                .filter(e -> !told.add(e.path("session") + " " + e.path("page_view_id")))
                .forEach(e -> toldAgain.add(e.path("hk").asText()));
        Map<String, String> last = new HashMap<>();
        events.stream()
                .filter(e -> e.path("evt_type").asText().equals("web_vitals"))
                .filter(e -> e.path("page_view_id").isTextual() && e.path("session").isTextual())
                .sorted(IN_ORDER)
                .map(
                        e ->
                                last.put(
                                        e.path("session") + " " + e.path("page_view_id"),
                                        e.path("hk").asText()))
                .filter(Objects::nonNull)
                .forEach(speedToldLater::add);
    }

    static VaultFacts of(TestDatabase database, String tenant) throws SQLException, IOException {
        return new VaultFacts(database, tenant);
    }

    private List<JsonNode> rows(TestDatabase database, String query)
            throws SQLException, IOException {
        List<JsonNode> rows = new ArrayList<>();
        for (String row : database.texts(query.replace("$tenant", tenant))) {
            rows.add(JSON.readTree(row));
        }
        return rows;
    }

    private static Map<String, JsonNode> map(List<JsonNode> rows) {
        Map<String, JsonNode> map = new HashMap<>();
        rows.forEach(row -> map.put(row.path("key").asText(), row.path("value")));
        return map;
    }

    /** When a session began or an event happened. */
    static Instant at(JsonNode row) {
        return Instant.EPOCH.plus(row.path("micros").asLong(), ChronoUnit.MICROS);
    }
}
