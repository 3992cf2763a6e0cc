package io.onevault.tracking.tracker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The dashboard's panels of what figures are broken down by. */
@ExtendWith(Chromium.class)
final class DashboardPanelsTest {

    private static final String DAY = "from=2026-03-01&to=2026-03-01";

    private static final String LINK =
            """
            {"tenant": "acme", "timezone": "Europe/Berlin", "may": [], "link": {"filters": {}}}""";

    private static final String NAMED_ITEM =
            """
            {"visits": 3, "interval": "day", "series": [], "visitor_kinds": [], "robots": [],
             "items": [{"value": "sku-1", "name": "Red shoe", "events": 2}],
             "named_goals": [{"value": "Big", "events": 1, "visits": 1}]}""";

    /** A link is answered 403 by the doors that are not for links. */
    @Test
    void everyTabOfALinkCanBeOpened(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer("/read/site", LINK)
                        .refuse("/read/items", 403);
        Page page = dashboard.open(DAY, "sl_a");
        int panels = page.locator(".panel:visible").count();

        for (Locator tab : page.locator("[role=tab]").all()) {
            tab.click();
        }

        dashboard.settle();
        assertThat(page.locator(".notice").allInnerTexts()).isEmpty();
        assertThat(page.locator(".panel:visible").count()).isEqualTo(panels).isGreaterThan(4);
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void aLinkAfterAKeyShowsATabThatItHas(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context()).answer("/read/items", "{\"groups\": []}");
        Page page = dashboard.open(DAY);
        page.locator("[role=tab]:text-is('Brands')").click();
        dashboard.answer("/read/site", LINK);
        page.evaluate("location.hash = 'key=sl_a'");
        page.locator("button:text-is('Use the key of the link')").click();

        page.waitForFunction("document.querySelectorAll('nav a').length === 4");
        dashboard.settle();
        assertThat(page.locator(".panel[aria-label=Items]").innerText()).contains("sku-1");
        assertThat(dashboard.complaints()).isEmpty();
    }

