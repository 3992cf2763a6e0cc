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
    void aViewThatEndsTellsTheRest(Site site) {
        Page page = site.openInSlowMotion("/");
        page.clock().runFor(12_500);
        Site.hide(page, true);
        page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))");
        page.clock().runFor(60_000);
        Site.hide(page, false);
        page.clock().runFor(3_000);
        page.evaluate("history.pushState({}, '', '/next')");
        page.clock().runFor(3_500);
        page.evaluate("history.pushState({}, '', '/last')");
        page.clock().runFor(1_000);

        site.collector().await("page_view", 3);
        List<JsonNode> pings = site.collector().await("page_ping", 4);
        site.settle(page);
        assertThat(site.collector().events("page_ping")).hasSize(4);
        assertThat(pings)
                .extracting(EngagementTest::told)
                .containsExactly("5000 ", "12000 leave", "15000 ", "3000 leave");
        assertThat(pings.get(3).path("page_url").asText()).isEqualTo(site.url("/next"));
    }

    private static String told(JsonNode ping) {
        return ping.path("time_on_page").asInt() + " " + ping.path("evt_action").asText();
    }

    @Test
    void aHiddenPageDoesNotPing(Site site) {
        Page page = site.openInSlowMotion("/");
        page.clock().runFor(4_500);
        Site.hide(page, true);
        page.clock().runFor(60_000);
        site.settle(page);
        assertThat(site.collector().events("page_ping"))
                .extracting(EngagementTest::told)
                .containsExactly("4000 leave");

        Site.hide(page, false);
        page.clock().runFor(2_000);

        JsonNode ping = site.collector().await("page_ping", 2).get(1);
        assertThat(told(ping)).isEqualTo("5000 ");
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

        List<JsonNode> pings = site.collector().await("page_ping", 3);

        assertThat(pings)
                .extracting(EngagementTest::told)
                .containsExactly("5000 ", "8000 leave", "5000 ");
        assertThat(pings.get(2).path("page_url").asText()).isEqualTo(site.url("/next"));
    }
}
