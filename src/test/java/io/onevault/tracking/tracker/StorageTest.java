package io.onevault.tracking.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** With consent nothing is lost once the visitor returns, and tabs don't disturb each other. */
@ExtendWith(Chromium.class)
final class StorageTest {

    private static final int HOUR = 3_600_000;

    @Test
    void keepsEventsUntilTheyAreAccepted(Site site) {
        site.collector().answer(Collector.Answer.status(500));
        Page page = site.with("data-consent", "granted").openInSlowMotion("/");
        page.clock().runFor(1_000);
        site.collector().await("a refusal", all -> all.size() == 1);
        site.settle(page);
        assertThat(ConsentTest.storedEvents(page)).hasSize(1);

        page.clock().runFor(3_000);
        site.collector().await("page_view");
        site.settle(page);

        page.waitForCondition(() -> ConsentTest.storedEvents(page).isEmpty());
    }

    @Test
    void theNextPageSendsWhatAClosedOneLeft(Site site) {
        leaveEvents(site).close();

        Page next = openLater(site, 20_000);

        JsonNode left = site.collector().await("left");
        assertThat(left.path("page_url").asText()).isEqualTo(site.url("/closed"));
        site.collector().await("page_view", 2);
        next.waitForCondition(() -> ConsentTest.storedEvents(next).isEmpty());
    }

    @Test
    void whatIsRefusedStaysAndIsTriedAgainAfterADay(Site site) {
        site.collector().refuse("deep", 400);
        Page page = site.with("data-consent", "granted").openInSlowMotion("/");
        page.evaluate("onevault('event', 'deep')");
        page.clock().runFor(1_000);
        site.collector().await("page_view");
        page.waitForCondition(
                () ->
                        page.evaluate("Object.values(localStorage).join()")
                                .toString()
                                .contains("100000000"));
        page.close();
        site.collector().refuseNothing();

        Page hourLater = openLater(site, HOUR);
        site.collector().await("page_view", 2);
        site.settle(hourLater);
        assertThat(site.collector().events("deep")).isEmpty();
        hourLater.close();

        Page dayLater = openLater(site, 28 * HOUR);

        site.collector().await("deep");
        dayLater.waitForCondition(() -> ConsentTest.storedEvents(dayLater).isEmpty());
    }

    /** A door that a blocker closes for good would fill up what the site stores itself. */
    @Test
    void storesNoMoreThanMayWait(Site site) {
        site.collector().answer(Collector.Answer.pause(503, "60"));
        Page page = site.with("data-consent", "granted").openInSlowMotion("/");
        page.clock().runFor(1_000);
        site.collector().await("a refusal", all -> all.size() == 1);
        site.settle(page);
        SendingTest.trackNumbered(page, 600);
        page.clock().runFor(1_000);

        assertThat(ConsentTest.storedEvents(page)).hasSize(500);

        page.clock().runFor(60_000);
        SendingTest.runUntilAccepted(site, page, 499);
    }

    /** Pages of one origin can be of several sites, and of several tenants. */
    @Test
    void leavesAloneWhatAPageOfAnotherSiteLeft(Site site) {
        leaveEvents(site).close();

        Page other = openLater(site.with("data-key", "st_other"), 20_000);

        site.collector().await("page_view");
        site.settle(other);
        assertThat(site.collector().events("left")).isEmpty();
        assertThat(other.evaluate("Object.values(localStorage).join()").toString())
                .contains("\"left\"");
    }

    @Test
    void whatAnotherSiteLeftIsGoneAfterFiveWeeksAndOnesOwnIsNot(Site site) {
        site.context()
                .addInitScript(
                        """
                        const leave = (name, key, days) => {
                          const event = {event_id: name, evt_type: name};
                          localStorage['onevault.e.' + name] =
                              JSON.stringify([key, Date.now() - days * 86400000, event]);
                        };
                        localStorage['onevault.id'] = 'agreed before';
                        leave('own', '%s', 90);
                        leave('stays', 'st_other', 30);
                        leave('goes', 'st_other', 36);"""
                                .formatted(Site.KEY));

        Page page = site.with("data-consent", "granted").open("/");

        site.collector().await("own");
        page.waitForCondition(
                () -> ConsentTest.storedEvents(page).equals(List.of("onevault.e.stays")));
    }

