package io.onevault.tracking.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What counts as a page view, and when it is told. */
@ExtendWith(Chromium.class)
final class PageViewsTest {

    @Test
    void tellsOfThePage(Site site) {
        site.open("/shoes?size=42");

        JsonNode view = site.collector().await("page_view");

        assertThat(view.path("page_url").asText()).isEqualTo(site.url("/shoes?size=42"));
        assertThat(view.path("page_title").asText()).isEqualTo("Title of /shoes");
        assertThat(view.path("event_id").asText()).isNotEmpty();
        assertThat(view.path("page_view_id").asText()).isNotEmpty();
        assertThat(view.path("sequence").asInt()).isEqualTo(1);
        assertThat(view.path("viewport_width").asInt()).isPositive();
        assertThat(view.path("language").asText()).isNotEmpty();
        assertThat(view.path("timezone").asText()).isNotEmpty();
        assertThat(view.path("sent_at").asLong())
                .isGreaterThanOrEqualTo(view.path("event_timestamp").asLong());
    }

    @Test
    void followsThePathAndReadsTheTitleLate(Site site) {
        Page page = site.open("/");
        site.collector().await("page_view");

        page.evaluate(
                """
                () => {
                  history.pushState({}, '', '/shoes');
                  setTimeout(() => document.title = 'Shoes', 50);
                }
                """);

        JsonNode view = site.collector().await("page_view", 2).get(1);
        assertThat(view.path("page_url").asText()).isEqualTo(site.url("/shoes"));
        assertThat(view.path("page_title").asText()).isEqualTo("Shoes");
        assertThat(view.path("page_referrer").asText()).isEqualTo(site.url("/"));
    }

    @Test
    void keepsTheTitleOfAViewThatIsLeftAtOnce(Site site) {
        Page page = site.open("/");

        page.evaluate(
                """
                () => {
                  history.pushState({}, '', '/a');
                  document.title = 'A';
                  history.pushState({}, '', '/b');
                  document.title = 'B';
                }
                """);

        List<JsonNode> views = site.collector().await("page_view", 3);
        assertThat(views)
                .extracting(view -> view.path("page_title").asText())
                .containsExactly("Title of /", "A", "B");
    }

    @Test
    void aReplacedStateIsAViewOnlyWhereThePathDiffers(Site site) {
        Page page = site.open("/list");

        page.evaluate(
                """
                () => {
                  history.replaceState({}, '', '/list?sort=price');
                  history.pushState({}, '', '/list?sort=price');
                  history.pushState({}, '', '/list?sort=price#top');
                  history.pushState({}, '', '/list?page=2');
                  history.replaceState({}, '', '/detail');
                }
                """);

        List<JsonNode> views = site.collector().await("page_view", 3);
        site.settle(page);
        assertThat(site.collector().events("page_view")).hasSize(3);
        assertThat(views)
                .extracting(view -> view.path("page_url").asText())
                .containsExactly(site.url("/list"), site.url("/list?page=2"), site.url("/detail"));
    }

    /**
     * Neither what waits for the first view is lost, nor is anything told before somebody sees it.
     */
    @Test
    void whatThePageSaysBeforeItsFirstViewIsThatView(Site site) {
        site.context()
                .addInitScript(
                        """
                        Object.defineProperty(document, 'hidden', {value: true, configurable: true});
                        window.onevault = Object.assign((...call) => onevault.q.push(call), {q: []});
                        onevault('event', 'early');
                        onevault('page', {page_title: 'Old'});
                        """);
        Page page = site.openInSlowMotion("/");
        page.evaluate("onevault('page', {page_title: 'Cart'})");
        page.clock().runFor(60_000);
        site.settle(page);
        assertThat(site.collector().events()).isEmpty();

        Site.hide(page, false);
        page.clock().runFor(1_000);

        JsonNode early = site.collector().await("early");
        List<JsonNode> views = site.collector().await("page_view", 1);
        site.settle(page);
        assertThat(site.collector().events("page_view")).hasSize(1);
        assertThat(views.get(0).path("page_title").asText()).isEqualTo("Cart");
        assertThat(early.path("page_view_id")).isEqualTo(views.get(0).path("page_view_id"));
    }

    @Test
    void goingBackIsAView(Site site) {
        Page page = site.open("/a");
        page.evaluate("history.pushState({}, '', '/b')");
        page.evaluate("history.back()");

        assertThat(site.collector().await("page_view", 3))
                .extracting(view -> view.path("page_url").asText())
                .containsExactly(site.url("/a"), site.url("/b"), site.url("/a"));
    }

    @Test
    void hashRoutesCountWhereTheSiteHasThem(Site site) {
        Page plain = site.open("/app");
        plain.evaluate("location.hash = '#/cart'");
        site.collector().await("page_view");
        Page routed = site.with("data-hash", "on").open("/app");
        routed.evaluate("location.hash = '#/cart'");

        List<JsonNode> views = site.collector().await("page_view", 3);
        site.settle(plain);
        assertThat(site.collector().events("page_view")).hasSize(3);
        assertThat(views.get(2).path("page_url").asText()).isEqualTo(site.url("/app#/cart"));
    }

    @Test
    void aWordForNoIsNoWishForHashRoutes(Site site) {
        Page page = site.with("data-hash", "off").open("/app");
        page.evaluate("location.hash = '#/cart'");
        page.evaluate("onevault('event', 'after')");

        site.collector().await("after");
        assertThat(site.collector().events("page_view")).hasSize(1);
    }

    @Test
    void eachViewTellsTheSizeOfItsTime(Site site) {
        Page page = site.open("/a");
        site.collector().await("page_view");
        page.setViewportSize(400, 700);
        page.evaluate("history.pushState({}, '', '/b')");

        JsonNode view = site.collector().await("page_view", 2).get(1);
        assertThat(view.path("viewport_width").asInt()).isEqualTo(400);
        assertThat(view.path("viewport_height").asInt()).isEqualTo(700);
    }

    /** A browser puts elements with names into its window and its document. */
    @Test
    void elementsOfTheSameNamesAreNotInTheWay(Site site) {
        site.body("/", "<i id=\"onevault\"></i><img name=\"title\">");

        site.open("/");

        assertThat(site.collector().await("page_view").has("page_title")).isFalse();
    }
}
