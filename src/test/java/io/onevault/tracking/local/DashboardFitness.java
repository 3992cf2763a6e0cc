package io.onevault.tracking.local;

import static io.onevault.tracking.local.Look.having;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** Whether everybody can use the dashboard, by eye, keyboard or ear, on a phone and a slow line. */
final class DashboardFitness {

    private static final String[] VIEWS = {
        "overview", "live", "funnel", "retention", "sessions", "events", "pipeline", "settings"
    };
    private static final String STILL =
            "!document.querySelector('main[aria-busy], .skeleton, .stale')";

    private final ShopStack stack;
    private final Path pictures = Path.of(System.getProperty("pictures", "target/pictures"));

    DashboardFitness(ShopStack stack) {
        this.stack = stack;
    }

    /** Also makes the pictures of docs/images, with {@code -Dpictures=docs/images}. */
    void everyViewIsFitForAllInLightAndDark(String days) {
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            try (Look look = stack.look(scheme(scheme).setBypassCSP(true))) {
                for (String view : VIEWS) {
                    String name = view + "-" + scheme.name().toLowerCase(Locale.ROOT);
                    Page page = look.open(stack.dashboard("view=" + view + "&" + days));
                    page.waitForFunction(STILL);
                    assertFit(page, name);
                    picture(page, name);
                    page.close();
                }
            }
        }
        try (Look phone =
                stack.look(
                        scheme(ColorScheme.LIGHT).setBypassCSP(true).setViewportSize(390, 844))) {
            for (String view : VIEWS) {
                Page page = phone.open(stack.dashboard("view=" + view + "&" + days));
                page.waitForFunction(STILL);
                assertThat(page.evaluate("document.documentElement.scrollWidth"))
                        .as(view)
                        .isEqualTo(390);
                picture(page, view + "-phone");
                page.close();
            }
        }
    }

    private void picture(Page page, String name) {
        page.screenshot(new Page.ScreenshotOptions().setPath(pictures.resolve(name + ".png")));
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
    void thePageIsSmall(String days) {
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

    private static void assertFit(Page page, String what) {
        assertThat(new AxeBuilder(page).analyze().getViolations())
                .as(what)
                .filteredOn(found -> !"moderate".equals(found.getImpact()))
                .filteredOn(found -> !"minor".equals(found.getImpact()))
                .extracting(found -> found.getId() + " " + found.getNodes())
                .isEmpty();
    }
}
