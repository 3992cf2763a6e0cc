package io.onevault.tracking.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the dashboard's address tells, so that a reload and whoever is given it see the same. */
@ExtendWith(Chromium.class)
final class DashboardAddressTest {

    private static final String DAY = "from=2026-03-01&to=2026-03-01";

    @Test
    void whatIsOddInAnAddressIsAsAtFirst(Site site) {
        AnsweredDashboard dashboard = new AnsweredDashboard(site.context());
        Page page = dashboard.open("from=2026-13-45&to=2026-99-99&filters={\"visitor\":null}");
        assertThat(page.locator(".chip").innerText()).isEqualTo("Visitor (none)");
        assertThat(page.locator("[aria-label=Period]").inputValue()).isEqualTo("30d");

        String steps = "steps=[{\"evt_type\":\"a\"},{\"item_id\":\"b\"}]";
        Object odd =
                page.evaluate(
                        """
                        async (addresses) => {
                          const {read, write} = await import('./state.js');
                          return addresses.map((address) => decodeURIComponent(write(read(address))));
                        }""",
                        List.of(
                                "from=2026-02-30&to=2026-03-01",
                                "filters={\"visitor\":[5]}",
                                "filters={\"visitor\":{}}",
                                "filters={\"visitor\":[]}",
                                "filters=[null]",
                                "interval=eon&cohort=eon&window=1.5",
                                "step=1",
                                "tabs=channels,eon&type=+",
                                "property=size",
                                "all=eon&control=b&visit=a",
                                "all=property:",
                                "steps=[1,2]&step=1",
                                "steps=[{},{}]",
                                steps + "&step=3",
                                steps + "&step=1.5",
                                steps + "&step=1&outcome=left"));

        assertThat((List<?>) odd)
                .hasSize(16)
                .allMatch(kept -> List.of("/dashboard/", "?" + steps).contains(kept));
        page = dashboard.open("view=sessions&" + steps + "&step=2&outcome=left");
        assertThat(page.locator("h2").innerText())
                .isEqualTo("Visits that took 1. A, but never 2. b");
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void aPeriodWithoutALastDayGoesOnUntilToday(Site site) {
        AnsweredDashboard dashboard = new AnsweredDashboard(site.context());
        Page page = dashboard.page();
        for (String[] days :
                List.of(
                        new String[] {"2027-11-30", "2026-11-20", "20 Nov 2026 – 30 Nov 2027"},
                        new String[] {"2040-11-30", "2026-11-20", "20 Nov 2026 – 23 Nov 2029"},
                        new String[] {"2026-11-19", "2026-11-20", "20 Nov 2026"})) {
            page.clock().setFixedTime(days[0] + "T12:00:00Z");
            dashboard.open("from=" + days[1]);

            assertThat(page.locator("[aria-label=Period]").getAttribute("title"))
                    .as("as far as the api goes")
                    .isEqualTo(days[2] + ", days of Europe/Berlin");
            assertThat(page.url()).endsWith("?from=2026-11-20");
            page.locator("nav a:text-is('Visits')").click();
            assertThat(page.url()).endsWith("?view=sessions&from=2026-11-20");
            dashboard.settle();
        }
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void tabsAreInTheAddress(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer(
                                "/read/items",
                                "{\"groups\": [{\"value\": \"Alpina\", \"events\": 1}]}");
        Page page = dashboard.open(DAY);
        for (String tab : List.of("Campaigns", "Sources", "Brands", "Exit", "Top")) {
            page.locator("[role=tab]:text-is('" + tab + "')").click();
        }

        assertThat(page.url()).endsWith("?" + DAY + "&tabs=sources%2Citem_brands");
        assertThat(page.locator("nav a:text-is('Live')").getAttribute("href"))
                .as("for another browser tab")
                .isEqualTo("?view=live&" + DAY + "&tabs=sources%2Citem_brands");
        page.reload();
        dashboard.settle();
        assertThat(chosen(page)).containsExactly("Sources", "Top", "Devices", "Brands", "Goals");
        assertThat(page.locator(".panel[aria-label=Items]").innerText()).contains("Alpina");

        page.selectOption("[aria-label=Period]", "7d");
        dashboard.settle();
        assertThat(page.url()).contains("period=7d").contains("tabs=sources%2Citem_brands");
        page.locator("[role=tab]:text-is('Campaigns')").click();
        page.locator("[role=tab]:text-is('Categories')").click();
        page.goBack();
        page.locator("[aria-selected=true]:text-is('Brands')").waitFor();
        dashboard.settle();
        assertThat(chosen(page)).contains("Sources", "Brands");
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void thePropertyOfWhichAPanelShowsTheValuesIsInTheAddress(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer(
                                "&property=a+size",
                                "{\"properties\": [{\"value\": \"XL\", \"events\": 1}]}")
                        .answer(
                                "%22properties%22%2C",
                                """
                                {"goals": [], "properties": [{"value": "a size", "events": 1}],
                                 "visitor_kinds": [], "robots": []}""");
        Page page = dashboard.open(DAY);
        page.locator("[role=tab]:text-is('Properties')").click();
        page.locator("button.row:has-text('a size')").click();
        Locator value = page.locator("button.row:has-text('XL')");
        value.waitFor();
        assertThat(page.evaluate("document.activeElement.textContent"))
                .as("has the focus")
                .isEqualTo("All properties");

        assertThat(page.url()).endsWith("?" + DAY + "&tabs=properties&property=a+size");
        page.reload();
        dashboard.settle();
        value.click();
        page.locator(".chip:has-text('a size: XL')").waitFor();
        dashboard.settle();
        page.locator("button:text-is('All properties')").click();
        assertThat(page.locator("button.row:has-text('a size')").count()).isOne();
        assertThat(page.url()).contains("tabs=properties").doesNotContain("property=");
        assertThat(dashboard.complaints()).isEmpty();
    }

    /** Panels are pale until their answers are there, and can be used. */
    @Test
    void tabsThatAreChosenWhileFiguresAreOnTheirWayAreInTheAddress(Site site) {
        AnsweredDashboard dashboard = new AnsweredDashboard(site.context());
        Page page = dashboard.open(DAY);
        List<Route> held = new ArrayList<>();
        page.route(url -> url.contains("/read/analytics"), held::add);
        page.locator("button.row:has-text('Direct')").click();
        page.locator(".chip").waitFor();
        page.locator("[role=tab]:text-is('Campaigns')").click();
        page.locator("[role=tab]:text-is('Exit')").click();

        assertThat(page.url()).endsWith("&tabs=campaigns%2Cexit_pages");
        page.unrouteAll();
        held.forEach(Route::abort);
    }

    @Test
    void theTypeOfEventsIsInTheAddress(Site site) {
        String one =
                "{\"events\": [{\"evt_type\": \"%s\", \"event_timestamp\":"
                        + " \"2026-03-01T09:00:00Z\"}]}";
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer("/read/events", one.formatted("page_view"))
                        .answer("evt_type=sign_up", one.formatted("sign_up"))
                        .answer(
                                "%22event_types%22%5D",
                                """
                                {"event_types": [{"value": "page_view"}, {"value": "sign_up"}]}""");
        Page page = dashboard.open("view=events&" + DAY);
        Locator type = page.locator("[aria-label='Event type']");
        type.focus();
        page.locator("datalist option").nth(1).waitFor(AnsweredDashboard.THERE);
        assertThat(
                        page.evaluate(
                                "[...document.querySelectorAll('#types option')].map(({value}) => value)"))
                .isEqualTo(List.of("page_view", "sign_up"));
        type.fill(" sign_up ");
        type.blur();
        page.locator("tbody :text-is('Sign up')").waitFor();

        assertThat(page.url()).endsWith("&type=sign_up");
        page.reload();
        dashboard.settle();
        assertThat(type.inputValue()).isEqualTo("sign_up");
        assertThat(page.locator("tbody").innerText()).contains("Sign up");
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void anOpenVisitIsInTheAddressUntilTheWayBackClosesIt(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer("/read/sessions", visits("one", "two"))
                        .answer("/read/events", "{\"events\": []}");
        Page page = dashboard.open("view=sessions&" + DAY);
        String closed = page.url();
        page.locator("button.visit").first().click();
        page.locator(".visit-events ol").waitFor(AnsweredDashboard.THERE);

        assertThat(page.url()).isEqualTo(closed + "&visit=one");
        page.reload();
        dashboard.settle();
        assertThat(open(page)).containsExactly("true", "false");
        page.goBack();
        page.locator("[aria-expanded=true]").waitFor(AnsweredDashboard.GONE);
        assertThat(page.url()).isEqualTo(closed);
        page.goForward();
        page.locator("[aria-expanded=true]").waitFor();
        Object entries = page.evaluate("history.length");
        for (int time = 0; time < 3; time++) {
            page.locator("button.visit").first().click();
            assertThat(page.url()).isEqualTo(closed);
            page.locator("button.visit").first().click();
        }
        assertThat(page.evaluate("history.length")).isEqualTo(entries);
        page.locator("button.visit").last().click();
        assertThat(page.url()).isEqualTo(closed + "&visit=one&visit=two");
        page.locator("nav a:text-is('Live')").click();
        assertThat(page.url()).doesNotContain("visit=");
        assertThat(dashboard.complaints()).isEmpty();
    }

    /** It may be further down the list, or of another period. */
    @Test
    void anOpenVisitNeedNotBeAmongTheFirst(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer("/read/sessions", visits("one"))
                        .answer("%22session%22%3A%5B%22old%22%2C%22gone%22%5D", visits("old"))
                        .answer("/read/events", "{\"events\": []}");
        Page page = dashboard.open("view=sessions&visit=old&visit=gone");

        assertThat(open(page)).containsExactly("true", "false");
        assertThat(page.locator("main .notice").innerText()).contains("none of this period");
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void anOpenListIsInTheAddressUntilTheWayBackClosesIt(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer(
                                "breakdowns=%5B%22channels%22%5D",
                                "{\"channels\": [{\"value\": \"direct\", \"visits\": 3}]}");
        Page page = dashboard.open(DAY);
        String closed = page.url();
        Locator row = page.locator("dialog button.link:text-is('Direct')");
        page.locator("[aria-label='All of sources']").click();
        row.waitFor();

        assertThat(page.url()).isEqualTo(closed + "&all=channels");
        page.reload();
        row.waitFor();
        page.goBack();
        page.locator("dialog").waitFor(AnsweredDashboard.GONE);
        assertThat(page.url()).isEqualTo(closed);
        page.goForward();
        row.click();
        page.locator("dialog").waitFor(AnsweredDashboard.GONE);
        page.locator(".chip:has-text('Channel: Direct')").waitFor();
        page.goBack();
        row.waitFor();
        assertThat(page.locator(".chip").count()).isZero();
        page.keyboard().press("Escape");
        page.locator("dialog").waitFor(AnsweredDashboard.GONE);
        page.waitForURL(closed);
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void anExperimentAndItsControlAreInTheAddress(Site site) {
        String answer =
                "{\"variants\": [{\"variant\": \"%s\", \"visitors\": 1},"
                        + " {\"variant\": \"%s\", \"visitors\": 2}]}";
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer(
                                "%22experiments%22",
                                """
                                {"experiments": [{"value": "check:a", "experiment": "check", "variant": "a"}],
                                 "visitor_kinds": [], "robots": []}""")
                        .answer("/read/experiment?", answer.formatted("a", "b"))
                        .answer("experiment=check&control=b", answer.formatted("b", "a"));
        Page page = dashboard.open(DAY);
        page.locator("button:text-is('Compare the variants of check')").click();
        page.selectOption("[aria-label=Control]", "b");
        page.locator("dialog tbody tr:first-child th:text-is('b')").waitFor();

        assertThat(page.url()).endsWith("&experiment=check&control=b");
        page.reload();
        page.locator("dialog tbody tr:first-child th:text-is('b')").waitFor();
        assertThat(page.inputValue("[aria-label=Control]")).isEqualTo("b");
        page.goBack();
        page.locator("dialog").waitFor(AnsweredDashboard.GONE);
        assertThat(dashboard.complaints()).isEmpty();
    }

    private static String visits(String... ids) {
        return Arrays.stream(ids)
                .map(
                        id ->
                                "{\"session\": \"%s\", \"from\": \"2026-03-01T09:00:00Z\","
                                                .formatted(id)
                                        + " \"to\": \"2026-03-01T09:10:00Z\", \"status\": \"CLOSED\"}")
                .collect(Collectors.joining(", ", "{\"sessions\": [", "]}"));
    }

    /** Of each visit on the page whether its events are shown. */
    private static List<String> open(Page page) {
        return page.locator("button.visit").all().stream()
                .map(visit -> visit.getAttribute("aria-expanded"))
                .toList();
    }

    private static List<String> chosen(Page page) {
        return page.locator("[role=tab][aria-selected=true]:visible").allInnerTexts();
    }
}
