package io.onevault.tracking.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the dashboard tells single events: in its list, in visits, and live. */
@ExtendWith(Chromium.class)
final class DashboardEventsTest {

    private static final String SOLD =
            """
            {"events": [{"evt_type": "purchase", "event_timestamp": "2026-03-01T09:00:00Z",
              "page_title": "Thank you", "value": 12.5, "currency": "EUR",
              "items": [{"item_id": "sku-1070", "item_name": "Red shoe"}, {"item_id": "sku-8"}]}]}""";

    @Test
    void theLiveViewAsksForAnotherKeyWhereOneIsWithdrawn(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context()).refuse("/read/realtime", 401);
        Page page = dashboard.open("view=live");

        page.locator(".login [role=alert]:has-text('does not count')").waitFor();
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void itemsHaveNamesWhereTheApiKnowsThem(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer("/read/events", SOLD)
                        .answer(
                                "/read/sessions",
                                """
                                {"sessions": [{"from": "2026-03-01T09:00:00Z", "to": "2026-03-01T09:10:00Z",
                                  "session": "s", "visitor": "vis_1", "status": "CLOSED"}]}""");
        dashboard.stream(
                "/read/realtime",
                """
                {"visitors_now": 1, "events": 1, "top_pages": [], "series": [],
                 "to": "2026-03-01T09:00:00Z"}""");
        for (String view : new String[] {"events", "sessions", "live"}) {
            Page page = dashboard.open("view=" + view);
            if (view.equals("sessions")) {
                page.locator("button.visit").click();
            }
            Locator items = page.locator("main [title='sku-1070, sku-8']");
            items.waitFor();
            assertThat(items.innerText()).as(view).startsWith("Red shoe, sku-8");
        }
        assertThat(dashboard.complaints()).isEmpty();
    }

    /** Of those who do not pass the filters nothing is told. */
    @Test
    void thatNobodyIsThereIsSaidOfThoseWhoPassTheFilters(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .stream(
                                        "/read/realtime",
                                        """
                                {"visitors_now": 0, "events": 0, "series": [], "to": "2026-03-01T09:00:00Z",
                                 "top_pages": []}""")
                                .answer("/read/events", "{\"events\": []}");
        dashboard.open("view=live").locator("[aria-label=Pages] .empty").waitFor();
        Page page = dashboard.open("view=live&filters={\"device\":[\"mobile\"]}");
        Locator told = page.locator("[aria-label=Pages] .empty");

        assertThat(told.innerText())
                .isEqualTo("Nobody who passes the filters was here in the last half hour.");
    }

    @Test
    void thePagesOfNowAreAFile(Site site) throws IOException {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .stream(
                                        "/read/realtime",
                                        """
                                {"visitors_now": 1, "events": 1, "series": [], "to": "2026-03-01T09:00:00Z",
                                 "top_pages": [{"value": "https://a.example/b", "pageviews": 2}]}""")
                                .answer("/read/events", "{\"events\": []}");
        Page page = dashboard.open("view=live");
        page.locator("button.row").waitFor();
        Download file =
                page.waitForDownload(
                        () -> page.locator("section[aria-label=Pages] [title=CSV]").click());

        assertThat(Files.readString(file.path()))
                .isEqualTo("Page,Page views\r\nhttps://a.example/b,2\r\n");
        assertThat(dashboard.complaints()).isEmpty();
    }

    /** And not only what is on the page, which is as much as one looks at. */
    @ParameterizedTest
    @CsvSource({"events, events", "sessions, visits"})
    void aFileHoldsAllThatPeriodAndFiltersDo(String door, String name, Site site)
            throws IOException {
        String row =
                "{\""
                        + door
                        + "\": [{\"session\": \"%s\", \"from\": \"2026-03-01T09:00:00Z\","
                        + " \"event_timestamp\": \"2026-03-01T09:00:00Z\"}]%s}";
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer(
                                "/read/" + door,
                                row.formatted("one", ", \"next_cursor\": \"page-2\""))
                        .answer("&cursor=page-2&limit=1000", row.formatted("two", ""))
                        .refuse("cursor=page-2", 503);
        List<String> asked = new ArrayList<>();
        dashboard.page().onRequest(request -> asked.add(request.url()));
        Page page =
                dashboard.open(
                        "view=" + door + "&type=a&filters={\"device\":[\"mobile\"]}&period=7d");
        page.locator("[aria-label='" + name + " as CSV']").click();
        Locator again = page.locator("main [role=alert] button:has-text('Again')");
        again.waitFor();
        dashboard.allow("cursor=page-2");
        Download file = page.waitForDownload(again::click);

        assertThat(Files.readAllLines(file.path()))
                .hasSize(3)
                .anyMatch(line -> line.contains(",one,"))
                .anyMatch(line -> line.contains(",two,"));
        assertThat(asked)
                .filteredOn(url -> url.contains("limit=1000"))
                .hasSize(4)
                .allMatch(url -> url.contains("&filters=%7B%22device%22"))
                .allMatch(url -> url.contains("evt_type=a") == door.equals("events"));
        assertThat(page.locator("main [role=alert]").count()).isZero();
        assertThat(dashboard.complaints()).isEmpty();
    }

    /** A browser holds no list without end, and nobody takes a part for all. */
    @Test
    void aFileThatIsCutTellsSo(Site site) throws IOException {
        String thousand =
                "{\"events\": ["
                        + String.join(",", Collections.nCopies(1_000, "{}"))
                        + "], \"next_cursor\": \"on-and-on\"}";
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer("/read/events", "{\"events\": []}")
                        .answer("Berlin&limit=1000", thousand)
                        .answer("&cursor=on-and-on&limit=1000", thousand);
        Page page = dashboard.open("view=events");
        Locator save = page.locator("[aria-label='events as CSV']");
        Download file = page.waitForDownload(save::click);

        assertThat(Files.readAllLines(file.path())).hasSize(100_001);
        assertThat(page.locator("main .notice").innerText())
                .contains("There are more")
                .contains("100,000 events");
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void aFileThatTakesTooLongIsStopped(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer("/read/events", "{\"events\": []}")
                        .answer(
                                "Berlin&limit=1000",
                                "{\"events\": [{}, {}], \"next_cursor\": \"page-2\"}");
        Page page = dashboard.open("view=events");
        List<Route> held = new ArrayList<>();
        List<Download> files = new ArrayList<>();
        page.onDownload(files::add);
        page.route(url -> url.contains("cursor=page-2"), held::add);
        page.locator("[aria-label='events as CSV']").click();
        page.locator("main p:has-text('2 events so far')").waitFor();
        page.waitForCondition(() -> held.size() == 1);
        page.locator("button:text-is('Stop')").click();
        held.get(0)
                .fulfill(
                        new Route.FulfillOptions()
                                .setContentType("application/json")
                                .setBody("{\"data\": {\"events\": [{}]}}"));

        page.locator("[aria-label='events as CSV']:not([disabled])").waitFor();
        assertThat(page.locator("button:text-is('Stop')").count()).isZero();
        assertThat(files).isEmpty();
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void theFileOfEventsHasTheirItems(Site site) throws IOException {
        Page page =
                new AnsweredDashboard(site.context())
                        .answer("/read/events", SOLD)
                        .open("view=events");
        Download file =
                page.waitForDownload(() -> page.locator("[aria-label='events as CSV']").click());

        assertThat(Files.readString(file.path()))
                .contains(",currency,items,properties")
                .contains("\"\"item_id\"\":\"\"sku-1070\"\",\"\"item_name\"\":\"\"Red shoe\"\"");
    }
}
