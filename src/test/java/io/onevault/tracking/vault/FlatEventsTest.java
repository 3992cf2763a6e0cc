package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.TestEvents.START;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.contract.CanonicalPayload;
import io.onevault.tracking.enrich.PageUrls;
import io.onevault.tracking.event.Action;
import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.Campaign;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Device;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Handling;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Interaction;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.Keeping;
import io.onevault.tracking.event.Page;
import io.onevault.tracking.event.PageContext;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.Referrer;
import io.onevault.tracking.event.SessionRole;
import io.onevault.tracking.event.SourcePosition;
import io.onevault.tracking.event.Suspicion;
import io.onevault.tracking.event.Timing;
import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The flat row of an event, which is put together from what the loader writes. */
@ExtendWith(PostgresExtension.class)
class FlatEventsTest {

    private static final String SOURCE = "test";
    private static final String VIEW = "staging.site_tracking_events_v";
    private static final String TENANT = TestEvents.tenantHk("acme");

    private static final Pattern SCAN = Pattern.compile(".* on (site_\\w+) \\w+ {2}\\(.*");

    private static final List<String> URLS =
            List.of(
                    "HTTPS://Shop.example:8443/a%20b/c;x=1?q=a?b://c&d=/e#top",
                    "https://[2001:DB8::1]:8080/a",
                    "https://[2001:DB8::1]",
                    "https://jo:x@www.b\u00fccher.example?a=1",
                    "https://example.com/app?a=1#!/cart/2?b=3&c=://d",
                    "https://example.com/a://b/c:d",
                    "shop-app://Product/42",
                    "/products/x?c=https://other.example/",
                    "/a://b.example/c",
                    "//example.com/x");

    private LoadedVault vault;

    @BeforeEach
    void open(TestPostgres postgres) throws SQLException {
        vault = new LoadedVault(postgres);
    }

    @AfterEach
    void close() throws SQLException {
        vault.close();
    }

    /** An event with everything that an event may have. */
    private static EnrichedEvent rich(String url) {
        TrackerEvent event =
                new TrackerEvent(
                        "acme",
                        "rich",
                        EventType.PURCHASE,
                        new Action("Caf\u00e9 \"\\,{}", "buy", "\ud83d\ude00", "007"),
                        new Identity("s\t1", null, null),
                        new PageContext("pv1", url, "Shoes 'n' \\boots", "https://r.example/x?y"),
                        new Timing(START, START, START),
                        new Interaction("id", "class", "text", 12.5, 900L, -3, 4, null),
                        new ClientContext(
                                "agent",
                                "198.51.100.0/24",
                                "en-GB",
                                "Europe/Berlin",
                                "1920x1080",
                                1280,
                                720,
                                "analytics, \"ads\"",
                                null,
                                null,
                                "c1",
                                null),
                        new Purchase("order-1", new BigDecimal("129.90"), "EUR"),
                        List.of(new Item("a", null, null, null, null, null, null, null)),
                        "{\"language\":\"xx\",\"session_id\":\"other\"}");
        AdmittedEvent admitted =
                new AdmittedEvent(
                        "acme",
                        TENANT,
                        "evt_rich",
                        "vis_1",
                        START,
                        event,
                        CanonicalPayload.of(event),
                        new SessionRole(null, true, false, false, null, true, false, false),
                        List.of(),
                        new SourcePosition("events", 0, 1, START.plusSeconds(1)),
                        new Handling(Keeping.FULL, null));
        return new EnrichedEvent(
                admitted,
                PageUrls.normalise(url),
                new Referrer("https://r.example/x", "r.example", false),
                new Campaign("news", "email", "spring", "shoes", "top", "gclid", "Cj0"),
                "email",
                new Device("desktop", "Chrome", "140", "Windows", "11", true, "robot", "search"),
                true,
                List.of(Suspicion.TEXT_TRUNCATED, Suspicion.BOT));
    }

    private static Map<String, @Nullable Object> expected(EnrichedEvent event) {
        TrackerEvent e = event.admitted().event();
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("event_bk", event.admitted().eventBk());
        row.put("evt_type", e.type());
        row.put("evt_category", e.action().category());
        row.put("evt_action", e.action().action());
        row.put("evt_label", e.action().label());
        row.put("evt_value", e.action().value());
        row.put("client_session_id", e.identity().sessionId());
        row.put("visitor_bk", event.admitted().visitorBk());
        row.putAll(ofPage(event));
        row.putAll(ofClient(event));
        row.put("transaction_id", e.purchase().transactionId());
        row.put("value", e.purchase().value());
        row.put("currency", e.purchase().currency());
        row.put("item_count", e.items().size());
        return row;
    }

