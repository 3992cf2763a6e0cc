package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What users of other products reported, as files in our contract, each a tenant of its own: played
 * together in the order of their reception, through the real job.
 */
@ExtendWith(PostgresExtension.class)
class CasesITCase {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path CASES = Path.of("src/test/resources/cases");

    /** Need a broker or topic of their own kind. */
    private static final Set<String> OPERATIONS = Set.of("21", "22", "27");

    private static final String ANALYTICS = "api.get_session_analytics(?, ?::jsonb)";
    private static final String PERIOD = "\"from\": \"2026-10-01\", \"to\": \"2026-11-30\"";

    private static TestDatabase database;

    @BeforeAll
    static void play(@TempDir Path folder, TestPostgres postgres) throws Exception {
        List<JsonNode> events = new ArrayList<>();
        Set<String> tenants = new TreeSet<>();
        try (Stream<Path> files = Files.list(CASES)) {
            for (Path file : files.sorted().toList()) {
                if (OPERATIONS.contains(file.getFileName().toString().substring(0, 2))) {
                    continue;
                }
                for (String line : Files.readAllLines(file)) {
                    events.add(JSON.readTree(line));
                }
            }
        }
        events.forEach(event -> tenants.add(event.path("tenantId").asText()));
        events.sort(Comparator.comparing(CasesITCase::receivedAt));
        database = postgres.vault();
        VaultRows.register(database, tenants.toArray(String[]::new));
        try (JobRuns runs = new JobRuns(folder)) {
            List<byte[]> lines =
                    events.stream().map(event -> JobRuns.utf8(event.toString())).toList();
            // The visits without cookies are older than any salt that is drawn now.
            var settings = Map.of("privacy.salts", "DERIVED");
            runs.run("cases", runs.topic(lines), database, settings);
        }
    }

    private static Instant receivedAt(JsonNode event) {
        JsonNode time = event.has("received_at") ? event.path("received_at") : at(event);
        return Instant.parse(time.asText());
    }

    private static JsonNode at(JsonNode event) {
        return event.has("event_timestamp") ? event.path("event_timestamp") : event.path("sent_at");
    }

    @Test
    void keepsEveryInvariant() throws Exception {
        VaultRows.assertSound(database);
    }

    private static JsonNode analytics(String tenant, String options) throws Exception {
        return ApiAnswers.data(database, ANALYTICS, tenant, "{" + options + "}");
    }

    private static JsonNode metrics(String tenant) throws Exception {
        return analytics(tenant, PERIOD + ", \"breakdowns\": []");
    }

    private static void assertMetrics(String tenant, String expected) throws Exception {
        JsonNode all = metrics(tenant);
        for (Map.Entry<String, JsonNode> metric :
                JSON.readTree(expected.replace('\'', '"')).properties()) {
            ApiAnswers.assertSame(
                    tenant + ' ' + metric.getKey(), all.path(metric.getKey()), metric.getValue());
        }
    }

    private static Map<String, Integer> breakdown(String tenant, String name) throws Exception {
        JsonNode rows =
                analytics(tenant, PERIOD + ", \"breakdowns\": [\"" + name + "\"]").path(name);
        Map<String, Integer> visits = new TreeMap<>();
        rows.forEach(row -> visits.put(row.path("value").asText(), row.path("visits").asInt()));
        return visits;
    }

    /** Current sessions in the order of their start, with the columns that are asked for. */
    private static List<String> sessions(String tenant, String columns) throws Exception {
        return database.texts(
                """
                SELECT concat_ws(' ', $columns)
                  FROM business.site_session_details_current_v
                 WHERE tenant_hk = util.hash_binary('$tenant')
                 ORDER BY session_start, client_session_id"""
                        .replace("$columns", columns)
                        .replace("$tenant", tenant));
    }

    private static List<String> events(String tenant, String columns) throws Exception {
        return database.texts(
                """
                SELECT concat_ws(' ', $columns)
                  FROM staging.site_tracking_events_v
                 WHERE tenant_hk = util.hash_binary('$tenant')
                 ORDER BY event_timestamp, event_bk"""
                        .replace("$columns", columns)
                        .replace("$tenant", tenant));
    }

    private static String rejected(String tenant) throws Exception {
        return String.join(
                ", ",
                database.texts(
                        """
                        SELECT status_codes[1] || ' ' || status_detail
                          FROM raw.site_tracking_events_r
                         WHERE tenant_hk = util.hash_binary('$tenant')
                           AND processing_status = 'ERROR'
                         ORDER BY 1"""
                                .replace("$tenant", tenant)));
    }

