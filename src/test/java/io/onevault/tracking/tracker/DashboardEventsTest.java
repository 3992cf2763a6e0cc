package io.onevault.tracking.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

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
