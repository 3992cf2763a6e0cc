package io.onevault.tracking.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How pages begin and end in browsers, which is where trackers lose and double events. */
@ExtendWith(Chromium.class)
final class LifecycleTest {

    /** With consent, too: a lock that is held keeps a page out of the cache. */
    @ParameterizedTest
    @ValueSource(strings = {"", "granted"})
    void comingBackOutOfTheCacheIsANewView(String consent, Site site) {
        Page page = site.with("data-consent", consent).open("/first");
        JsonNode first = site.collector().await("page_view");
        page.navigate(site.url("/second"));
        site.collector().await("page_view", 2);

        page.evaluate("setTimeout(() => history.back())");

        JsonNode again = site.collector().await("page_view", 3).get(2);
        assertThat(again.path("page_url")).isEqualTo(first.path("page_url"));
        assertThat(again.path("page_view_id")).isNotEqualTo(first.path("page_view_id"));
        assertThat(again.path("event_id")).isNotEqualTo(first.path("event_id"));
        // Out of the cache and not loaded anew: the count goes on, and the referrer is the site.
        assertThat(again.path("sequence").asInt()).isGreaterThan(1);
        assertThat(again.path("page_referrer")).isEqualTo(first.path("page_url"));
    }

    @Test
    void aPageInTheBackgroundIsNotSeenBeforeItIsShown(Site site) {
        site.context()
                .addInitScript(
                        """
                        Object.defineProperty(document, 'hidden', {value: true, configurable: true});
                        """);
        Page page = site.openInSlowMotion("/");
        page.evaluate("onevault('event', 'early')");
        page.clock().runFor(60_000);
        site.settle(page);
        assertThat(site.collector().events()).isEmpty();

        Site.hide(page, false);
        page.clock().runFor(1_000);

        JsonNode view = site.collector().await("page_view");
        JsonNode early = site.collector().await("early");
        assertThat(early.path("page_view_id")).isEqualTo(view.path("page_view_id"));
        assertThat(view.path("event_timestamp").asLong())
                .isGreaterThan(System.currentTimeMillis() + 30_000);
    }

    @Test
    void whatIsUnderWayIsNotSentAgainAtTheEnd(Site site) {
        site.collector().answer(Collector.Answer.never());
        Page page = site.openInSlowMotion("/");
        page.clock().runFor(1_000);
        site.collector().await("the view", all -> all.size() == 1);
        page.evaluate("onevault('event', 'last')");

        Site.hide(page, true);
        page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))");
        Site.hide(page, false);
        Site.hide(page, true);
        site.collector().await("last");
        site.settle(page);

        List<String> ids =
                site.collector().deliveries().stream()
                        .flatMap(delivery -> delivery.events().stream())
                        .map(event -> event.path("event_id").asText())
                        .collect(Collectors.toList());
        assertThat(ids).doesNotHaveDuplicates();
    }

    @Test
    void sendsWhenTheVisitorGoesOn(Site site) {
        site.body("/", "<a href=\"/next\" onclick=\"onevault('event', 'last')\">next</a>");
        Page page = site.open("/");

        page.click("a");

        assertThat(site.collector().await("last").path("page_url").asText())
                .isEqualTo(site.url("/"));
        assertThat(site.collector().await("page_view", 2)).hasSize(2);
    }

    @Test
    void sendsWhenTheTabIsClosed(Site site) {
        Page page = site.open("/");
        page.evaluate("onevault('event', 'last')");

        page.close(new Page.CloseOptions().setRunBeforeUnload(true));

        site.collector().await("last");
    }

    @Test
    void aSilentCollectorDelaysNoNavigation(Site site) {
        Collector.Answer never = Collector.Answer.never();
        site.collector().answer(never, never, never, never, never, never);
        site.body("/", "<a href=\"/next\" data-track=\"go\">next</a>");
        Page page = site.open("/");
        page.evaluate(
                "() => document.addEventListener('click', event => { window.name = String(event.defaultPrevented) })");

        page.click("a");
        page.waitForURL(site.url("/next"));

        assertThat(page.evaluate("window.name")).isEqualTo("false");
    }

    @Test
    void runsAsAModuleOfThePagesOwn(Site site) {
        site.without("data-key")
                .body(
                        "/",
                        """
                        <script type="module">
                          import onevault from '/npm/index.js';
                          onevault('start', {key: 'site_module', endpoint: '%s'});
                          onevault('event', 'ready');
                        </script>
                        """
                                .formatted(site.collector().url()));
        site.open("/");

        site.collector().await("ready");
        assertThat(site.collector().deliveries().get(0).query()).isEqualTo("key=site_module");
        assertThat(site.pageErrors()).isEmpty();
    }

    @Test
    void runsOnceHoweverOftenThePageBringsIt(Site site) {
        site.body("/", "<script defer src=\"/tracker.js\" data-key=\"site_test\"></script>");
        Page page = site.open("/");
        page.evaluate(
                """
                () => new Promise(loaded => {
                  const script = document.createElement('script');
                  script.src = '/tracker.js';
                  script.dataset.key = 'site_test';
                  script.onload = loaded;
                  document.body.append(script);
                })
                """);
        page.evaluate("history.pushState({}, '', '/next')");
        page.evaluate("onevault('event', 'after')");

        site.collector().await("after");
        site.collector().await("page_view", 2);
        site.settle(page);
        assertThat(site.collector().events("page_view")).hasSize(2);
    }

    @Test
    void callsBeforeItIsLoadedAreKept(Site site) {
        site.body(
                "/",
                """
                <script>
                  window.onevault = window.onevault || Object.assign((...call) => onevault.q.push(call), {q: []});
                  onevault('set', {user_id: 'u-1'});
                  onevault('event', 'early', {plan: 'pro'});
                </script>
                """);
        site.open("/");

        JsonNode early = site.collector().await("early");
        assertThat(early.path("plan").asText()).isEqualTo("pro");
        assertThat(early.path("user_id").asText()).isEqualTo("u-1");
        assertThat(site.collector().await("page_view").path("user_id").asText()).isEqualTo("u-1");
    }

    @Test
    void theBrowserSendsWhatThePageCannotAtItsEnd(Site site) {
        // As a crash would, but for the test: no word of the end reaches the tracker.
        site.context()
                .addInitScript(
                        """
                        for (const type of ['pagehide', 'visibilitychange']) {
                          addEventListener(type, event => event.stopImmediatePropagation(), true);
                        }
                        """);
        Page page = site.openInSlowMotion("/");
        page.clock().runFor(1_000);
        site.collector().await("page_view");
        page.evaluate("onevault('event', 'last')");

        page.navigate("about:blank");

        JsonNode last = site.collector().await("last");
        assertThat(last.path("event_id").asText()).isNotEmpty();
    }
}
