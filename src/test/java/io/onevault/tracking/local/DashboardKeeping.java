package io.onevault.tracking.local;

import static io.onevault.tracking.local.Look.having;
import static io.onevault.tracking.local.Look.settle;
import static io.onevault.tracking.local.Look.tiles;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Route;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/**
 * What the dashboard keeps for all who look at a site, and what it tells of the site's own words.
 */
final class DashboardKeeping {

    private static final String NOTE = "A sale began";
    private static final String SEGMENT = "On phones";
    private static final String GOAL = "Any page";
    private static final String LINK = "For a partner";
    private static final String ALERT = "Hardly a visit";

    private final ShopStack stack;

    DashboardKeeping(ShopStack stack) {
        this.stack = stack;
    }

    void aSegmentAndANoteAreThereForAllUntilTheyAreRemoved(String days) {
        try (Look look = stack.look();
                Look other = stack.look()) {
            String mobile = "&filters=%7B%22device%22%3A%22mobile%22%7D";
            Page page = look.open(stack.dashboard(days + mobile));
            page.waitForSelector("button.tile");
            String visits = tiles(page).get("Visits");
            page.locator("[aria-label='Keep these filters as a segment']").click();
            page.fill("dialog #field-name", SEGMENT);
            page.locator("dialog button.main").click();
            page.locator("[aria-label=Segment]").waitFor();
            page.locator(".annotate").click();
            page.fill("dialog #field-day", "2026-11-22");
            page.fill("dialog #field-text", NOTE);
            page.locator("dialog button.main").click();
            page.locator("dialog").waitFor(Look.GONE);

            Page others = other.open(stack.dashboard(days));
            others.waitForSelector("button.tile");
            assertThat(tiles(others).get("Visits")).isNotEqualTo(visits);
            others.selectOption("[aria-label=Segment]", SEGMENT);
            others.waitForCondition(() -> visits.equals(tiles(others).get("Visits")));
            settle(others);
            Locator chart = others.locator(".plot");
            chart.focus();
            chart.press("End");
            chart.press("ArrowLeft");
            assertThat(others.locator("#announce").textContent())
                    .matches("Sun,? 22 Nov 2026: \\d+, before that \\d+\\. " + NOTE);
            others.locator(".chart-body summary").click();
            assertThat(others.locator(".chart-body tbody th", having(NOTE)).allInnerTexts())
                    .singleElement()
                    .asString()
                    .endsWith("22 Nov 2026 · " + NOTE);

            aLinkShowsNoneOfTheNotesOfAKey(days);
            page.navigate(stack.dashboard("view=settings"));
            for (String kept : new String[] {SEGMENT, NOTE, LINK}) {
                page.locator("[aria-label='Remove " + kept + "']").click();
                page.locator("[aria-label='Remove " + kept + "']").waitFor(Look.GONE);
            }
            assertThat(look.complaints()).isEmpty();
            assertThat(other.complaints()).isEmpty();
        }
    }

    void aGoalByNameAndAnAlertAreSetAndTold(String days) {
        try (Look look = stack.look()) {
            Page page = look.open(stack.dashboard("view=settings"));
            page.fill("#goal-name", GOAL);
            page.fill("#goal-evt_type", "page_view");
            page.locator("button.main", having("Add the goal")).click();
            page.locator("[aria-label='Remove " + GOAL + "']").waitFor();
            page.fill("#alert-name", ALERT);
            page.fill("#alert-below", "1");
            page.fill("#alert-webhook", "https://hooks.example.com/a");
            page.locator("button.main", having("Add the alert")).click();
            assertThat(page.locator("[aria-label='The secret']").inputValue())
                    .hasSizeGreaterThan(20);
            closeSecret(page);
            assertThat(page.locator("[aria-label=Alerts] .kept").innerText())
                    .contains(ALERT, "Visits of 24 h below 1");

            page.navigate(stack.dashboard(days));
            Locator goal = page.locator("[aria-label='Goals by name'] .row").first();
            goal.waitFor();
            assertThat(goal.innerText()).contains(GOAL);

            page.navigate(stack.dashboard("view=settings"));
            for (String kept : new String[] {GOAL, ALERT}) {
                page.locator("[aria-label='Remove " + kept + "']").click();
                page.locator("[aria-label='Remove " + kept + "']").waitFor(Look.GONE);
            }
            assertThat(look.complaints()).isEmpty();
        }
    }

