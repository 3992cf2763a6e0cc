package io.onevault.tracking.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.MouseButton;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the full script tells of clicks, forms and scrolling. */
@ExtendWith(Chromium.class)
final class AutocaptureTest {

    @Test
    void tellsOfElementsThatAskForIt(Site site) {
        site.body(
                "/",
                """
                <button id="buy" class="big red" data-track="add_to_cart" data-track-item-id="sku-1"
                    data-track-price="9.95"><b> Add  to
                    cart </b></button>
                """);
        Page page = site.open("/");

        page.click("b");

        JsonNode event = site.collector().await("add_to_cart");
        assertThat(event.path("element_id").asText()).isEqualTo("buy");
        assertThat(event.path("element_class").asText()).isEqualTo("big red");
        assertThat(event.path("element_text").asText()).isEqualTo("Add to cart");
        assertThat(event.path("item_id").asText()).isEqualTo("sku-1");
        assertThat(event.path("price").asText()).isEqualTo("9.95");
        assertThat(event.path("click_x").asInt()).isPositive();
    }

    /** The browser clicks what a label is for, too. */
    @Test
    void tellsOnceOfAClickOnALabel(Site site) {
        site.body("/", "<label data-track=\"option\"><input type=\"checkbox\"><b>Gift</b></label>");
        Page page = site.open("/");

        page.click("b");
        page.click("b");
        page.evaluate("onevault('event', 'after')");

        site.collector().await("after");
        assertThat(page.isChecked("input")).isFalse();
        assertThat(site.collector().events("option")).hasSize(2);
    }

    @Test
    void tellsOfWhatALabelIsFor(Site site) {
        site.body("/", "<label><input type=\"checkbox\" data-track=\"agree\"><b>Agree</b></label>");

        site.open("/").click("b");

        assertThat(site.collector().await("agree").path("evt_type").asText()).isEqualTo("agree");
    }

    @Test
    void tellsNothingOfWhatIsTyped(Site site) {
        site.body(
                "/",
                """
                <div contenteditable data-track="note" id="note">my secret</div>
                <div data-track="around"><p contenteditable id="within">my secret</p></div>
                """);
        Page page = site.open("/");

        page.click("#note");
        page.click("#within");

        for (String type : List.of("note", "around")) {
            JsonNode event = site.collector().await(type);
            assertThat(event.has("click_x")).isTrue();
            assertThat(event.has("element_text")).isFalse();
        }
    }

    @Test
    void cutsNoCharacterInTwo(Site site) {
        site.body("/", "<button data-track>" + "x".repeat(99) + "\uD83D\uDE00</button>");

        site.open("/").click("button");

        assertThat(site.collector().await("click").path("element_text").asText())
                .isEqualTo("x".repeat(99));
    }

    /** An address that is none must not take the rest of what is told along. */
    @Test
    void tellsOfElementsWhoseAddressIsNone(Site site) {
        site.body(
                "/",
                """
                <a href="http://[broken" data-track="ask" onclick="event.preventDefault()">Ask</a>
                <form action="http://[broken" id="order" onsubmit="event.preventDefault()"><button>Order</button></form>
                """);
        Page page = site.open("/");

        page.click("a");
        page.click("button");

        assertThat(site.collector().await("ask").has("link_url")).isFalse();
        JsonNode form = site.collector().await("form_submit");
        assertThat(form.path("element_id").asText()).isEqualTo("order");
        assertThat(form.has("form_action")).isFalse();
        assertThat(site.pageErrors()).isEmpty();
    }

    @Test
    void looksIntoComponents(Site site) {
        site.body("/", "<x-buy></x-buy>");
        Page page = site.open("/");
        page.evaluate(
                """
                () => {
                  const root = document.querySelector('x-buy').attachShadow({mode: 'open'});
                  root.innerHTML = '<button data-track="inside"><i>Buy</i></button>';
                }
                """);

        page.click("i");

        site.collector().await("inside");
    }

