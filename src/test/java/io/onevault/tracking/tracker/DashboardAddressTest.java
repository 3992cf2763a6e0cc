package io.onevault.tracking.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.util.ArrayList;
import java.util.List;
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
                                "steps=[1,2]&step=1",
                                "steps=[{},{}]",
                                steps + "&step=3",
                                steps + "&step=1.5",
                                steps + "&step=1&outcome=left"));

        assertThat((List<?>) odd)
                .hasSize(14)
                .allMatch(kept -> List.of("/dashboard/", "?" + steps).contains(kept));
        page = dashboard.open("view=sessions&" + steps + "&step=2&outcome=left");
        assertThat(page.locator("h2").innerText())
                .isEqualTo("Visits that took 1. A, but never 2. b");
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

    private static List<String> chosen(Page page) {
        return page.locator("[role=tab][aria-selected=true]:visible").allInnerTexts();
    }
}