    @Test
    void leavesAloneWhatALivingPageWillSend(Site site) {
        leaveEvents(site);

        Page other = openLater(site, 3_000);
        site.collector().await("page_view");
        site.settle(other);

        assertThat(site.collector().events("left")).isEmpty();
        assertThat(ConsentTest.storedEvents(other)).hasSize(2);
    }

    @Test
    void aPageDoesNotTakeWhatItHasAnyway(Site site) {
        Page page = leaveEvents(site);
        page.clock().runFor(30_000);
        site.settle(page);
        page.clock().runFor(600_000);

        site.collector().await("left");
        site.settle(page);
        assertThat(site.collector().events("left")).hasSize(1);
    }

    @Test
    void twoPagesDoNotTakeTheSame(Site site) {
        leaveEvents(site).close();
        Page one = site.context().newPage();
        Page other = site.context().newPage();
        one.clock().fastForward(20_000);
        one.navigate(site.url("/one"));
        other.navigate(site.url("/other"));
        one.clock().runFor(2_000);

        site.collector().await("left");
        site.collector().await("page_view", 3);
        site.settle(other);
        site.settle(one);
        assertThat(site.collector().events("left")).hasSize(1);
    }

    @Test
    void twoPagesKeepTheirEventsSideBySide(Site site) {
        Page one = leaveEvents(site);
        Page other = leaveEvents(site);

        // What one page writes the other sees a moment later.
        one.waitForCondition(() -> ConsentTest.storedEvents(one).size() == 4);
        other.waitForCondition(
                () -> ConsentTest.storedEvents(other).equals(ConsentTest.storedEvents(one)));
    }

    @Test
    void worksWithoutLocks(Site site) {
        leaveEvents(site).close();
        site.context().addInitScript("delete Navigator.prototype.locks");

        openLater(site, 20_000);

        site.collector().await("left");
    }

    @Test
    void worksWithoutTls(Site site) {
        Page page = site.with("data-consent", "granted").context().newPage();
        page.navigate(site.urlWithoutTls("/"));

        JsonNode view = site.collector().await("page_view");

        assertThat(view.path("visitor_id").asText()).isNotEmpty();
        assertThat(page.evaluate("window.isSecureContext")).isEqualTo(false);
    }

    @Test
    void survivesWhatOthersWroteUnderItsNames(Site site) {
        site.context()
                .addInitScript(
                        "for (let i = 0; i < 20; i++) localStorage['onevault.e.' + i] = '{'");
        leaveEvents(site).close();

        openLater(site, 20_000);

        site.collector().await("left");
    }

    /** A page with two events, a view and one more, of which it may not send any now. */
    private static Page leaveEvents(Site site) {
        site.collector().answer(Collector.Answer.pause(503, "600"));
        Page page = site.with("data-consent", "granted").openInSlowMotion("/closed");
        page.evaluate("onevault('event', 'left')");
        int before = site.collector().deliveries().size();
        page.clock().runFor(1_000);
        site.collector().await("a refusal", all -> all.size() > before);
        site.settle(page);
        return page;
    }

    /** Another page of the same visitor; the clock is that of all pages. */
    private static Page openLater(Site site, int milliseconds) {
        Page page = site.context().newPage();
        page.clock().fastForward(milliseconds);
        page.navigate(site.url("/later"));
        // What another page wrote this one sees a moment later.
        page.waitForCondition(
                () ->
                        ConsentTest.storedEvents(page).stream()
                                .anyMatch(key -> key.matches("onevault[.]e[.](\\d+-)+\\d+")));
        page.clock().runFor(1_000);
        return page;
    }
}
