package io.onevault.tracking.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Speed is told under the view on which it was met. */
@ExtendWith(Chromium.class)
final class VitalsTest {

    /** Keeps the page busy while it answers a click. */
    private static final String SLOW_BUTTON =
            """
            <h1>Large enough to be painted</h1>
            <button onclick="const end = performance.now() + 120; while (performance.now() < end);%s">slow</button>
            """;

    @Test
    void tellsAllFourWhenThePageIsHidden(Site site) {
        site.body("/", SLOW_BUTTON.formatted(""));
        Page page = site.open("/");
        site.collector().await("page_view");
        page.click("button");
        awaitMeasured(page, "event");

        Site.hide(page, true);

        JsonNode vitals = site.collector().await("web_vitals");
        assertThat(vitals.path("lcp").asInt()).isPositive();
        assertThat(vitals.path("ttfb").asInt(-1)).isBetween(0, vitals.path("lcp").asInt());
        assertThat(vitals.path("inp").asInt()).isBetween(100, 5_000);
        assertThat(vitals.path("cls").asDouble(-1)).isZero();
        assertThat(vitals.path("page_url").asText()).isEqualTo(site.url("/"));
    }

    @Test
    void anInteractionThatLeadsToAnotherViewBelongsToTheOneBefore(Site site) {
        site.body("/", SLOW_BUTTON.formatted("history.pushState({}, '', '/next')"));
        Page page = site.open("/");
        site.collector().await("page_view");
        page.click("button");
        awaitMeasured(page, "event");

        Site.hide(page, true);

        List<JsonNode> vitals = site.collector().await("web_vitals", 2);
        assertThat(vitals.get(0).path("page_url").asText()).isEqualTo(site.url("/"));
        assertThat(vitals.get(0).path("inp").asInt()).isGreaterThanOrEqualTo(100);
        assertThat(vitals.get(1).path("page_url").asText()).isEqualTo(site.url("/next"));
        assertThat(vitals.get(1).has("inp")).isFalse();
        assertThat(vitals.get(1).has("lcp")).isFalse();
    }

    @Test
    void countsShiftsThatNobodyCaused(Site site) {
        site.body("/", "<div id=\"ad\"></div><h1>Moves</h1><p style=\"height: 400px\">text</p>");
        Page page = site.open("/");
        site.collector().await("page_view");
        page.evaluate("document.getElementById('ad').style.height = '200px'");
        awaitMeasured(page, "layout-shift");

        Site.hide(page, true);

        assertThat(site.collector().await("web_vitals").path("cls").asDouble()).isPositive();
    }

    @Test
    void tellsOnceUnlessSomethingCameOn(Site site) {
        site.body("/", SLOW_BUTTON.formatted(""));
        Page page = site.open("/");
        site.collector().await("page_view");
        awaitMeasured(page, "largest-contentful-paint");
        Site.hide(page, true);
        Site.hide(page, false);
        Site.hide(page, true);
        site.collector().await("web_vitals");
        site.settle(page);
        assertThat(site.collector().events("web_vitals")).hasSize(1);

        Site.hide(page, false);
        page.click("button");
        awaitMeasured(page, "event");
        Site.hide(page, true);

        List<JsonNode> vitals = site.collector().await("web_vitals", 2);
        assertThat(vitals.get(1).path("inp").asInt()).isGreaterThanOrEqualTo(100);
        assertThat(vitals.get(1).path("page_view_id"))
                .isEqualTo(vitals.get(0).path("page_view_id"));
        assertThat(vitals.get(1).path("lcp")).isEqualTo(vitals.get(0).path("lcp"));
    }

    /** The tracker, which looks out for longer, has heard of it by then. */
    private static void awaitMeasured(Page page, String type) {
        page.evaluate(
                """
                type => new Promise(done => new PerformanceObserver(list => {
                    if (list.getEntries().some(entry => type != 'event' || entry.interactionId)) done();
                }).observe({type, buffered: true, durationThreshold: 40}))
                """,
                type);
    }
}
