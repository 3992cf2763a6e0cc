package io.onevault.tracking.local;

import static io.onevault.tracking.local.Look.having;
import static io.onevault.tracking.local.Look.settle;
import static io.onevault.tracking.local.Look.tiles;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.onevault.tracking.tracker.Chromium;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What README's first command starts: a visit to the shop in a browser, and what the dashboard
 * shows of it and of the sample.
 */
@ExtendWith(Chromium.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ShopITCase {

    private static final String DAYS = "from=2026-11-20&to=2026-11-23";
    private static final String COMPARED = "from=2026-11-22&to=2026-11-23";

    private ShopStack stack;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        stack = new ShopStack(directory);
    }

    @AfterAll
    void stop() throws InterruptedException {
        if (stack != null) {
            stack.stop();
        }
    }

    @Test
    void printsWhatTheReadmeShows() throws IOException {
        Matcher shown =
                Pattern.compile("\\nAPI .*?\\n\\n(tenant  .*?)\\n\\nFlink ", Pattern.DOTALL)
                        .matcher(Files.readString(Path.of("README.md")));

        assertThat(shown.find()).isTrue();
        assertThat(stack.log())
                .containsSubsequence(
                        "\nShop      " + stack.shop() + "\nDashboard " + stack.dashboard(),
                        "\nAPI       " + stack.url("/openapi/") + "\n\n" + shown.group(1),
                        "\n\nFlink     ");
    }

    /** The sample is of some days of one year. */
    @Test
    void thePrintedLinkShowsTheSampleAYearLater() {
        try (Look look = stack.look()) {
            Page page = look.open("about:blank");
            page.clock().setFixedTime("2027-11-30T12:00:00Z");
            page.navigate(stack.printed());
            page.waitForSelector("button.tile");

            assertThat(Integer.parseInt(tiles(page).get("Visits"))).isPositive();
            assertThat(look.complaints()).isEmpty();
        }
    }

    @Test
    void visitsToTheShopAreOnTheDashboardAtOnceAndCountedOnce() throws Exception {
        new ShopVisit(stack).isOnTheDashboardAtOnce();
        new ShopVisitors(stack).areEachCountedOnce();
        assertThat(stack.log()).doesNotContain("WARN", "ERROR", "Exception");
    }

    @Test
    void whatIsShownIsChosenByHand() {
        DashboardControls controls = new DashboardControls(stack);
        controls.aKeyIsTypedAndAPeriodChosen(DAYS);
        controls.robotsAreCountedOnDemand(DAYS);
        controls.countriesAreToldWhereTheyAreKnown(DAYS);
        controls.aFunnelIsBuilt(DAYS);
        controls.theMinutesHaveACursorAndATable();
    }

    @Test
    void anExperimentIsComparedOnTheDashboard() throws Exception {
        new ShopExperiment(stack).isComparedOnTheDashboard();
    }

    @Test
    void aPinnedTrackerLoadsByItsHashAlone() throws Exception {
        new PinnedTracker(stack).loadsByItsHashAlone();
    }

    @Test
    void anyRowFiltersAllFiguresAndTheAddressTellsIt() {
        DashboardFilters filters = new DashboardFilters(stack, DAYS);
        filters.anyRowFiltersAllFiguresAndTheAddressTellsIt();
        filters.aCategoryOfItemsFiltersAllFigures();
        filters.pageViewsOfWhoeverDeniedAreToldAndLeftOut();
    }

    @Test
    void whatIsWrongWithAnAddressOrAKeyIsToldInWords() {
        try (Look look = stack.look()) {
            Page refused =
                    look.open(stack.dashboard("view=live&filters={\"visitor_kind\":[\"bogus\"]}"));
            refused.locator("p.foot:not(:has-text('Connecting'))").waitFor();
            assertThat(refused.locator("p.foot").innerText()).contains("recognised");

            Page odd =
                    look.open(stack.dashboard("view=toString&period=valueOf&metric=constructor"));
            odd.waitForSelector("button.row");
            assertThat(odd.locator("[role=alert]").count()).isZero();

            Page strange = look.open(stack.dashboard() + "#key=%");
            strange.fill("#key", "st_5d1f…");
            strange.click("[type=submit]");
            strange.locator("[role=alert]", having("This is no key")).waitFor();
        }
    }

    @Test
    void aReprocessIsToldAndWhetherAnybodyWorksOnIt() throws Exception {
        try (Connection connection = stack.connect();
                Statement statement = connection.createStatement();
                Look look = stack.look()) {
            statement.execute(
                    """
                    INSERT INTO raw.site_tracking_reprocess_r (
                        reprocess_id, state, counts, changed_at, load_date, record_source)
                    VALUES ('told', 'BUILDING', '{"read": 4, "events": 1}', now(), now(), 'test')""");
            Page page = look.open(stack.dashboard("view=pipeline"));
            page.getByText("History is being made anew, beside this one, 25 % of it.").waitFor();
            statement.execute(
                    "UPDATE raw.site_tracking_reprocess_r SET changed_at = now() - INTERVAL '1 hour'");
            page.reload();
            page.getByText("25 % of it. Nothing works on it at the moment.").waitFor();
            statement.execute("DELETE FROM raw.site_tracking_reprocess_r");
        }
    }

    /** In batch mode, which needs classes that the live job does without. */
    @Test
    void historyIsReadOnTheStacksOwnCluster() throws Exception {
        assertThat(stack.reprocess("plan", "--no-savepoint"))
                .containsPattern("(?m)^acme-shop +2026-11-22 +[1-9]")
                .contains("A build takes longer than ");
    }

    @Test
    void theRetentionGridHasACursorAndATable() {
        try (Look look = stack.look()) {
            Page page = look.open(stack.dashboard("view=retention&cohort=day&" + DAYS));
            Locator grid = page.locator("[aria-roledescription=chart]");
            grid.focus();
            grid.press("ArrowRight");
            grid.press("ArrowRight");
            grid.press("ArrowDown");

            String cell = page.locator("td.at").innerText();
            assertThat(page.locator("#announce").textContent())
                    .matches("21 Nov 2026, \\+1: " + cell + ", \\d+ of \\d+ visitors");
            page.locator(".as-table summary").click();
            assertThat(page.locator(".as-table tbody tr").count()).isEqualTo(4);
            Download file =
                    page.waitForDownload(() -> page.locator(".as-table button.quiet").click());
            assertThat(file.suggestedFilename()).isEqualTo("Retention.csv");
            assertThat(look.complaints()).isEmpty();
        }
    }

    @Test
    void aChoiceStaysWhereItWasMade() {
        try (Look look = stack.look()) {
            Page page = look.open(stack.dashboard(COMPARED));
            page.locator("[role=tab]", having("Campaigns")).click();
            assertThat(page.locator(".legend").innerText()).contains("20 – 21 Nov 2026");
            page.focus("[aria-label='Compared with']");
            page.selectOption("[aria-label='Compared with']", "weekday");
            settle(page);

            assertThat(page.locator(".legend").innerText()).contains("15 – 16 Nov 2026");
            assertThat(page.evaluate("document.activeElement.ariaLabel"))
                    .isEqualTo("Compared with");
            assertThat(page.locator("[role=tab][aria-selected=true]").first().innerText())
                    .isEqualTo("Campaigns");
            page.selectOption("[aria-label='Steps of the chart']", "hour");
            settle(page);
            page.locator(".chart-body summary").click();
            assertThat(page.locator(".chart-body tbody tr").count()).isEqualTo(48);
            assertThat(look.complaints()).isEmpty();
        }
    }

    @Test
    void whatWasRefusedCanBeKept() throws IOException {
        try (Look look = stack.look()) {
            Page page = look.open(stack.dashboard("view=pipeline"));
            String refused = page.locator("tfoot td").nth(3).innerText();
            Download file =
                    page.waitForDownload(
                            () -> page.locator("[aria-label='refused as CSV']").click());

            List<String> lines = Files.readAllLines(file.path());
            assertThat(lines.get(0)).isEqualTo("date,code,events");
            assertThat(lines).anyMatch(line -> line.contains(",MALFORMED_JSON,"));
            int sum = 0;
            for (String line : lines.subList(1, lines.size())) {
                sum += Integer.parseInt(line.substring(line.lastIndexOf(',') + 1));
            }
            assertThat(String.valueOf(sum)).isEqualTo(refused).isNotEqualTo("0");
            assertThat(look.complaints()).isEmpty();
        }
    }

    @Test
    void aStepOpensItsVisitsAndAVisitItsEvents() {
        try (Look look = stack.look()) {
            Page page = look.open(stack.dashboard("view=funnel&" + DAYS));
            page.locator("button.link", having("Visits of those who left")).last().click();

            page.locator("h2", having("but never 3. Purchase")).waitFor();
            page.locator("button.visit").first().click();
            page.locator(".visit-events .feed time").first().waitFor();
            assertThat(page.locator(".visit-events .kind", having("Add to cart")).count())
                    .isPositive();
            assertThat(page.locator(".visit-events .kind", having("Purchase")).count()).isZero();
            page.locator(".visit-events .link").click();
            page.locator(".chip", having("Visitor vis_")).waitFor();
            assertThat(look.complaints()).isEmpty();
        }
    }

    @Test
    void aLinkShowsItsFiltersFiguresAndNothingElse() {
        try (Look look = stack.look();
                Look other = stack.look()) {
            String mobile = "filters=%7B%22device%22%3A%5B%22mobile%22%5D%7D";
            Page page = look.open(stack.dashboard("view=settings&" + mobile));
            page.fill("#field-goal", "add_to_wishlist");
            page.locator("[aria-label=Goals] button.main").click();
            page.locator(".kept .name", having("add_to_wishlist")).waitFor();
            page.fill("#field-name", "Agency");
            page.fill("#field-password", "one for the agency");
            page.locator("button.main", having("Make a link")).click();
            String link = page.locator("dialog input").inputValue();
            assertThat(link).startsWith(stack.dashboard() + "#key=sl_");

            Page shared = other.open(link.replace("#", "?" + DAYS + "#"));
            shared.fill("#key", "a guess");
            shared.locator("button.main").click();
            shared.locator(".notice").waitFor();
            shared.fill("#key", "one for the agency");
            shared.locator("button.main").click();
            settle(shared);
            assertThat(shared.locator(".chip.locked").innerText()).isEqualTo("Device: Mobile");
            page.navigate(stack.dashboard() + "?" + DAYS + "&" + mobile);
            settle(page);
            assertThat(tiles(shared)).isEqualTo(tiles(page));
            assertThat(shared.locator("nav a").allInnerTexts())
                    .containsExactly("Overview", "Live", "Funnel");
        }
    }

    @Test
    void tellsWhatASiteKeepsAndNamesAndThatThereIsNothing() throws IOException {
        DashboardKeeping keeping = new DashboardKeeping(stack);
        keeping.aSegmentAndANoteAreThereForAllUntilTheyAreRemoved(DAYS);
        keeping.aGoalByNameAndAnAlertAreSetAndTold(DAYS);
        keeping.theBoundOfAnAlertHasTheUnitOfItsFigure();
        keeping.thePropertiesOfASiteAreValuesThatFilterAndAFile(DAYS);
        keeping.nothingAndAFailureAreTold(DAYS);
    }

    @Test
    void everyViewIsFitForAllInLightAndDark() {
        DashboardFitness fitness = new DashboardFitness(stack);
        fitness.everyViewIsFitForAllInLightAndDark(DAYS, COMPARED);
        fitness.formsAndDialogsAreFitForAllAtAnyWidth(DAYS);
    }

    @Test
    void theDescriptionOfTheDoorsIsAPage() {
        new DashboardFitness(stack).theDescriptionOfTheDoorsIsAPage();
    }

    @Test
    void thePageIsSmallAndSeenBeforeItsScripts() {
        new DashboardFitness(stack).thePageIsSmallAndSeenBeforeItsScripts(DAYS);
    }
}