    @Test
    void tellsOfOutboundLinksWithoutTheirQuery(Site site) {
        site.body(
                "/",
                """
                <a id="out" href="https://other.test/path?token=secret#x" onclick="event.preventDefault()">out</a>
                <a id="in" href="/inside" onclick="event.preventDefault()">in</a>
                <a id="mail" href="mailto:someone@shop.test" onclick="event.preventDefault()">mail</a>
                """);
        Page page = site.open("/");

        page.click("#in");
        page.click("#mail");
        page.click("#out");

        assertThat(site.collector().await("outbound_click").path("link_url").asText())
                .isEqualTo("https://other.test/path");
        site.settle(page);
        assertThat(site.collector().events()).hasSize(2);
    }

    @Test
    void tellsOfLinksThatOpenInAnotherTabAndNotOfMenus(Site site) {
        site.body("/", "<a href=\"http://other.test:1/\">out</a>");
        Page page = site.open("/");

        page.click("a", new Page.ClickOptions().setButton(MouseButton.RIGHT));
        page.click("a", new Page.ClickOptions().setButton(MouseButton.MIDDLE));

        site.collector().await("outbound_click");
        site.settle(page);
        assertThat(site.collector().events("outbound_click")).hasSize(1);
    }

    @Test
    void tellsOfDownloads(Site site) {
        site.body(
                "/",
                "<a href=\"/files/Price%20list.PDF?v=2\" onclick=\"event.preventDefault()\">list</a>");
        Page page = site.open("/");

        page.click("a");

        JsonNode event = site.collector().await("file_download");
        assertThat(event.path("link_url").asText()).isEqualTo(site.url("/files/Price%20list.PDF"));
        assertThat(event.path("file_extension").asText()).isEqualTo("PDF");
    }

    @Test
    void tellsOfFormsAndNothingOfWhatIsInThem(Site site) {
        site.body(
                "/",
                """
                <form id="signup" name="newsletter" action="/subscribe?from=footer" onsubmit="event.preventDefault()">
                  <input name="id" value="secret"><button>Go</button>
                </form>
                """);
        Page page = site.open("/");

        page.click("button");

        JsonNode event = site.collector().await("form_submit");
        assertThat(event.path("element_id").asText()).isEqualTo("signup");
        assertThat(event.path("form_name").asText()).isEqualTo("newsletter");
        assertThat(event.path("form_action").asText()).isEqualTo(site.url("/subscribe"));
        assertThat(event.toString()).doesNotContain("secret");
    }

    @Test
    void tellsHowFarTheViewWasScrolled(Site site) {
        site.body("/", "<div style=\"height: 7200px\">long</div>");
        Page page = site.openInSlowMotion("/");
        page.evaluate(
                "() => new Promise(done => { addEventListener('scroll', done); scrollTo(0, 2900) })");
        page.clock().runFor(5_000);
        assertThat(site.collector().await("page_ping").path("scroll_depth").asInt())
                .isBetween(45, 55);

        page.evaluate("history.pushState({}, '', '/next')");
        page.clock().runFor(5_500);

        JsonNode scroll = site.collector().await("scroll");
        assertThat(scroll.path("scroll_depth").asInt()).isBetween(45, 55);
        assertThat(scroll.path("page_url").asText()).isEqualTo(site.url("/"));
        assertThat(site.collector().await("page_ping", 2).get(1).has("scroll_depth")).isFalse();
    }

    @Test
    void aPartThatScrollsIsNotThePage(Site site) {
        site.body(
                "/",
                """
                <div id="part" style="height: 100px; overflow: auto">
                  <div style="height: 900px">long</div>
                </div>
                """);
        Page page = site.openInSlowMotion("/");
        page.evaluate("() => new Promise(done => { part.onscroll = done; part.scrollTo(0, 50) })");
        page.clock().runFor(5_000);

        assertThat(site.collector().await("page_ping").has("scroll_depth")).isFalse();
    }

    @Test
    void leavesOutWhatTheSiteDoesNotWant(Site site) {
        site.with("data-capture", "downloads")
                .body(
                        "/",
                        "<a href=\"https://other.test/\" onclick=\"event.preventDefault()\">out</a>");
        Page page = site.open("/");

        page.click("a");
        page.evaluate("onevault('event', 'after')");

        site.collector().await("after");
        Site.hide(page, true);
        site.settle(page);
        assertThat(site.collector().events())
                .extracting(event -> event.path("evt_type").asText())
                .containsOnly("page_view", "after", "page_ping");
    }
}