    private static Map<String, @Nullable Object> ofPage(EnrichedEvent event) {
        Page page = event.page();
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("page_view_id", event.admitted().event().page().pageViewId());
        row.put("page_url", page == null ? null : page.url());
        row.put("page_host", page == null ? null : page.host());
        row.put("page_path", page == null ? null : page.path());
        row.put("page_title", event.admitted().event().page().title());
        row.put("referrer_url", event.referrer().url());
        row.put("referrer_host", event.referrer().host());
        row.put("channel", event.channel());
        row.put("utm_source", event.campaign().source());
        row.put("utm_medium", event.campaign().medium());
        row.put("utm_campaign", event.campaign().name());
        row.put("utm_term", event.campaign().term());
        row.put("utm_content", event.campaign().content());
        row.put("click_id_type", event.campaign().clickIdType());
        row.put("click_id", event.campaign().clickId());
        return row;
    }

    private static Map<String, @Nullable Object> ofClient(EnrichedEvent event) {
        ClientContext client = event.admitted().event().client();
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("device_type", event.device().type());
        row.put("browser", event.device().browser());
        row.put("browser_version", event.device().browserVersion());
        row.put("os", event.device().os());
        row.put("os_version", event.device().osVersion());
        row.put("is_bot", event.device().bot() ? "t" : "f");
        row.put("client_type", event.device().clientType());
        row.put("robot_kind", event.device().robotKind());
        row.put("language", client.language());
        row.put("timezone", client.timezone());
        row.put("screen_resolution", client.screenResolution());
        row.put("viewport_width", client.viewportWidth());
        row.put("viewport_height", client.viewportHeight());
        row.put("consent", client.consent());
        return row;
    }

    private void load(List<EnrichedEvent> events) throws SQLException {
        assertThat(new EventLoader(SOURCE).load(vault.connection(), events)).isEmpty();
    }

    /** The view's rows as texts, by the key of the event. */
    private Map<String, Map<String, @Nullable String>> flatRows() throws SQLException {
        Map<String, Map<String, @Nullable String>> flat = new LinkedHashMap<>();
        try (Connection connection = vault.database().connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM " + VIEW)) {
            while (rows.next()) {
                Map<String, @Nullable String> row = new LinkedHashMap<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    row.put(rows.getMetaData().getColumnName(i), rows.getString(i));
                }
                assertThat(flat.put(rows.getString("event_bk"), row)).isNull();
            }
        }
        return flat;
    }

    private static void assertFlat(
            EnrichedEvent event, Map<String, Map<String, @Nullable String>> flat) {
        Map<String, @Nullable String> row = flat.get(event.admitted().eventBk());
        assertThat(row).isNotNull();
        expected(event)
                .forEach(
                        (column, value) ->
                                assertThat(row.get(column))
                                        .as(column)
                                        .isEqualTo(value == null ? null : value.toString()));
    }

    @Test
    void haveTheValuesOfTheirEvents() throws SQLException {
        List<EnrichedEvent> events =
                List.of(
                        rich("https://Shop.example:8443/a/b?c=1&utm_source=news#top"),
                        event("plain").label(null).session(null).url(null).enriched(),
                        event("other").tenant("other").visitor("vis_2").enriched());

        load(events);

        var flat = flatRows();
        assertThat(flat).hasSameSizeAs(events);
        events.forEach(event -> assertFlat(event, flat));
        assertThat(flat.get("evt_rich"))
                .containsEntry("tenant_hk", "\\x" + TENANT)
                .containsEntry("validation_status", "SUSPICIOUS")
                .containsEntry("validation_codes", "{TEXT_TRUNCATED,BOT}")
                .containsEntry("quality_score", "60")
                .containsEntry("record_source", SOURCE);
        assertThat(flat.get("evt_plain"))
                .containsEntry("validation_status", "VALID")
                .containsEntry("validation_codes", null)
                .containsEntry("page_hk", null);
    }

    @Test
    void takePagesApartAsEnrichmentDoes() throws SQLException {
        List<EnrichedEvent> events = new ArrayList<>();
        for (String url : URLS) {
            events.add(event("e" + events.size()).url(url).enriched());
        }

        load(events);

        var flat = flatRows();
        assertThat(flat).hasSameSizeAs(URLS);
        events.forEach(event -> assertFlat(event, flat));
    }

    @Test
    void areReadFromTheirDayAndFromTheTablesThatAreNamed() throws SQLException {
        load(List.of(event("a").enriched()));

        assertThat(scanned("*"))
                .containsExactlyInAnyOrder(
                        "site_tracking_events_s_p20261120",
                        "site_event_h_p20261120",
                        "site_event_details_s_p20261120",
                        "site_tracking_events_r_p20261120",
                        "site_visitor_h",
                        "site_page_h");
        assertThat(scanned("channel, page_path"))
                .containsExactlyInAnyOrder("site_tracking_events_s_p20261120", "site_page_h");
    }

    /** The tables that one event's row is read from. */
    private List<String> scanned(String columns) throws SQLException {
        List<String> tables = new ArrayList<>();
        for (String line :
                vault.database()
                        .texts(
                                "EXPLAIN SELECT %s FROM %s WHERE event_timestamp = '%s'"
                                        .formatted(columns, VIEW, START))) {
            Matcher scan = SCAN.matcher(line);
            if (scan.matches()) {
                tables.add(scan.group(1));
            }
        }
        return tables;
    }
}
