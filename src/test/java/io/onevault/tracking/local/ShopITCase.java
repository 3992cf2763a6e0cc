package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
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
        "overview", "live", "funnel", "retention", "events", "pipeline"
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
            assertThat(tiles(page)).containsEntry("Visits", "157");
            page.locator("button.row", new Page.LocatorOptions().setHasText("Organic search"))
                    .click();

            page.waitForSelector(".chip");
            page.waitForSelector("button.row");

            assertThat(tiles(page)).containsEntry("Visits", "54");
            String address = page.url();
            page.locator(".chip").click();
            page.waitForCondition(() -> "157".equals(tiles(page).get("Visits")));
            Page again = open(context, complaints, address + "#key=" + key);
            again.waitForSelector("button.row");
            assertThat(tiles(again)).containsEntry("Visits", "54");
            assertThat(complaints).isEmpty();
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
                    assertThat(new AxeBuilder(page).analyze().getViolations())
                            .as(view + " " + scheme)
                            .filteredOn(found -> !"moderate".equals(found.getImpact()))
                            .filteredOn(found -> !"minor".equals(found.getImpact()))
                            .extracting(found -> found.getId() + " " + found.getNodes())
                            .isEmpty();
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

    private static Page open(BrowserContext context, List<String> complaints, String address) {
        Page page = context.newPage();
        page.onConsoleMessage(message -> complaints.add(message.text()));
        page.onPageError(complaints::add);
        page.navigate(address);
        return page;
    }
}
