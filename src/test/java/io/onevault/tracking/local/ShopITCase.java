package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import io.onevault.tracking.tracker.Chromium;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What README's first command starts, with the class path that it has there: a visit to the shop in
 * a browser, and what the dashboard shows of it.
 */
@ExtendWith(Chromium.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ShopITCase {

    private static final String DAYS = "from=2026-11-20&to=2026-11-23";
    private static final String[] VIEWS = {
        "overview", "live", "funnel", "retention", "sessions", "events", "pipeline", "settings"
    };

    private ChildProcess stack;
    private Path log;
    private Playwright playwright;
    private Browser browser;
    private String shop;
    private String dashboard;
    private String key;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        log = directory.resolve("stack.log");
        String classpath =
                Path.of("target", "classes")
                        + System.getProperty("path.separator")
                        + Files.readString(Path.of("target", "run.classpath")).strip();
        stack =
                ChildProcess.start(
                        log,
                        Map.of(),
                        ChildProcess.java(List.of(), classpath, LocalStack.class.getName()));
        JobRuns.await(() -> links().find() || !stack.isAlive(), () -> stack.lastWords());
        assertThat(stack.isAlive()).as(stack.lastWords()).isTrue();
        Matcher links = links();
        assertThat(links.find()).isTrue();
        shop = links.group(1);
        dashboard = links.group(2);
        key = links.group(3);
        playwright = Chromium.playwright();
        browser = playwright.chromium().launch(Chromium.options());
    }

    private Matcher links() throws IOException {
        return Pattern.compile("Shop +(\\S+)\\s+Dashboard +(\\S+)#key=(\\S+)")
                .matcher(Files.readString(log));
    }

    @Test
    void printsWhatTheReadmeShows() throws IOException {
        Matcher shown =
                Pattern.compile("\\n(tenant  .*?)\\n\\nShop ", Pattern.DOTALL)
                        .matcher(Files.readString(Path.of("README.md")));

        assertThat(shown.find()).isTrue();
        assertThat(Files.readString(log)).contains(shown.group(1));
    }

    @AfterAll
    void stop() throws InterruptedException {
        if (browser != null) {
            playwright.close();
        }
        if (stack != null) {
            stack.stop();
        }
    }

    @Test
    void aVisitToTheShopIsOnTheDashboardAtOnce() throws Exception {
        try (BrowserContext context = browser.newContext()) {
            List<String> complaints = new ArrayList<>();
            Page watching = open(context, complaints, dashboard + "?view=live#key=" + key);
            Page visiting = open(context, complaints, shop);
            visiting.click("a[href='duffle-coat.html']");
            visiting.click("#add");
            visiting.click("header a[href='cart.html']");
            visiting.click("#buy");
            visiting.waitForURL("**/thanks.html");

            watching.locator(".feed .kind.strong")
                    .first()
                    .waitFor(new Locator.WaitForOptions().setTimeout(120_000));

            assertThat(watching.locator(".huge").first().innerText()).isEqualTo("1");
            watching.locator("button.row").first().click();
            watching.locator(".chip", having("Page: ")).waitFor();
            watching.locator(".feed .kind.strong").first().waitFor();
            assertThat(watching.locator(".huge").first().innerText()).isEqualTo("1");
            String nobody = "?view=live&filters=%7B%22device%22%3A%22tv%22%7D";
            watching.navigate(dashboard + nobody);
            watching.locator(".feed .empty").waitFor();
            assertThat(watching.locator(".huge").first().innerText()).isEqualTo("0");
            assertThat(watching.url())
                    .as("the key is not left in the address")
                    .doesNotContain("key=");
            Page today = open(context, complaints, dashboard + "?period=today#key=" + key);
            Map<String, String> expected =
                    Map.of(
                            "Visits",
                            "1",
                            "Page views",
                            "4",
                            "Conversions",
                            "1",
                            "Revenue",
                            "€179.50");
            JobRuns.await(
                    () -> {
                        today.reload();
                        today.waitForSelector("button.tile");
                        return tiles(today).entrySet().containsAll(expected.entrySet());
                    },
                    () -> tiles(today));
            assertThat(complaints).isEmpty();
        }
        assertThat(Files.readString(log)).doesNotContain("WARN", "ERROR", "Exception");
    }

    private static Map<String, String> tiles(Page page) {
        Map<String, String> tiles = new HashMap<>();
        for (Locator tile : page.locator("button.tile").all()) {
            tiles.put(tile.locator(".tile-name").innerText(), tile.locator("strong").innerText());
        }
        return tiles;
    }

    @Test
    void anyRowFiltersAllFiguresAndTheAddressTellsIt() {
        try (BrowserContext context = browser.newContext()) {
            List<String> complaints = new ArrayList<>();
            Page page = open(context, complaints, dashboard + "?" + DAYS + "#key=" + key);
            page.waitForSelector("button.row");
            String all = tiles(page).get("Visits");
            Locator source = page.locator("button.row", having("Organic search"));
            String organic = source.locator(".figure").innerText();
            assertThat(Integer.parseInt(organic)).isBetween(1, Integer.parseInt(all) - 1);
            source.click();

            page.waitForSelector(".chip");
            page.waitForSelector("button.row");

            assertThat(tiles(page)).containsEntry("Visits", organic);
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
            String address = page.url();
            page.locator(".chip").click();
            page.waitForCondition(() -> all.equals(tiles(page).get("Visits")));
            Page again = open(context, complaints, address + "#key=" + key);
            again.waitForSelector("button.row");
            assertThat(tiles(again)).containsEntry("Visits", organic);
            assertThat(complaints).isEmpty();
        }
    }

    @Test
    void pageViewsOfWhoeverDeniedAreToldAndLeftOut() {
        try (BrowserContext context = browser.newContext()) {
            List<String> complaints = new ArrayList<>();
            Page page = open(context, complaints, dashboard + "?" + DAYS + "#key=" + key);
            Locator told = page.locator(".foot p", having("did not agree to be recognised"));
            told.waitFor();
            Matcher count = Pattern.compile("(\\d+) of these visits").matcher(told.innerText());
            assertThat(count.find()).isTrue();
            int all = Integer.parseInt(tiles(page).get("Visits"));
            told.locator("button").click();

            page.locator(".chip", having("Recognised visitors")).waitFor();
            page.locator(".foot p", having("are left out")).first().waitFor();

            assertThat(Integer.parseInt(tiles(page).get("Visits")))
                    .isEqualTo(all - Integer.parseInt(count.group(1)));
            assertThat(complaints).isEmpty();
        }
    }

    @Test
    void theRetentionGridHasACursorAndATable() {
        try (BrowserContext context = browser.newContext()) {
            List<String> complaints = new ArrayList<>();
            String days = dashboard + "?view=retention&cohort=day&" + DAYS + "#key=" + key;
            Page page = open(context, complaints, days);
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
            assertThat(complaints).isEmpty();
        }
    }

    private static Locator row(Page page, String tab, String name) {
        return page.locator(".panel")
                .filter(new Locator.FilterOptions().setHas(page.locator("[role=tab]", having(tab))))
                .locator("button.row")
                .filter(new Locator.FilterOptions().setHasText(name))
                .first();
    }

    private static Page.LocatorOptions having(String text) {
        return new Page.LocatorOptions().setHasText(text);
    }

    @Test
    void aStepOpensItsVisitsAndAVisitItsEvents() {
        try (BrowserContext context = browser.newContext()) {
            List<String> complaints = new ArrayList<>();
            Page page =
                    open(context, complaints, dashboard + "?view=funnel&" + DAYS + "#key=" + key);
            page.locator("button.link", having("Visits of those who left")).last().click();

            page.locator("h2", having("but never 3. Purchase")).waitFor();
            page.locator("button.visit").first().click();
            page.locator(".visit-events .feed time").first().waitFor();
            assertThat(page.locator(".visit-events .kind", having("Add to cart")).count())
                    .isPositive();
            assertThat(page.locator(".visit-events .kind", having("Purchase")).count()).isZero();
            page.locator(".visit-events .link").click();
            page.locator(".chip", having("Visitor vis_")).waitFor();
            assertThat(complaints).isEmpty();
        }
    }

    @Test
    void aLinkShowsItsFiltersFiguresAndNothingElse() {
        try (BrowserContext context = browser.newContext()) {
            String mobile = "filters=%7B%22device%22%3A%5B%22mobile%22%5D%7D";
            Page page =
                    open(
                            context,
                            new ArrayList<>(),
                            dashboard + "?view=settings&" + mobile + "#key=" + key);
            page.fill("#field-goal", "add_to_wishlist");
            page.locator("[aria-label=Goals] button.main").click();
            page.locator(".kept .name", having("add_to_wishlist")).waitFor();
            page.fill("#field-name", "Agency");
            page.fill("#field-password", "one for the agency");
            page.locator("button.main", having("Make a link")).click();
            String link = page.locator("dialog input").inputValue();
            assertThat(link).startsWith(dashboard + "#key=sl_");

            try (BrowserContext other = browser.newContext()) {
                Page shared = open(other, new ArrayList<>(), link.replace("#", "?" + DAYS + "#"));
                shared.fill("#key", "a guess");
                shared.locator("button.main").click();
                shared.locator(".notice").waitFor();
                shared.fill("#key", "one for the agency");
                shared.locator("button.main").click();
                shared.waitForSelector("button.row");
                assertThat(shared.locator(".chip.locked").innerText()).isEqualTo("Device: Mobile");
                page.navigate(dashboard + "?" + DAYS + "&" + mobile);
                page.waitForSelector("button.row");
                assertThat(tiles(shared)).isEqualTo(tiles(page));
                assertThat(shared.locator("nav a").allInnerTexts())
                        .containsExactly("Overview", "Live", "Funnel");
            }
        }
    }

    /** Printed, not judged: how fast it is hangs on the machine. */
    @Test
    void thePageIsSmall() {
        try (BrowserContext context = browser.newContext()) {
            Page page = context.newPage();
            AtomicLong bytes = new AtomicLong();
            page.onRequestFinished(
                    request -> {
                        if (!request.url().contains("/read/")) {
                            bytes.addAndGet(request.sizes().responseBodySize);
                        }
                    });
            page.navigate(dashboard + "?" + DAYS + "#key=" + key);
            page.waitForSelector("button.row");
            Object paint =
                    page.evaluate(
                            "performance.getEntriesByName('first-contentful-paint')[0]?.startTime");
            Object figures =
                    page.evaluate(
                            "Math.round(performance.getEntriesByType('resource').at(-1).responseEnd)");
            System.out.printf(
                    "dashboard: %d bytes, first paint after %s ms, figures after %s ms%n",
                    bytes.get(), paint, figures);
            assertThat(bytes.get()).isBetween(30_000L, 150_000L);
        }
    }

    /** Also makes the pictures of docs/images, with {@code -Dpictures=docs/images}. */
    @Test
    void everyViewIsFitForAllInLightAndDark() throws IOException {
        Path pictures = Path.of(System.getProperty("pictures", "target/pictures"));
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            Browser.NewContextOptions options =
                    new Browser.NewContextOptions().setColorScheme(scheme).setBypassCSP(true);
            try (BrowserContext context = browser.newContext(options)) {
                for (String view : VIEWS) {
                    String address = dashboard + "?view=" + view + "&" + DAYS + "#key=" + key;
                    Page page = open(context, new ArrayList<>(), address);
                    page.waitForFunction(
                            "!document.querySelector('main[aria-busy]') &&"
                                    + " !document.querySelector('.skeleton')");
                    assertFit(page, view + " " + scheme);
                    String name = view + "-" + scheme.name().toLowerCase(Locale.ROOT);
                    page.screenshot(
                            new Page.ScreenshotOptions().setPath(pictures.resolve(name + ".png")));
                    page.close();
                }
            }
        }
        Browser.NewContextOptions phone = new Browser.NewContextOptions().setViewportSize(390, 844);
        try (BrowserContext context = browser.newContext(phone)) {
            Page page = open(context, new ArrayList<>(), dashboard + "?" + DAYS + "#key=" + key);
            page.waitForSelector("button.row");
            assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(390);
            page.screenshot(
                    new Page.ScreenshotOptions().setPath(pictures.resolve("overview-phone.png")));
        }
    }

    @Test
    void theDescriptionOfTheDoorsIsAPage() {
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            Browser.NewContextOptions options =
                    new Browser.NewContextOptions().setColorScheme(scheme);
            List<String> complaints = new ArrayList<>();
            try (BrowserContext context = browser.newContext(options)) {
                open(context, complaints, description() + "#Refusal")
                        .waitForSelector("#Refusal[open]");
            }
            assertThat(complaints).as("under its own policy").isEmpty();
            try (BrowserContext context = browser.newContext(options.setBypassCSP(true))) {
                Page page = open(context, complaints, description());
                page.locator("summary")
                        .filter(new Locator.FilterOptions().setHasText("/in.gif"))
                        .click();
                page.getByText("An image of one point.").waitFor();
                assertFit(page, "description " + scheme);
            }
        }
    }

    private String description() {
        return dashboard.replace("/dashboard/", "/openapi/");
    }

    private static void assertFit(Page page, String what) {
        assertThat(new AxeBuilder(page).analyze().getViolations())
                .as(what)
                .filteredOn(found -> !"moderate".equals(found.getImpact()))
                .filteredOn(found -> !"minor".equals(found.getImpact()))
                .extracting(found -> found.getId() + " " + found.getNodes())
                .isEmpty();
    }

    private static Page open(BrowserContext context, List<String> complaints, String address) {
        Page page = context.newPage();
        page.onConsoleMessage(message -> complaints.add(message.text()));
        page.onPageError(complaints::add);
        page.navigate(address);
        return page;
    }
}