    /** 01: a consent event, a session start or an experiment comes before the landing. */
    @Test
    void takesTheLandingBehindAnotherFirstEventAsEntry() throws Exception {
        assertMetrics(
                "bug-01",
                "{'visits': 3, 'visitors': 3, 'pageviews': 4, 'conversions': 1, 'revenue': {'EUR': 50}}");
        assertThat(
                        sessions(
                                "bug-01",
                                "client_session_id, total_events, entry_page_url, utm_source,"
                                        + " utm_medium, utm_campaign, channel, conversions,"
                                        + " predecessor_session_bk"))
                .startsWith("s-101 4 https://shop.example/landing newsletter email autumn email 1");
        assertThat(breakdown("bug-01", "channels")).isEqualTo(Map.of("email", 2, "paid_search", 1));
    }

    /** 02: the landing's request stalls for 30 s, the client's clock is right. */
    @Test
    void keepsTheOrderOfAClientWhenARequestStalls() throws Exception {
        assertThat(
                        sessions(
                                "bug-02",
                                "total_events, session_start AT TIME ZONE 'UTC', session_end AT"
                                        + " TIME ZONE 'UTC', entry_page_url, exit_page_url,"
                                        + " utm_source, utm_campaign, channel"))
                .containsExactly(
                        "3 2026-11-11 12:00:00 2026-11-11 12:00:20 https://app.example/welcome"
                                + " https://app.example/pricing instagram launch paid_social");
    }

    /** 03: scripts that write undefined, null and the UUID of zeros as ids. */
    @Test
    void ignoresIdsThatNameNobody() throws Exception {
        assertMetrics(
                "bug-03",
                "{'visits': 9, 'visitors': 9, 'conversions': 2, 'revenue': {'EUR': 100}}");
        assertThat(sessions("bug-03", "conversions, revenue"))
                .filteredOn(session -> !session.startsWith("0"))
                .containsExactly("1 {\"EUR\": 40}", "1 {\"EUR\": 60}");
        assertThat(events("bug-03", "validation_codes"))
                .filteredOn(codes -> codes.contains("ID_IGNORED"))
                .hasSize(9);
    }

    /** 05: one address with ports, in brackets, mapped into IPv6 and as a list. */
    @Test
    void takesOneAddressInAllItsFormsForOneVisitor() throws Exception {
        assertMetrics("bug-05", "{'visits': 2, 'visitors': 2, 'bounce_rate': 0}");
        assertThat(
                        sessions(
                                "bug-05",
                                "page_views, session_start AT TIME ZONE 'UTC', session_end AT"
                                        + " TIME ZONE 'UTC'"))
                .satisfiesExactly(
                        first -> assertThat(first).startsWith("5 ").contains("09:00:00"),
                        second -> assertThat(second).startsWith("3 ").contains("10:01:20"));
        assertThat(
                        database.texts(
                                "SELECT DISTINCT ip_network FROM raw.site_tracking_events_r WHERE"
                                        + " tenant_hk = util.hash_binary('bug-05') ORDER BY 1"))
                .containsExactly("2001:db8::/48", "203.0.0.0/16");
    }

    /** 06: midnights that are there twice. */
    @Test
    void beginsADayAtItsFirstMidnight() throws Exception {
        JsonNode azores =
                analytics(
                        "bug-06",
                        "\"from\": \"2026-10-25\", \"to\": \"2026-10-25\", \"timezone\":"
                                + " \"Atlantic/Azores\"");
        assertThat(azores.path("from").asText()).isEqualTo("2026-10-25T00:00:00Z");
        assertThat(azores.path("to").asText()).isEqualTo("2026-10-26T01:00:00Z");
        assertThat(azores.path("visits").asInt()).isEqualTo(3);

        String havana =
                "\"from\": \"2026-%s\", \"to\": \"2026-11-01\", \"timezone\": \"America/Havana\", ";
        JsonNode days = analytics("bug-06", havana.formatted("10-31") + "\"interval\": \"day\"");
        assertThat(days.path("to").asText()).isEqualTo("2026-11-02T05:00:00Z");
        assertThat(series(days))
                .containsExactly("2026-10-31T04:00:00Z 1", "2026-11-01T04:00:00Z 5");
        JsonNode hours = analytics("bug-06", havana.formatted("11-01") + "\"interval\": \"hour\"");
        assertThat(series(hours)).hasSize(25);
        JsonNode compared = analytics("bug-06", havana.formatted("11-01") + "\"compare\": true");
        assertThat(compared.path("visits").asInt()).isEqualTo(5);
        JsonNode previous = compared.path("previous");
        assertThat(previous.path("from").asText()).isEqualTo("2026-10-31T04:00:00Z");
        assertThat(previous.path("to").asText()).isEqualTo("2026-11-01T04:00:00Z");
        assertThat(previous.path("visits").asInt()).isEqualTo(1);
    }

