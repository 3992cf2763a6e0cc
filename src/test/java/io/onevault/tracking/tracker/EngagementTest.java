package io.onevault.tracking.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Pings tell how long somebody was there: not a hidden page, a sleeping machine, an empty chair.
 */
@ExtendWith(Chromium.class)
final class EngagementTest {

    @Test
    void pingsAfterFiveSecondsAndThenEveryTen(Site site) {
        Page page = site.openInSlowMotion("/");

        page.clock().runFor(25_500);

        assertThat(site.collector().await("page_ping", 3))
                .extracting(ping -> ping.path("time_on_page").asInt())
                .containsExactly(5_000, 15_000, 25_000);
        JsonNode view = site.collector().await("page_view");
        assertThat(site.collector().events("page_ping"))
                .allMatch(ping -> ping.path("page_view_id").equals(view.path("page_view_id")));
    }

    @Test
    void aHiddenPageDoesNotPing(Site site) {
        Page page = site.openInSlowMotion("/");
        page.clock().runFor(4_500);
        Site.hide(page, true);
        page.clock().runFor(60_000);
        site.settle(page);
        assertThat(site.collector().events("page_ping")).isEmpty();

        Site.hide(page, false);
        page.clock().runFor(2_000);

        JsonNode ping = site.collector().await("page_ping");
        assertThat(ping.path("time_on_page").asInt()).isEqualTo(5_000);
    }

    @Test
    void aSleepingMachineIsNoStay(Site site) {
        Page page = site.openInSlowMotion("/");
        page.clock().runFor(4_500);
        page.clock().fastForward("08:00:00");
        page.clock().runFor(10_000);

        List<JsonNode> pings = site.collector().await("page_ping", 1);

        site.settle(page);
        assertThat(site.collector().events("page_ping")).hasSizeLessThanOrEqualTo(2);
        assertThat(pings.get(0).path("time_on_page").asInt()).isEqualTo(5_000);
    }

    @Test
    void nobodyIsThereAfterTwoMinutesWithoutASign(Site site) {
        Page page = site.openInSlowMotion("/");
        page.clock().runFor(600_000);
        site.collector().await("page_ping", 12);
        site.settle(page);
        assertThat(site.collector().events("page_ping")).hasSize(12);

        page.mouse().move(10, 10);
        page.clock().runFor(10_000);

        assertThat(site.collector().await("page_ping", 13).get(12).path("time_on_page").asInt())
                .isEqualTo(125_000);
    }

    @Test
    void aNewViewBeginsAnew(Site site) {
        Page page = site.openInSlowMotion("/");
        page.clock().runFor(8_000);
        page.evaluate("history.pushState({}, '', '/next')");
        page.clock().runFor(5_500);

        List<JsonNode> pings = site.collector().await("page_ping", 2);

        assertThat(pings.get(1).path("time_on_page").asInt()).isEqualTo(5_000);
        assertThat(pings.get(1).path("page_url").asText()).isEqualTo(site.url("/next"));
    }
}
