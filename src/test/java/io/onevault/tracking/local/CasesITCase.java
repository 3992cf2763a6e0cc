package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
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

    private static PlayedCases cases;

    @BeforeAll
    static void play(@TempDir Path folder, TestPostgres postgres) throws Exception {
        cases = PlayedCases.play(folder, postgres.vault());
    }

    @Test
    void keepsEveryInvariant() throws Exception {
        VaultRows.assertSound(cases.database());
    }

    /** 01: a consent event, a session start or an experiment comes before the landing. */
    @Test
    void takesTheLandingBehindAnotherFirstEventAsEntry() throws Exception {
        cases.assertMetrics(
                "bug-01",
                "{'visits': 3, 'visitors': 3, 'pageviews': 4, 'conversions': 1, 'revenue': {'EUR': 50}}");
        assertThat(
                        cases.sessions(
                                "bug-01",
                                "client_session_id, total_events, entry_page_url, utm_source,"
                                        + " utm_medium, utm_campaign, channel, conversions, revenue,"
                                        + " predecessor_session_bk"))
                .containsExactly(
                        "s-101 4 https://shop.example/landing newsletter email autumn email 1"
                                + " {\"EUR\": 50}",
                        "s-102 2 https://shop.example/landing newsletter email autumn email 0",
                        "2 https://shop.example/landing paid_search 0");
        assertThat(cases.breakdown("bug-01", "channels"))
                .isEqualTo(Map.of("email", 2, "paid_search", 1));
    }

    /** 02: the landing's request stalls for 30 s, the client's clock is right. */
    @Test
    void keepsTheOrderOfAClientWhenARequestStalls() throws Exception {
        assertThat(
                        cases.sessions(
                                "bug-02",
                                "total_events, session_start AT TIME ZONE 'UTC', session_end AT"
                                        + " TIME ZONE 'UTC', entry_page_url, exit_page_url,"
                                        + " utm_source, utm_campaign, channel"))
                .containsExactly(
                        "3 2026-11-11 12:00:00 2026-11-11 12:00:20 https://app.example/welcome"
                                + " https://app.example/pricing instagram launch paid_social");
        assertThat(
                        cases.funnel(
                                "bug-02",
                                "[{'page_url': 'https://app.example/welcome*'},"
                                        + " {'page_url': 'https://app.example/pricing'},"
                                        + " {'evt_type': 'signup'}]"))
                .containsExactly("1", "1", "1");
    }

    /** 03: scripts that write undefined, null and the UUID of zeros as ids. */
    @Test
    void ignoresIdsThatNameNobody() throws Exception {
        cases.assertMetrics(
                "bug-03",
                "{'visits': 9, 'visitors': 9, 'conversions': 2, 'revenue': {'EUR': 100}}");
        assertThat(cases.sessions("bug-03", "conversions, revenue"))
                .filteredOn(session -> !session.startsWith("0"))
                .containsExactly("1 {\"EUR\": 40}", "1 {\"EUR\": 60}");
        // All but the two carts.
        assertThat(cases.events("bug-03", "page_path, validation_codes"))
                .containsExactly(
                        "/p1 {ID_IGNORED}",
                        "/p2 {ID_IGNORED}",
                        "/p3 {ID_IGNORED}",
                        "/q1 {ID_IGNORED}",
                        "/q2 {ID_IGNORED}",
                        "/ {ID_IGNORED}",
                        "/ {ID_IGNORED}",
                        "/cart",
                        "/thanks {ID_IGNORED}",
                        "/cart",
                        "/thanks {ID_IGNORED}");
    }

    /** 05: one address with ports, in brackets, mapped into IPv6 and as a list. */
    @Test
    void takesOneAddressInAllItsFormsForOneVisitor() throws Exception {
        cases.assertMetrics("bug-05", "{'visits': 2, 'visitors': 2, 'bounce_rate': 0}");
        assertThat(
                        cases.sessions(
                                "bug-05",
                                "page_views, session_start AT TIME ZONE 'UTC', session_end AT"
                                        + " TIME ZONE 'UTC'"))
                .containsExactly(
                        "5 2026-11-14 09:00:00 2026-11-14 09:02:40",
                        "3 2026-11-14 10:00:00 2026-11-14 10:01:20");
        assertThat(new TreeSet<>(raw("bug-05", "ip_network")))
                .containsExactly("2001:db8::/48", "203.0.0.0/16");
        assertThat(raw("bug-05", "raw_events"))
                .hasSize(8)
                .allSatisfy(row -> assertThat(row).doesNotContain("203.0.113", "::7", ":0:7"));
    }

    private static List<String> raw(String tenant, String columns) throws Exception {
        return cases.rows(
                "raw.site_tracking_events_r AS raw_events", tenant, columns, "event_timestamp");
    }

    /** 06: midnights that are there twice, or not at all. */
    @Test
    void beginsADayAtItsFirstMidnight() throws Exception {
        assertDay("Atlantic/Azores", "2026-10-25", "2026-10-25T00:00:00Z", "2026-10-26T01:00:00Z");
        assertDay("America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z");
        assertDay("Africa/Cairo", "2026-10-29", "2026-10-28T21:00:00Z", "2026-10-29T22:00:00Z");
        assertDay("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
        String azores = "'from': '2026-10-25', 'to': '2026-10-25', 'timezone': 'Atlantic/Azores'";
        assertThat(cases.analytics("bug-06", azores).path("visits").asInt()).isEqualTo(3);

        String havana = "'from': '2026-%s', 'to': '2026-11-01', 'timezone': 'America/Havana'";
        JsonNode days =
                cases.analytics("bug-06", havana.formatted("10-31") + ", 'interval': 'day'");
        assertThat(days.path("to").asText()).isEqualTo("2026-11-02T05:00:00Z");
        assertThat(PlayedCases.series(days))
                .containsExactly("2026-10-31T04:00:00Z 1", "2026-11-01T04:00:00Z 5");
        JsonNode compared =
                cases.analytics("bug-06", havana.formatted("11-01") + ", 'compare': true");
        assertThat(compared.path("visits").asInt()).isEqualTo(5);
        JsonNode previous = compared.path("previous");
        assertThat(previous.path("from").asText()).isEqualTo("2026-10-31T04:00:00Z");
        assertThat(previous.path("to").asText()).isEqualTo("2026-11-01T04:00:00Z");
        assertThat(previous.path("visits").asInt()).isEqualTo(1);
    }

    /** In every function that knows days, also where nothing happened. */
    private static void assertDay(String zone, String day, String from, String to)
            throws Exception {
        String options = "'from': '%s', 'to': '%s', 'timezone': '%s'".formatted(day, day, zone);
        for (String function :
                List.of("get_session_analytics", "get_retention", "get_events", "get_items")) {
            JsonNode answer = cases.ask(function, "bug-06", options);
            assertThat(answer.path("from").asText()).as(function + zone).isEqualTo(from);
            assertThat(answer.path("to").asText()).as(function + zone).isEqualTo(to);
        }
    }

    @Test
    void labelsTheHourThatIsThereTwiceTwice() throws Exception {
        JsonNode hours =
                cases.analytics(
                        "bug-06",
                        "'from': '2026-11-01', 'to': '2026-11-01', 'timezone': 'America/Havana',"
                                + " 'interval': 'hour'");
        List<String> labels = new ArrayList<>();
        hours.path("series").forEach(hour -> labels.add(hour.path("label").asText()));
        assertThat(labels)
                .hasSize(25)
                .startsWith("2026-11-01T00:00", "2026-11-01T00:00", "2026-11-01T01:00")
                .endsWith("2026-11-01T23:00");
        assertThat(PlayedCases.series(hours))
                .startsWith(
                        "2026-11-01T04:00:00Z 2",
                        "2026-11-01T05:00:00Z 2",
                        "2026-11-01T06:00:00Z 1",
                        "2026-11-01T07:00:00Z 0");
    }

    @Test
    void cohortsAndEventsHaveTheBordersOfTheDay() throws Exception {
        String havana = "'from': '2026-10-31', 'to': '2026-11-01', 'timezone': 'America/Havana'";
        assertThat(cases.cohorts("bug-06", havana + ", 'interval': 'day'"))
                .containsExactly("2026-10-31T04:00:00Z 1 [1,0]", "2026-11-01T04:00:00Z 5 [5]");
        assertThat(cases.ask("get_events", "bug-06", havana).path("events")).hasSize(6);
        String azores = "'from': '2026-10-25', 'to': '2026-10-25', 'timezone': 'Atlantic/Azores'";
        assertThat(cases.cohorts("bug-06", azores + ", 'interval': 'day'"))
                .containsExactly("2026-10-25T00:00:00Z 3 [3]");
        assertThat(cases.ask("get_events", "bug-06", azores).path("events")).hasSize(3);
    }

    /** 07: referrers of search engines' and shops' other services. */
    @Test
    void knowsSignInPagesFromSearch() throws Exception {
        assertThat(cases.breakdown("bug-07", "channels"))
                .isEqualTo(Map.of("organic_search", 3, "email", 1, "referral", 7));
        assertThat(cases.events("bug-07", "channel, referrer_host"))
                .filteredOn(event -> !event.startsWith("referral"))
                .containsExactlyInAnyOrder(
                        "organic_search google.com",
                        "organic_search yandex.ru",
                        "organic_search ya.ru",
                        "email mail.google.com");
    }

    /** 09: a server's and an app's events, whose agent is an HTTP library. */
    @Test
    void takesAnHttpLibraryWithAVisitorForAClient() throws Exception {
        cases.assertMetrics(
                "bug-09", "{'visits': 2, 'visitors': 2, 'conversions': 2, 'revenue': {'EUR': 50}}");
        cases.assertItems(
                "bug-09",
                "[{'value': 'sku-1', 'purchases': 1, 'quantity': 2, 'revenue': {'EUR': 30}},"
                        + " {'value': 'sku-2', 'purchases': 1, 'quantity': 1, 'revenue': {'EUR': 20}}]");
        assertThat(cases.metrics("bug-09", ", 'include_bots': true").path("visits").asInt())
                .isEqualTo(3);
        assertThat(cases.events("bug-09", "transaction_id, is_bot, validation_codes"))
                .contains("o-901 f", "o-902 f");
    }

    /** 10: article numbers that pass a card's check digit. */
    @Test
    void takesAnArticleNumberForNoCard() throws Exception {
        assertThat(cases.events("bug-10", "page_url, page_title"))
                .containsExactly(
                        "https://markt.example/p/4001230000378"
                                + " Espresso beans 1 kg | 4001230000378",
                        "https://markt.example/p/4017890000375-green-tea Green tea 4017890000375",
                        "https://markt.example/search?ean=4901770001852 EAN 4901770001852",
                        "https://markt.example/p/4001230000057 Honey 4001230000057",
                        "https://markt.example/pay?ref=[card] Card [card]");
        assertThat(
                        cases.rows(
                                "business.business_item_h",
                                "bug-10",
                                "business_item_bk",
                                "business_item_bk"))
                .containsExactly(
                        "4001230000057", "4001230000378", "4017890000375", "4901770001852");
    }

    /** 11: ß and the final sigma in names of hosts. */
    @Test
    void readsHostNamesAsBrowsersDo() throws Exception {
        Map<String, Integer> views = new HashMap<>();
        cases.events("bug-11", "page_url").forEach(url -> views.merge(url, 1, Integer::sum));
        assertThat(views)
                .isEqualTo(
                        Map.of(
                                "https://xn--strae-oqa.example/start", 2,
                                "https://strasse.example/start", 1,
                                "https://xn--nxasmm1c.example/a", 2,
                                "https://xn--strae-oqa.example/next", 1));
        assertThat(cases.events("bug-11", "channel")).last().isEqualTo("internal");
    }

    /** 13: one-time tokens of challenges and search engines' click ids. */
    @Test
    void takesOnePageWithTokensForOnePage() throws Exception {
        assertThat(new TreeSet<>(cases.events("bug-13", "page_url")))
                .containsExactly("https://blog.example/post-1");
        assertThat(cases.breakdown("bug-13", "entry_pages"))
                .isEqualTo(Map.of("https://blog.example/post-1", 7));
        assertThat(cases.metrics("bug-13", ", 'breakdowns': ['top_pages']").path("top_pages"))
                .singleElement()
                .satisfies(page -> assertThat(page.path("pageviews").asInt()).isEqualTo(7));
        assertThat(cases.events("bug-13", "channel").get(1)).isEqualTo("internal");
    }

    /** 14: channels as Google Analytics 4 groups them. */
    @Test
    void groupsChannelsAsOthersDo() throws Exception {
        assertThat(cases.sessions("bug-14", "client_session_id, channel"))
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
        assertThat(cases.sessions("bug-16", "client_session_id, channel, page_views"))
                .containsExactly(
                        "s-161 organic_search 2",
                        "s-161 internal 1",
                        "s-162 internal 1",
                        "s-163 internal 1");
        // The other three have none.
        assertThat(cases.breakdown("bug-16", "sources"))
                .isEqualTo(Map.of("google.com", 1, "null", 3));
    }

    /** 17: a visit without cookies over midnight UTC. */
    @Test
    void keepsACookielessVisitOverMidnight() throws Exception {
        cases.assertMetrics(
                "bug-17",
                "{'visits': 1, 'visitors': 1, 'pageviews': 4, 'conversions': 1, 'revenue': {'EUR': 5}}");
        assertThat(cases.sessions("bug-17", "entry_page_url, exit_page_url, channel"))
                .satisfiesExactly(
                        session ->
                                assertThat(session)
                                        .matches("https://[^ ]+/a https://[^ ]+/d organic_search"));
    }

    /** 18: a tracker of whole seconds. */
    @Test
    void takesStepsOfOneInstantInEitherOrder() throws Exception {
        assertThat(
                        cases.funnel(
                                "bug-18",
                                "[{'page_url': 'https://shop.example/cart', 'evt_type':"
                                        + " 'page_view'}, {'evt_type': 'begin_checkout'}]"))
                .containsExactly("8", "8");
        assertThat(cases.sessions("bug-18", "client_session_id, entry_page_url, exit_page_url"))
                .filteredOn(session -> session.startsWith("s-19"))
                .hasSize(4)
                .allSatisfy(
                        session -> {
                            String[] pages = session.split(" ");
                            assertThat(pages[1]).isNotEqualTo(pages[2]);
                        });
    }

    /** The api lists events in the order in which sessions take them. */
    @Test
    void listsEventsInTheOrderOfSessions() throws Exception {
        List<String> listed = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page =
                    cases.ask(
                            "get_events",
                            "bug-18",
                            "'from': '2026-10-01', 'to': '2026-11-30', 'limit': 1" + cursor);
            page.path("events").forEach(event -> listed.add(0, event.path("event_id").asText()));
            JsonNode next = page.path("next_cursor");
            cursor = next.isTextual() ? ", 'cursor': " + next : null;
        } while (cursor != null);

        assertThat(listed)
                .isEqualTo(
                        cases.rows(
                                "business.site_event_h JOIN business.site_event_details_s"
                                        + " USING (tenant_hk, event_timestamp, event_hk)",
                                "bug-18",
                                "event_bk",
                                "event_timestamp, sequence NULLS FIRST, event_bk COLLATE \"C\""));
    }

    /** 24: returns. */
    @Test
    void countsRefundsApart() throws Exception {
        cases.assertMetrics(
                "bug-24",
                "{'conversions': 1, 'revenue': {'EUR': 120}, 'refunds': {'EUR': 187.90}}");
        cases.assertItems(
                "bug-24",
                "[{'value': 'lamp', 'purchases': 1, 'quantity': 3, 'revenue': {'EUR': 120},"
                        + " 'refunded_quantity': 1, 'refunds': {'EUR': 33.95}}]");
        assertThat(cases.rejected("bug-24"))
                .hasSize(2)
                .allSatisfy(why -> assertThat(why).startsWith("WRONG_TYPE value"));
        assertThat(cases.ledger("bug-24"))
                .containsExactly("ACCEPTED 5", "RECEIVED 7", "REJECTED 2");
    }

    /** 26: a login in the middle of a session. */
    @Test
    void keepsASessionOverALogin() throws Exception {
        cases.assertMetrics("bug-26", "{'visits': 6, 'visitors': 6, 'pageviews': 9}");
        assertThat(cases.sessions("bug-26", "client_session_id, total_events"))
                .containsExactly("s-270 3", "2", "1", "1", "s-273 2", "s-274 1");
        assertThat(
                        cases.rows(
                                "business.event_session_current_v",
                                "bug-26",
                                "encode(event_hk, 'hex')",
                                "event_hk"))
                .hasSize(10)
                .doesNotHaveDuplicates();
    }

    /** 29: orders that are told of again, and currencies. */
    @Test
    void countsAnOrderOnce() throws Exception {
        cases.assertMetrics(
                "bug-29",
                "{'conversions': 5, 'revenue': {'JPY': 12000, 'KWD': 12.345, 'BTC': 0.5, 'EUR': 10}}");
        assertThat(
                        cases.sessions(
                                "bug-29",
                                "client_session_id, (session_start AT TIME ZONE 'UTC')::date,"
                                        + " conversions, revenue ->> 'JPY'"))
                .containsExactly(
                        "s-300 2026-11-20 1 12000", "s-301 2026-11-21 0", "s-302 2026-11-22 4");
        cases.assertItems(
                "bug-29",
                "[{'value': 'fan', 'purchases': 1, 'quantity': 2, 'revenue': {'JPY': 12000}}]");
        assertThat(cases.rejected("bug-29"))
                .hasSize(2)
                .allSatisfy(why -> assertThat(why).startsWith("OUT_OF_RANGE currency"));
        assertThat(cases.ledger("bug-29")).contains("RECEIVED 12", "REJECTED 2");
    }

    /** 30: cohorts in a zone ahead of UTC. */
    @Test
    void cutsCohortsByTheClockOfTheZone() throws Exception {
        String period =
                "'from': '2026-10-26', 'to': '2026-11-15', 'timezone': 'Asia/Shanghai',"
                        + " 'interval': '%s'";
        assertThat(cases.cohorts("bug-30", period.formatted("week")))
                .containsExactly(
                        "2026-10-25T16:00:00Z 1 [1,1,1]",
                        "2026-11-01T16:00:00Z 2 [2,1]",
                        "2026-11-08T16:00:00Z 1 [1]");
        assertThat(PlayedCases.series(cases.analytics("bug-30", period.formatted("week"))))
                .containsExactly(
                        "2026-10-25T16:00:00Z 1",
                        "2026-11-01T16:00:00Z 4",
                        "2026-11-08T16:00:00Z 3");
        List<String> days = cases.cohorts("bug-30", period.formatted("day"));
        assertThat(days).hasSize(21);
        assertThat(days)
                .filteredOn(day -> !day.contains("Z 0 "))
                .extracting(day -> day.substring(0, day.indexOf(" [")))
                .containsExactly(
                        "2026-10-31T16:00:00Z 1",
                        "2026-11-01T16:00:00Z 1",
                        "2026-11-02T16:00:00Z 1",
                        "2026-11-08T16:00:00Z 1");
    }

    /** 31: names of tenants and sessions with the mark that joins keys elsewhere. */
    @Test
    void keepsTenantsApartWhateverTheirNames() throws Exception {
        assertThat(cases.sessions("a", "client_session_id, conversions")).containsExactly("b|s 0");
        assertThat(cases.sessions("a|b", "client_session_id, conversions, revenue"))
                .containsExactly("s 1 {\"EUR\": 5}");
    }
}
