package io.onevault.tracking.local;

import static io.onevault.tracking.local.Look.having;
import static io.onevault.tracking.local.Look.settle;
import static io.onevault.tracking.local.Look.tiles;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What people choose on the dashboard by hand, in place of an address that tells it. */
final class DashboardControls {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ShopStack stack;

    DashboardControls(ShopStack stack) {
        this.stack = stack;
    }

    /**
     * @param days as the address has them, {@code from=…&to=…}
     */
    void aKeyIsTypedAndAPeriodChosen(String days) {
        try (Look look = stack.look()) {
            Page told = look.open(stack.dashboard(days));
            told.waitForSelector("button.tile");
            Page page = look.open(stack.dashboard());
            page.fill("#key", stack.key());
            page.press("#key", "Enter");
            settle(page);
            page.selectOption("[aria-label=Period]", "custom");
            page.fill("dialog #from", days.substring(5, 15));
            page.fill("dialog #to", days.substring(19));
            page.locator("dialog button.main").click();

            page.waitForURL(Pattern.compile(days));
            page.waitForCondition(() -> tiles(told).equals(tiles(page)));
            assertThat(tiles(told).get("Visits")).isNotEqualTo("0");
            assertThat(look.complaints()).isEmpty();
        }
    }

    void robotsAreCountedOnDemand(String days) {
        try (Look look = stack.look()) {
            Page page = look.open(stack.dashboard(days));
            Locator robots = page.locator(".foot p", having("of robots left out: "));
            robots.waitFor();
            assertThat(robots.innerText()).contains(" for search engines");
            Matcher count = Pattern.compile("^(\\d+) visits").matcher(robots.innerText());
            assertThat(count.find()).isTrue();
            int people = Integer.parseInt(tiles(page).get("Visits"));
            robots.locator("button").click();

            page.locator(".foot p", having("of robots are among these figures: ")).waitFor();
            assertThat(Integer.parseInt(tiles(page).get("Visits")))
                    .isEqualTo(people + Integer.parseInt(count.group(1)));
            assertThat(page.url()).contains("robots=1");
            assertThat(look.complaints()).isEmpty();
        }
    }

    /** As where the job looks addresses up, which the local stack does not. */
    void countriesAreToldWhereTheyAreKnown(String days) {
        try (Look look = stack.look()) {
            Page page = look.open("about:blank");
            page.route(
                    url -> url.contains("/read/analytics") && !url.contains("breakdowns="),
                    route -> {
                        APIResponse answer = route.fetch();
                        route.fulfill(
                                new Route.FulfillOptions()
                                        .setResponse(answer)
                                        .setBody(withGermany(answer.text())));
                    });
            page.navigate(stack.dashboard(days));
            Locator country = page.locator("[aria-label=Countries] button.row", having("Germany"));
            country.waitFor();
            assertThat(country.locator(".figure").innerText()).isEqualTo("7");
            country.click();

            page.locator(".chip", having("Country: Germany")).waitFor();
            settle(page);
            assertThat(page.url()).contains("%22country%22%3A%5B%22DE%22%5D");
            assertThat(tiles(page)).containsEntry("Visits", "0");
            assertThat(look.complaints()).isEmpty();
        }
    }

    private static String withGermany(String answer) {
        try {
            ObjectNode told = (ObjectNode) JSON.readTree(answer);
            ObjectNode row = told.withObject("/data").putArray("countries").addObject();
            row.put("value", "DE").put("visits", 7).put("conversion_rate", 0);
            return told.toString();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(answer, e);
        }
    }

    void aFunnelIsBuilt(String days) {
        try (Look look = stack.look()) {
            Page page = look.open(stack.dashboard("view=funnel&" + days));
            page.locator(".funnel-steps li").first().waitFor();
            page.locator("button", having("Step")).click();
            page.selectOption("[aria-label='Kind of step 4']", "item_id");
            page.fill("[aria-label='Value of step 4']", "sku-1070");
            page.selectOption("[aria-label='Kind of step 2']", "page_url");
            page.fill("[aria-label='Value of step 2']", "https://www.acme-shop.example.com/p/*");
            page.click("[aria-label='Remove step 3']");
            page.fill("#window", "90");
            page.locator("button.main", having("Count")).click();

            page.waitForURL(Pattern.compile("window=90"));
            Locator names = page.locator(".funnel-steps .name");
            names.first().waitFor();
            assertThat(names.allInnerTexts())
                    .containsExactly(
                            "1. Page view",
                            "2. https://www.acme-shop.example.com/p/*",
                            "3. Duffle Coat Merle");
            assertThat(page.locator(".funnel-steps .stage-head .figure").first().innerText())
                    .matches("[1-9]\\d* visitors");
            assertThat(look.complaints()).isEmpty();
        }
    }

    void theMinutesHaveACursorAndATable() {
        try (Look look = stack.look()) {
            Page page = look.open(stack.dashboard("view=live"));
            page.locator(".minutes span").first().waitFor();
            page.focus(".minutes");
            page.keyboard().press("End");
            page.locator(".minutes .at").waitFor();
            page.locator("[aria-label=Now] summary").click();
            page.locator("[aria-label=Now] tbody tr").first().waitFor();

            assertThat(page.locator("[aria-label=Now] tbody tr").count()).isEqualTo(30);
            assertThat(look.complaints()).isEmpty();
        }
    }
}
