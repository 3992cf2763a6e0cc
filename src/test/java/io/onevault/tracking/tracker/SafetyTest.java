package io.onevault.tracking.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The tracker is a guest: strict policies hold for it, and nothing it meets becomes the page's
 * trouble.
 */
@ExtendWith(Chromium.class)
final class SafetyTest {

    @Test
    void runsUnderAStrictPolicyWithTrustedTypes(Site site) {
        String origin = site.collector().url().replace("/in", "");
        site.header(
                        "Content-Security-Policy",
                        "default-src 'none'; script-src 'self'; connect-src "
                                + origin
                                + "; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'")
                .body(
                        "/own.js",
                        "addEventListener('securitypolicyviolation', event => { violated = event.violatedDirective })")
                .body(
                        "/",
                        "<script src=\"/own.js\"></script><a data-track=\"go\" href=\"#x\">go</a>");
        Page page = site.open("/");

        page.click("a");

        site.collector().await("go");
        Site.hide(page, true);
        site.collector().await("web_vitals");
        assertThat(page.evaluate("typeof violated")).isEqualTo("undefined");
        assertThat(site.pageErrors()).isEmpty();
    }

    @Test
    void neverThrowsIntoThePage(Site site) {
        Page page = site.open("/");
        page.evaluate(
                """
                () => {
                  const round = {};
                  round.round = round;
                  onevault('event', 'round', round);
                  onevault('event', 'big', {number: 1n});
                  onevault('nonsense');
                  onevault();
                  onevault('set', null);
                  onevault('start');
                  onevault('event', 'good', {date: new Date(0), nothing: undefined});
                }
                """);

        assertThat(site.collector().await("good").path("date").asText())
                .isEqualTo("1970-01-01T00:00:00.000Z");
        assertThat(site.collector().events()).hasSize(2);
        assertThat(site.pageErrors()).isEmpty();
    }

    @Test
    void leavesTheHistoryAsItIs(Site site) {
        Page page = site.open("/");

        assertThat(
                        page.evaluate(
                                "[history.pushState({a: 1}, '', '/b'), history.state.a, location.pathname]"))
                .asString()
                .isEqualTo("[null, 1, /b]");
        assertThatThrownBy(() -> page.evaluate("history.pushState(() => {}, '')"))
                .isInstanceOf(PlaywrightException.class)
                .hasMessageContaining("DataCloneError");
    }

    @Test
    void isQuietWhereItMayNotSend(Site site) {
        site.header("Content-Security-Policy", "connect-src 'none'");
        Page page = site.openInSlowMotion("/");
        page.clock().runFor(600_000);

        assertThat(page.evaluate("typeof onevault")).isEqualTo("function");
        assertThat(site.pageErrors()).isEmpty();
    }

    @Test
    void isQuietInABrowserThatLacksEverythingNew(Site site) {
        site.context()
                .addInitScript(
                        """
                        delete window.fetchLater;
                        delete window.PerformanceObserver;
                        delete AbortSignal.timeout;
                        delete Navigator.prototype.locks;
                        """);
        site.with("data-consent", "granted").open("/");

        site.collector().await("page_view");
        assertThat(site.pageErrors()).isEmpty();
    }

    @Test
    void keepsToOneGlobal(Site site) {
        Page page = site.open("/");
        site.collector().await("page_view");

        Object added =
                page.evaluate(
                        """
                        () => {
                          const frame = document.createElement('iframe');
                          document.body.append(frame);
                          const usual = new Set(Object.getOwnPropertyNames(frame.contentWindow));
                          return Object.getOwnPropertyNames(window).filter(name => !usual.has(name) && isNaN(name));
                        }
                        """);

        assertThat(added).asString().isEqualTo("[onevault]");
    }
}
