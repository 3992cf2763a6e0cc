package io.onevault.tracking.local;

import static io.onevault.tracking.local.Look.having;
import static io.onevault.tracking.local.Look.settle;
import static io.onevault.tracking.local.Look.tiles;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.ResultSet;
import java.util.List;

/**
 * An experiment on a site: who was shown which variant, and what the dashboard makes of it. Of 40
 * visitors each, 8 convert with one page and 24 with two; another one saw both.
 */
final class ShopExperiment {

    /** Of the sample's, the one that no other test counts today. */
    private static final String TENANT = "daily-lantern";

    private static final String ONE = "one page";
    private static final String TWO = "two pages";
    private static final int SHOWN = 40;

    private final ShopStack stack;
    private final ArrayNode events = new ObjectMapper().createArrayNode();

    ShopExperiment(ShopStack stack) {
        this.stack = stack;
    }

    void isComparedOnTheDashboard() throws Exception {
        String key = key();
        visit();
        send(key);
        try (Look look = stack.look(new Browser.NewContextOptions().setBypassCSP(true))) {
            Page page = look.open(stack.dashboard() + "?period=today#key=" + key);
            Locator panel = page.locator(".panel[aria-label=Experiments]:visible");
            JobRuns.await(
                    () -> {
                        page.reload();
                        page.locator(".foot p").first().waitFor();
                        return figures(panel).equals(List.of("41", "41"));
                    },
                    () -> figures(panel));
            assertThat(panel.locator("button.row .name").allInnerTexts())
                    .containsExactlyInAnyOrder("checkout:" + ONE, "checkout:" + TWO);

            panel.locator("button:text('Compare the variants of checkout')").click();
            assertThat(rows(page))
                    .containsExactly(
                            "one page 40 8 20% control –",
                            "two pages 40 24 60% +200%, better +20.4 to +59.6 points");
            assertThat(page.locator("dialog p.muted").innerText()).contains("1 saw several");
            DashboardFitness.assertFit(page, "experiment");
            DashboardFitness.picture(page, "experiment");
            keepsWhatTheApiTells(page);
            page.selectOption("dialog [aria-label=Control]", TWO);
            page.locator("dialog .verdict-of.worse").waitFor();
            assertThat(rows(page))
                    .containsExactly(
                            "two pages 40 24 60% control –",
                            "one page 40 8 20% −67%, worse −59.6 to −20.4 points");
            page.locator("[aria-label=Close]").click();

            panel.locator("button.row", new Locator.LocatorOptions().setHasText(TWO)).click();
            page.locator(".chip", having("Variant: checkout:" + TWO)).waitFor();
            settle(page);
            page.waitForCondition(() -> "41".equals(tiles(page).get("Visits")));
            assertThat(look.complaints()).isEmpty();
        }
    }

    private static List<String> figures(Locator panel) {
        return panel.locator("button.row .figure").allInnerTexts();
    }

    /** Without the money, whose sum is of no meaning here. */
    private static List<String> rows(Page page) {
        Locator row = page.locator("dialog tbody tr");
        row.first().waitFor();
        return row.allInnerTexts().stream()
                .map(text -> text.replaceAll("\\s+", " ").replaceFirst(" €\\S+$", ""))
                .toList();
    }

    private static void keepsWhatTheApiTells(Page page) throws Exception {
        Download file =
                page.waitForDownload(() -> page.locator("dialog button[title=CSV]").click());
        List<String> lines = Files.readAllLines(file.path());
        assertThat(lines.get(0)).startsWith("variant,visitors,converted,conversions,");
        assertThat(lines.get(2)).startsWith(TWO + ",40,24,24,0.6,0.4,2,").endsWith(",0.204,0.596");
    }

    private String key() throws Exception {
        try (Connection connection = stack.connect();
                ResultSet row =
                        connection
                                .createStatement()
                                .executeQuery(
                                        "SELECT auth.site_tracking_make_key('"
                                                + TENANT
                                                + "', 'experiment', '{read, write}')")) {
            row.next();
            return row.getString(1);
        }
    }

    private void visit() {
        for (int i = 0; i < SHOWN; i++) {
            show(ONE, "one-" + i);
            show(TWO, "two-" + i);
            if (i < 8) {
                buy("one-" + i);
            }
            if (i < 24) {
                buy("two-" + i);
            }
        }
        show(ONE, "both");
        show(TWO, "both");
    }

    private void show(String variant, String visitor) {
        tell("page_view", visitor).put("page_url", "https://www.daily-lantern.example.com/");
        tell("experiment_exposure", visitor)
                .putObject("properties")
                .put("experiment_id", "checkout")
                .put("variant_id", variant);
    }

    private void buy(String visitor) {
        tell("purchase", visitor)
                .put("transaction_id", "experiment-" + visitor)
                .put("value", 10)
                .put("currency", "EUR");
    }

    private ObjectNode tell(String type, String visitor) {
        return events.addObject()
                .put("evt_type", type)
                .put("visitor_id", visitor)
                .put("consent", "granted")
                .put("event_timestamp", System.currentTimeMillis())
                .put("user_agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0");
    }

    private void send(String key) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(stack.url("/in")))
                        .header("Authorization", "Bearer " + key)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(events.toString()))
                        .build();
        HttpResponse<String> answer =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        assertThat(answer.body()).contains("\"events_accepted\":" + events.size());
    }
}
