package io.onevault.tracking.local;

import static io.onevault.tracking.local.Look.having;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.WaitUntilState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Whether everybody can use the dashboard, by eye, keyboard or ear, on a phone and a slow line. */
final class DashboardFitness {

    private static final String[] VIEWS = {
        "overview", "live", "funnel", "retention", "sessions", "events", "pipeline", "settings"
    };
    private static final String STILL =
            "!document.querySelector('main[aria-busy], .skeleton, .stale')";

    private static final String FIRST_PAINT =
            "performance.getEntriesByName('first-contentful-paint')[0]?.startTime";

    private static final String PICTURES = System.getProperty("pictures");

    private final ShopStack stack;

    DashboardFitness(ShopStack stack) {
        this.stack = stack;
    }

    /**
     * Also makes the pictures of docs/images, with {@code -Dpictures=docs/images}. A view is opened
     * once and drawn anew in the dark and on a phone; what is the same in all is judged once.
     *
     * @param compared days before which the sample has as many, for figures that have grown
     */
    void everyViewIsFitForAllInLightAndDark(String days, String compared) {
        try (Look look = stack.look(scheme(ColorScheme.LIGHT).setBypassCSP(true))) {
            for (String view : VIEWS) {
                String shown = view.equals("overview") ? compared : days;
                Page page = look.open(stack.dashboard("view=" + view + "&" + shown));
                page.waitForFunction(STILL);
                assertFit(page, view);
                picture(page, view + "-light");

                page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
                drawAnew(page);
                assertFit(axe(page).withRules(List.of("color-contrast")), view + " in the dark");
                picture(page, view + "-dark");

                page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
                onPhone(page);
                drawAnew(page);
                assertThat(page.evaluate("document.documentElement.scrollWidth"))
                        .as(view)
                        .isEqualTo(390);
                assertFit(page, view + " on a phone");
                picture(page, view + "-phone");
                page.close();
            }
        }
    }

    /** What is asked of people, before they see a view and over it. */
    void formsAndDialogsAreFitForAllAtAnyWidth(String days) {
        String mobile = "&filters=%7B%22device%22%3A%22mobile%22%7D";
        try (Look look = stack.look(scheme(ColorScheme.LIGHT).setBypassCSP(true))) {
            Page page = look.open(stack.dashboard());
            assertFitAtAnyWidth(page, "#key");
            page.navigate(stack.dashboard(days + mobile).replace("#", "&again#"));
            page.waitForFunction(STILL);
            page.evaluate("location.hash = 'key=another'");
            assertFitAtAnyWidth(page, "button:text-is('Stay signed in')");
            page.click("button:text-is('Stay signed in')");
            page.waitForFunction(STILL);

            page.selectOption("[aria-label=Period]", "custom");
            assertFitAtAnyWidth(page, "dialog #from");
            page.keyboard().press("Escape");
            page.locator("dialog").waitFor(Look.GONE);
            page.waitForFunction(STILL);
            for (String opener :
                    List.of(
                            "[aria-label='All of sources']",
                            "[aria-label='Keep these filters as a segment']",
                            ".annotate")) {
                page.click(opener);
                page.waitForFunction(STILL);
                assertFitAtAnyWidth(page, "dialog :is(td, input)");
                page.keyboard().press("Escape");
                page.locator("dialog").waitFor(Look.GONE);
            }
            page.navigate(stack.dashboard() + "?view=settings");
            page.fill("#field-name", "For all");
            page.click("button.main:text-is('Make a link')");
            assertFitAtAnyWidth(page, "dialog [aria-label='The link']");
            page.keyboard().press("Escape");
            page.click("[aria-label='Remove For all']");
            page.locator("[aria-label='Remove For all']").waitFor(Look.GONE);
            assertThat(look.complaints()).isEmpty();
        }
    }

    private static void assertFitAtAnyWidth(Page page, String what) {
        page.locator(what).first().waitFor();
        assertFit(page, what);
        onPhone(page);
        // Charts follow the page's width a frame later.
        page.waitForFunction("document.documentElement.scrollWidth === 390");
        assertFit(page, what + " on a phone");
        page.setViewportSize(1280, 720);
    }

    private static void onPhone(Page page) {
        page.setViewportSize(390, 844);
    }

    /** As after a step back: charts take their colours when they are drawn. */
    private static void drawAnew(Page page) {
        page.evaluate("dispatchEvent(new PopStateEvent('popstate'))");
        page.waitForFunction(STILL);
    }

    /** For people to look at, where somebody asked for it. */
    static void picture(Page page, String name) {
        if (PICTURES != null) {
            page.screenshot(
                    new Page.ScreenshotOptions()
                            .setPath(Path.of(PICTURES, name + ".png"))
                            .setFullPage(Boolean.getBoolean("pictures.whole")));
        }
    }

    void theDescriptionOfTheDoorsIsAPage() {
        String address = stack.url("/openapi/");
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            try (Look look = stack.look(scheme(scheme))) {
                look.open(address + "#Refusal").waitForSelector("#Refusal[open]");
                assertThat(look.complaints()).as("under its own policy").isEmpty();
            }
            try (Look look = stack.look(scheme(scheme).setBypassCSP(true))) {
                Page page = look.open(address);
                page.locator("summary", having("/in.gif")).click();
                page.getByText("An image of one point.").waitFor();
                assertFit(page, "description " + scheme);
            }
        }
    }

    private static Browser.NewContextOptions scheme(ColorScheme scheme) {
        return new Browser.NewContextOptions().setColorScheme(scheme);
    }

    /** Its speed is printed, not judged: that hangs on the machine. */
    void thePageIsSmallAndSeenBeforeItsScripts(String days) {
        try (Look look = stack.look()) {
            AtomicLong bytes = new AtomicLong();
            Page page = look.open("about:blank");
            page.onRequestFinished(
                    request -> {
                        if (!request.url().contains("/read/")) {
                            bytes.addAndGet(request.sizes().responseBodySize);
                        }
                    });
            page.navigate(stack.dashboard(days));
            page.waitForSelector("button.row");
            System.out.printf(
                    "dashboard: %d bytes, first paint after %s ms, figures after %s ms%n",
                    bytes.get(),
                    page.evaluate(FIRST_PAINT),
                    page.evaluate(
                            "Math.round(performance.getEntriesByType('resource').at(-1).responseEnd)"));
            assertThat(bytes.get()).isBetween(30_000L, 150_000L);

            List<Route> held = new ArrayList<>();
            page.route("**/main.js", held::add);
            page.navigate(
                    stack.dashboard(days).replace("#", "&again#"),
                    new Page.NavigateOptions().setWaitUntil(WaitUntilState.COMMIT));
            page.waitForFunction("() => " + FIRST_PAINT);
            assertThat(page.locator("button.row").count()).isZero();
            held.forEach(Route::resume);
            page.waitForSelector("button.row");
        }
    }

    /** Nothing serious that keeps people out. */
    static void assertFit(Page page, String what) {
        assertFit(axe(page), what);
    }

    /** In the page itself, or each look would open another one. */
    private static AxeBuilder axe(Page page) {
        return new AxeBuilder(page).setLegacyMode(true);
    }

    private static void assertFit(AxeBuilder axe, String what) {
        assertThat(axe.analyze().getViolations())
                .as(what)
                .filteredOn(found -> !"moderate".equals(found.getImpact()))
                .filteredOn(found -> !"minor".equals(found.getImpact()))
                .extracting(found -> found.getId() + " " + found.getNodes())
                .isEmpty();
    }
}