    void theBoundOfAnAlertHasTheUnitOfItsFigure() {
        try (Look look = stack.look()) {
            Page page = look.open(stack.dashboard("view=settings"));
            Locator add = page.locator("button.main", having("Add the alert"));
            page.fill("#alert-name", ALERT);
            add.click();
            assertThat(page.evaluate("document.activeElement.validationMessage"))
                    .isEqualTo("Fill in either Above or Below.");
            assertThat(bounds(page)).containsExactly("Above", "Below");

            page.selectOption("#alert-metric", "bounce_rate");
            assertThat(bounds(page)).containsExactly("Above, in %", "Below, in %");
            page.fill("#alert-above", "0.7");
            Request sent = page.waitForRequest("**/write/settings", add::click);
            assertThat(sent.postData()).contains("\"above\":0.007");
            page.locator("[aria-label='Remove " + ALERT + "']").waitFor();
            assertThat(page.locator("[aria-label=Alerts] .kept").innerText())
                    .contains("Bounce rate of 24 h above 0.7%");

            page.fill("#alert-name", ALERT);
            page.selectOption("#alert-compared", "true");
            assertThat(bounds(page)).containsExactly("Above, in %", "Below, in %");
            page.fill("#alert-below", "-29");
            sent = page.waitForRequest("**/write/settings", add::click);
            assertThat(sent.postData()).contains("\"below\":-0.29");
            page.getByText("Visits of 24 h against a week before below -29%").waitFor();

            page.locator("[aria-label='Remove " + ALERT + "']").click();
            page.locator("[aria-label='Remove " + ALERT + "']").waitFor(Look.GONE);
            assertThat(look.complaints()).isEmpty();
        }
    }

    private static List<String> bounds(Page page) {
        return page.locator("[for=alert-above], [for=alert-below]").allInnerTexts();
    }

    private static void closeSecret(Page page) {
        page.locator("[aria-label='The secret']").waitFor();
        page.keyboard().press("Escape");
        page.locator("[aria-label='Remove " + ALERT + "']").waitFor();
    }

    void thePropertiesOfASiteAreValuesThatFilterAndAFile(String days) throws IOException {
        try (Look look = stack.look()) {
            Page page = look.open(stack.dashboard(days));
            page.locator("[role=tab]", having("Properties")).click();
            page.locator("[aria-label=Property] button.row").first().click();
            page.locator("button.link", having("All values")).click();
            Download file =
                    page.waitForDownload(
                            () -> page.locator("dialog button.button", having("CSV")).click());
            page.locator("[aria-label=Close]").click();
            String value =
                    page.locator("[aria-label=Property] button.row .name").first().innerText();
            String count =
                    page.locator("[aria-label=Property] button.row .figure").first().innerText();
            assertThat(Files.readAllLines(file.path()))
                    .anyMatch(line -> line.startsWith(value + ',' + count));
            page.locator("[aria-label=Property] button.row").first().click();

            page.locator(".chip", having(": " + value)).waitFor();
            settle(page);
            assertThat(page.url()).contains("filters=%7B%22property%3A");
            assertThat(look.complaints()).isEmpty();
        }
    }

    void nothingAndAFailureAreTold(String days) {
        try (Look look = stack.look()) {
            Page page = look.open(stack.dashboard("from=2026-01-01&to=2026-01-02"));
            page.getByText("No visits in this period.").waitFor();
            assertThat(tiles(page)).containsEntry("Visits", "0");

            page.route(url -> url.contains("/read/analytics"), Route::abort);
            page.navigate(stack.dashboard() + "?" + days);
            page.locator(".notice[role=alert]", having("does not answer")).waitFor();
            page.unrouteAll();
            page.locator("button", having("Again")).click();
            page.waitForSelector("button.tile");
            assertThat(tiles(page).get("Visits")).isNotEqualTo("0");

            page.route(url -> url.contains("/read/site"), Route::abort);
            page.reload();
            page.locator(".notice[role=alert]", having("does not answer")).waitFor();
            page.unrouteAll();
            page.locator("button", having("Again")).click();
            page.waitForSelector("button.tile");
            assertThat(tiles(page).get("Visits")).isNotEqualTo("0");
        }
    }

    /** In one tab, where the link comes after the key. */
    private void aLinkShowsNoneOfTheNotesOfAKey(String days) {
        try (Look look = stack.look()) {
            Page page = look.open(stack.dashboard("view=settings"));
            page.fill("#field-name", LINK);
            page.locator("button.main", having("Make a link")).click();
            String link = page.locator("dialog input").inputValue();
            page.navigate(stack.dashboard() + "?" + days);
            page.locator(".chart-body summary").click();
            assertThat(noted(page).count()).isEqualTo(1);

            page.evaluate("token => { location.hash = token }", link.split("#")[1]);
            page.locator("button", having("Use the key of the link")).click();
            page.waitForCondition(() -> page.locator("nav a").count() == 4);
            settle(page);
            page.locator(".chart-body summary").click();
            assertThat(page.locator(".chart-body tbody th").count()).isPositive();
            assertThat(noted(page).count()).isZero();
        }
    }

    private static Locator noted(Page page) {
        return page.locator(".chart-body tbody th", having(NOTE));
    }
}
