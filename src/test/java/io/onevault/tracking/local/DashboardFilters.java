package io.onevault.tracking.local;

import static io.onevault.tracking.local.Look.having;
import static io.onevault.tracking.local.Look.row;
import static io.onevault.tracking.local.Look.settle;
import static io.onevault.tracking.local.Look.tiles;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a row of the dashboard does to all its figures. */
final class DashboardFilters {

    private final ShopStack stack;
    private final String days;

    /**
     * @param days of the sample, as the address has them
     */
    DashboardFilters(ShopStack stack, String days) {
        this.stack = stack;
        this.days = days;
    }

    void anyRowFiltersAllFiguresAndTheAddressTellsIt() {
        try (Look look = stack.look()) {
            Page page = look.open(stack.dashboard(days));
            page.waitForSelector("button.row");
            String all = tiles(page).get("Visits");
            Locator source = page.locator("button.row", having("Organic search"));
            String organic = source.locator(".figure").innerText();
            assertThat(Integer.parseInt(organic)).isBetween(1, Integer.parseInt(all) - 1);
            List<Route> held = new ArrayList<>();
            page.route(DashboardFilters::isOfPanels, held::add);
            source.click();

            page.waitForSelector(".chip");
            page.waitForCondition(() -> organic.equals(tiles(page).get("Visits")));
            assertThat(page.locator(".panel.stale:visible").count())
                    .as("panels, pale until their answers are there")
                    .isEqualTo(5);
            held.forEach(Route::resume);
            settle(page);
            assertThat(page.locator(".stale").count()).isZero();
            page.unrouteAll();

            row(page, "Goals", "Purchase").click();
            page.waitForCondition(
                    () ->
                            row(page, "Goals", "Purchase")
                                    .locator(".minor")
                                    .innerText()
                                    .equals("100%"));
            assertThat(Integer.parseInt(tiles(page).get("Visits")))
                    .isBetween(1, Integer.parseInt(organic) - 1);
            page.goBack();
            page.waitForCondition(() -> organic.equals(tiles(page).get("Visits")));
            String shown = page.url().substring(page.url().indexOf('?') + 1);
            page.locator(".chip").click();
            page.waitForCondition(() -> all.equals(tiles(page).get("Visits")));
            Page again = look.open(stack.dashboard(shown));
            again.waitForSelector("button.row");
            assertThat(tiles(again)).containsEntry("Visits", organic);
            assertThat(look.complaints()).isEmpty();
        }
    }

    private static boolean isOfPanels(String url) {
        return url.contains("/read/analytics") && !url.contains("breakdowns=%5B%5D");
    }

    void aCategoryOfItemsFiltersAllFigures() {
        try (Look look = stack.look()) {
            Page page = look.open(stack.dashboard(days));
            page.waitForSelector("button.row");
            int all = Integer.parseInt(tiles(page).get("Visits"));
            Locator items = page.locator(".panel[aria-label=Items]");
            items.locator("[role=tab]:text-is('Categories')").click();
            Locator boots = items.locator("button.row:has-text('Winter boots')");
            boots.click();

            page.locator(".chip", having("Category: Winter boots")).waitFor();
            settle(page);
            assertThat(Integer.parseInt(tiles(page).get("Visits"))).isBetween(1, all - 1);
            assertThat(boots.locator(".figure").innerText()).isNotEqualTo("0");
            assertThat(look.complaints()).isEmpty();
        }
    }

    void pageViewsOfWhoeverDeniedAreToldAndLeftOut() {
        try (Look look = stack.look()) {
            Page page = look.open(stack.dashboard(days));
            Locator told = page.locator(".foot p", having("did not agree to be recognised"));
            told.waitFor();
            Matcher count = Pattern.compile("(\\d+) of these visits").matcher(told.innerText());
            assertThat(count.find()).isTrue();
            int all = Integer.parseInt(tiles(page).get("Visits"));
            told.locator("button").click();
            page.locator(".chip", having("Recognised visitors")).waitFor();
            settle(page);
            page.locator(".foot p", having("are left out")).first().waitFor();

            assertThat(Integer.parseInt(tiles(page).get("Visits")))
                    .isEqualTo(all - Integer.parseInt(count.group(1)));
            assertThat(look.complaints()).isEmpty();
        }
    }
}