    private static List<String> series(JsonNode answer) {
        List<String> series = new ArrayList<>();
        for (JsonNode interval : answer.path("series")) {
            series.add(interval.path("start").asText() + ' ' + interval.path("visits").asText());
        }
        return series;
    }

    /** 07: referrers of search engines' and shops' other services. */
    @Test
    void knowsSignInPagesFromSearch() throws Exception {
        assertThat(breakdown("bug-07", "channels"))
                .isEqualTo(Map.of("organic_search", 3, "email", 1, "referral", 7));
    }

    /** 09: a server's and an app's events, whose agent is an HTTP library. */
    @Test
    void takesAnHttpLibraryWithAVisitorForAClient() throws Exception {
        assertMetrics(
                "bug-09", "{'visits': 2, 'visitors': 2, 'conversions': 2, 'revenue': {'EUR': 50}}");
        assertThat(analytics("bug-09", PERIOD + ", \"include_bots\": true").path("visits").asInt())
                .isEqualTo(3);
    }

    /** 10: article numbers that pass a card's check digit. */
    @Test
    void takesAnArticleNumberForNoCard() throws Exception {
        assertThat(events("bug-10", "page_url, page_title"))
                .hasSize(5)
                .last()
                .asString()
                .contains("[card]")
                .doesNotContain("4111111111111111");
        assertThat(events("bug-10", "page_url")).doesNotHaveDuplicates();
    }

    /** 11: ß and the final sigma in names of hosts. */
    @Test
    void readsHostNamesAsBrowsersDo() throws Exception {
        Map<String, Integer> views = new HashMap<>();
        events("bug-11", "page_url").forEach(url -> views.merge(url, 1, Integer::sum));
        assertThat(views)
                .isEqualTo(
                        Map.of(
                                "https://xn--strae-oqa.example/start", 2,
                                "https://strasse.example/start", 1,
                                "https://xn--nxasmm1c.example/a", 2,
                                "https://xn--strae-oqa.example/next", 1));
    }

    /** 13: one-time tokens of challenges and search engines' click ids. */
    @Test
    void takesOnePageWithTokensForOnePage() throws Exception {
        assertThat(new TreeSet<>(events("bug-13", "page_url")))
                .containsExactly("https://blog.example/post-1");
        assertThat(breakdown("bug-13", "entry_pages"))
                .isEqualTo(Map.of("https://blog.example/post-1", 7));
        assertThat(events("bug-13", "channel").get(1)).isEqualTo("internal");
    }

    /** 14: channels as Google Analytics 4 groups them. */
    @Test
    void groupsChannelsAsOthersDo() throws Exception {
        assertThat(sessions("bug-14", "client_session_id, channel"))
                .containsExactlyInAnyOrder(
                        "s-140 organic_social",
                        "s-141 organic_social",
                        "s-142 organic_video",
                        "s-143 paid_shopping",
                        "s-144 paid_search",
                        "s-145 paid_social",
                        "s-146 direct",
                        "s-147 organic_search",
                        "s-148 assistant",
                        "s-149 paid_social");
    }

    /** 16: the site's other hosts as referrers. */
    @Test
    void takesHostsOfOneDomainForOneSite() throws Exception {
        assertThat(sessions("bug-16", "client_session_id, channel, page_views"))
                .filteredOn(session -> session.startsWith("s-161"))
                .containsExactly("s-161 organic_search 2", "s-161 internal 1");
        assertThat(sessions("bug-16", "client_session_id, channel")).contains("s-162 internal");
        assertThat(breakdown("bug-16", "sources")).containsEntry("google.com", 1).hasSize(2);
    }