    /** Whether it holds the row among others, or a text that begins like it. */
    @Test
    void aClickOnARowFiltersByItWhateverTheFilterWas(Site site) {
        AnsweredDashboard dashboard = new AnsweredDashboard(site.context());
        for (String filter : List.of("[\"direct\",\"email\"]", "\"direct-mail\"")) {
            Page page = dashboard.open(DAY + "&filters={\"channel\":" + filter + "}");
            page.locator("button.row:has-text('Direct')").click();

            dashboard.settle();
            assertThat(page.locator(".chip").allInnerTexts()).containsExactly("Channel: Direct");
        }
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void allGoalsByNameAreCalledSo(Site site) {
        Page page =
                new AnsweredDashboard(site.context())
                        .answer(
                                "%22named_goals%22",
                                """
                                {"named_goals": [{"value": "Big", "events": 1, "visits": 1}],
                                 "visitor_kinds": [], "robots": []}""")
                        .open(DAY);
        page.locator("[aria-label='All of goals by name']").click();

        assertThat(page.locator("dialog h2").innerText()).startsWith("Goals by name, ");
    }

    /** Experiments and variants may have any name. */
    @Test
    void anExperimentHasItsWholeName(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer(
                                "%22experiments%22",
                                """
                                {"experiments": [
                                   {"value": "check:out:b", "experiment": "check:out", "variant": "b"},
                                   {"value": "check:in", "experiment": "check", "variant": "in"}],
                                 "visitor_kinds": [], "robots": []}""")
                        .answer(
                                "/read/experiment?",
                                "{\"variants\": [{\"variant\": \"in\", \"visitors\": 1}]}")
                        .answer(
                                "experiment=check%3Aout",
                                "{\"variants\": [{\"variant\": \"b\", \"visitors\": 1}]}");
        Page page = dashboard.open(DAY);
        page.locator("button:text-is('Compare the variants of check')").waitFor();
        page.locator("button:text-is('Compare the variants of check:out')").click();

        assertThat(page.locator("dialog h2").innerText()).startsWith("Experiment check:out, ");
        page.locator("dialog tbody th:text-is('b')").waitFor();
        assertThat(dashboard.complaints()).isEmpty();
    }

    /** By an id alone nobody knows a thing again. */
    @Test
    void theFileOfItemsHasTheirNames(Site site) throws IOException {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer(
                                "breakdowns=%5B%22items%22%5D",
                                """
                                {"items": [
                                  {"value": "sku-1", "name": "Red shoe", "events": 2,
                                   "revenue": {"EUR": 771.2}, "refunds": {}},
                                  {"value": "sku-2", "events": 1, "revenue": {"EUR": 1, "CHF": 5}}]}""")
                        .answer(
                                "%22channels%22%5D",
                                "{\"channels\": [{\"value\": \"direct\", \"visits\": 3}]}");
        Page page = dashboard.open(DAY);

        assertThat(file(page, "items"))
                .isEqualTo(
                        "Item,Name,Events,Purchases,Pieces,Revenue CHF,Revenue EUR,Refunds\r\n"
                                + "sku-1,Red shoe,2,,,,771.2,\r\n"
                                + "sku-2,,1,,,5,1,\r\n");
        assertThat(file(page, "sources")).contains("Channel,Visits,").contains("direct,3,");
    }

    /** By an id alone nobody knows a thing again, neither on a chip. */
    @Test
    void theChipOfAnItemHasItsName(Site site) {
        String filter = "{\"item\": [\"sku-1\"]}";
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer(
                                "&item_id=sku-1",
                                """
                                {"items": [{"item_id": "sku-1", "item_name": "Red shoe"}]}""");
        Page page = dashboard.open("view=sessions&filters=" + filter);
        Locator chip = page.locator(".chip[title=sku-1]");
        page.locator(".chip:has-text('Item: Red shoe')").waitFor();
        assertThat(chip.getAttribute("aria-label")).isEqualTo("Remove the filter Item: Red shoe");

        // a link may ask for no item, but its figures tell of them
        dashboard
                .answer("/read/site", LINK.replace("\"filters\": {}", "\"filters\": " + filter))
                .answer("/read/analytics", NAMED_ITEM)
                .refuse("/read/items", 403);
        page.locator("[aria-label='Sign out']").click();
        dashboard.open(DAY, "sl_a");
        page.locator(".chip.locked:has-text('Item: Red shoe')").waitFor();
        assertThat(chip.getAttribute("title")).isEqualTo("sku-1");
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void rowsOfItemsGoalsAndSpeedFilter(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer("/read/analytics", NAMED_ITEM)
                        .answer(
                                "/read/vitals",
                                """
                                {"measures": {}, "rows": [{"value": "https://a.example/b",
                                  "lcp": {"p75": 900, "rating": "good", "good": 1, "views": 3}}]}""");
        List<String> asked = new ArrayList<>();
        dashboard.page().onRequest(request -> asked.add(request.url()));
        Page page = dashboard.open(DAY + "&filters={\"device\":\"tv\"}");
        Locator speed = page.locator("[aria-label=Speed]");
        assertThat(speed.innerText()).contains("of the page views.");
        page.locator(".chip").click();
        dashboard.settle();
        page.locator("[aria-label='Goals by name'] button.row:has-text('Big')").click();
        page.locator(".chip:has-text('Goal by name: Big')").waitFor();
        dashboard.settle();
        assertThat(speed.innerText()).contains("of the page views, whatever the filters.");
        speed.locator("button:text-is('/b')").click();
        page.locator(".chip:has-text('Page: a.example/b')").waitFor();
        dashboard.settle();
        assertThat(speed.innerText()).contains("of the page views, whatever the other filters.");
        String day = DAY + "&timezone=Europe%2FBerlin&";
        assertThat(asked.stream().filter(url -> url.contains("/read/vitals?")))
                .extracting(url -> url.substring(url.indexOf('?') + 1))
                .containsExactly(
                        day + "device=tv&limit=9",
                        day + "limit=9",
                        day + "limit=9",
                        day + "page_url=https%3A%2F%2Fa.example%2Fb&limit=9");
        page.locator("[aria-label=Items] button.row:has-text('Red shoe')").click();
        page.locator(".chip:has-text('Item: Red shoe')").waitFor();
        dashboard.settle();

        assertThat(URLDecoder.decode(page.url(), UTF_8))
                .endsWith(
                        "filters={\"goal\":[\"Big\"],\"page\":[\"https://a.example/b\"],"
                                + "\"item\":[\"sku-1\"]}");
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void theBarsOfAFunnelHaveACursor(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer(
                                "/read/funnel",
                                """
                                {"conversion_rate": 0.25, "steps": [
                                  {"evt_type": "page_view", "visitors": 4, "rate_of_first": 1},
                                  {"evt_type": "search", "visitors": 2, "rate_of_first": 0.5, "rate_of_previous": 0.5},
                                  {"evt_type": "purchase", "visitors": 1, "rate_of_first": 0.25, "rate_of_previous": 0.5}]}""");
        Page page = dashboard.open("view=funnel");
        page.focus("[aria-label=Result] [aria-roledescription=chart]");
        Locator said = page.locator("#announce");
        Locator marked = page.locator(".funnel-steps .at");
        page.keyboard().press("ArrowDown");
        assertThat(said.textContent())
                .isEqualTo("1. Page view: 4 visitors, where the funnel begins");
        page.keyboard().press("ArrowRight");
        assertThat(said.textContent())
                .isEqualTo("2. Search: 2 visitors, 50% of the step before, 2 left");
        page.keyboard().press("End");
        assertThat(marked.innerText()).startsWith("3. Purchase");
        page.keyboard().press("ArrowUp");
        assertThat(marked.innerText()).startsWith("2. Search");
        page.keyboard().press("Tab");

        assertThat(marked.count()).isZero();
        page.keyboard().press("ArrowDown");
        assertThat(marked.count()).as("a button within has its own keys").isZero();
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void aStepOfAFunnelByItemHasItsName(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer(
                                "&item_id=sku-1",
                                """
                                {"items": [{"item_id": "sku-1", "item_name": "Red shoe"}]}""")
                        .answer(
                                "/read/funnel",
                                """
                                {"conversion_rate": 0.25, "steps": [
                                  {"evt_type": "page_view", "visitors": 4, "rate_of_first": 1},
                                  {"item_id": "sku-1", "visitors": 1, "rate_of_first": 0.25, "rate_of_previous": 0.25}]}""");
        Page page =
                dashboard.open(
                        "view=funnel&steps=[{\"evt_type\": \"page_view\"},{\"item_id\": \"sku-1\"}]");

        assertThat(page.locator(".stage-head .name").allInnerTexts())
                .containsExactly("1. Page view", "2. Red shoe");
        assertThat(page.locator(".stage-head .name").last().getAttribute("title"))
                .isEqualTo("sku-1");
        assertThat(dashboard.complaints()).isEmpty();
    }

    /** An address may ask for more of a step than its row has fields for. */
    @Test
    void aStepKeepsWhatItsRowDoesNotShow(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer("/read/funnel", "{\"steps\": [{\"visitors\": 0}]}");
        Page page =
                dashboard.open(
                        "view=funnel&steps=[{\"evt_type\":\"page_view\",\"page_url\":\"https://a.example/b\"},"
                                + "{\"evt_type\":\"purchase\"}]");
        Locator first = page.locator(".steps li").first();
        assertThat(first.locator(".muted").innerText()).isEqualTo("Page URL: https://a.example/b");
        assertThat(first.locator("option").count()).isEqualTo(2);
        first.locator("input").fill("search");
        page.locator("button:text-is('Count')").click();
        dashboard.settle();

        assertThat(URLDecoder.decode(page.url(), UTF_8))
                .contains("{\"page_url\":\"https://a.example/b\",\"evt_type\":\"search\"}");
        for (int step = 2; step < 10; step++) {
            page.locator("button:has-text('Step')").click();
        }
        assertThat(page.locator("button:has-text('Step')").isDisabled()).isTrue();
        assertThat(dashboard.complaints()).isEmpty();
    }

    /** Two items may have one name. */
    @Test
    void itemsOfOneNameCanBeToldApart(Site site) {
        Page page =
                new AnsweredDashboard(site.context())
                        .answer("/read/analytics", NAMED_ITEM)
                        .open(DAY);
        page.locator("[aria-label='All of items']").click();

        assertThat(page.locator("dialog button:text-is('Red shoe')").getAttribute("title"))
                .isEqualTo("sku-1");
    }

    @Test
    void allViewsTellThatRobotsAreCounted(Site site) {
        AnsweredDashboard dashboard = new AnsweredDashboard(site.context());
        Page page = dashboard.open("view=sessions&robots=1");
        assertThat(page.locator("[aria-label=Period]").getAttribute("title"))
                .endsWith(", days of Europe/Berlin");
        page.locator(".chip:has-text('With robots')").click();
        page.locator(".chip").waitFor(AnsweredDashboard.GONE);

        assertThat(page.url()).doesNotContain("robots");
        assertThat(dashboard.complaints()).isEmpty();
    }

    private static String file(Page page, String panel) throws IOException {
        page.locator("[aria-label='All of " + panel + "']").click();
        Download file =
                page.waitForDownload(() -> page.locator("dialog .button:has-text('CSV')").click());
        page.locator("dialog [aria-label=Close]").click();
        return Files.readString(file.path());
    }
}