    /** 17: a visit without cookies over midnight UTC. */
    @Test
    void keepsACookielessVisitOverMidnight() throws Exception {
        assertMetrics(
                "bug-17",
                "{'visits': 1, 'visitors': 1, 'pageviews': 4, 'conversions': 1, 'revenue': {'EUR': 5}}");
        assertThat(sessions("bug-17", "entry_page_url, exit_page_url, channel"))
                .satisfiesExactly(
                        session ->
                                assertThat(session)
                                        .matches("https://[^ ]+/a https://[^ ]+/d organic_search"));
    }

    /** 18: a tracker of whole seconds. */
    @Test
    void takesStepsOfOneInstantInEitherOrder() throws Exception {
        JsonNode funnel =
                ApiAnswers.data(
                        database,
                        "api.get_funnel(?, ?::jsonb, ?::jsonb)",
                        "bug-18",
                        "[{\"page_url\": \"https://shop.example/cart\", \"evt_type\":"
                                + " \"page_view\"}, {\"evt_type\": \"begin_checkout\"}]",
                        "{" + PERIOD + "}");
        assertThat(funnel.path("steps").get(0).path("visitors").asInt()).isEqualTo(8);
        assertThat(funnel.path("steps").get(1).path("visitors").asInt()).isEqualTo(8);
        for (String session :
                sessions("bug-18", "client_session_id, entry_page_url, exit_page_url")) {
            if (session.startsWith("s-19")) {
                String[] pages = session.split(" ");
                assertThat(pages[1]).as(session).isNotEqualTo(pages[2]);
            }
        }
    }

    /** The api lists events in the order in which sessions take them. */
    @Test
    void listsEventsInTheOrderOfSessions() throws Exception {
        List<String> listed = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page =
                    ApiAnswers.data(
                            database,
                            "api.get_events(?, ?::jsonb)",
                            "bug-18",
                            "{" + PERIOD + ", \"limit\": 1" + cursor + "}");
            page.path("events").forEach(event -> listed.add(0, event.path("event_id").asText()));
            JsonNode next = page.path("next_cursor");
            cursor = next.isTextual() ? ", \"cursor\": " + next : null;
        } while (cursor != null);

        assertThat(listed).isEqualTo(events("bug-18", "event_bk"));
    }

    /** 24: returns. */
    @Test
    void countsRefundsApart() throws Exception {
        assertMetrics(
                "bug-24",
                "{'conversions': 1, 'revenue': {'EUR': 120}, 'refunds': {'EUR': 187.90}}");
        assertThat(rejected("bug-24")).contains("WRONG_TYPE value").hasSizeGreaterThan(20);
    }

    /** 26: a login in the middle of a session. */
    @Test
    void keepsASessionOverALogin() throws Exception {
        assertMetrics("bug-26", "{'visits': 6, 'visitors': 6, 'pageviews': 9}");
        assertThat(sessions("bug-26", "client_session_id, total_events"))
                .containsExactly("s-270 3", "2", "1", "1", "s-273 2", "s-274 1");
    }

    /** 29: orders that are told of again, and currencies. */
    @Test
    void countsAnOrderOnce() throws Exception {
        assertMetrics(
                "bug-29",
                "{'conversions': 5, 'revenue': {'JPY': 12000, 'KWD': 12.345, 'BTC': 0.5, 'EUR': 10}}");
        assertThat(rejected("bug-29")).contains("OUT_OF_RANGE currency");
    }

    /** 30: cohorts in a zone ahead of UTC. */
    @Test
    void cutsCohortsByTheClockOfTheZone() throws Exception {
        JsonNode retention =
                ApiAnswers.data(
                        database,
                        "api.get_retention(?, ?::jsonb)",
                        "bug-30",
                        "{\"from\": \"2026-10-26\", \"to\": \"2026-11-15\", \"interval\": \"week\","
                                + " \"timezone\": \"Asia/Shanghai\"}");
        List<String> cohorts = new ArrayList<>();
        retention
                .path("cohorts")
                .forEach(c -> cohorts.add(c.path("visitors") + " " + c.path("returned")));
        assertThat(cohorts).containsExactly("1 [1,1,1]", "2 [2,1]", "1 [1]");
    }

    /** 31: names of tenants and sessions with the mark that joins keys elsewhere. */
    @Test
    void keepsTenantsApartWhateverTheirNames() throws Exception {
        assertThat(sessions("a", "client_session_id, conversions")).containsExactly("b|s 0");
        assertThat(sessions("a|b", "client_session_id, conversions, revenue"))
                .containsExactly("s 1 {\"EUR\": 5}");
    }
}
