package io.onevault.tracking.tracker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import io.onevault.tracking.contract.Decoded;
import io.onevault.tracking.contract.TrackerEventDecoder;
import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.tracker.Collector.Delivery;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the tracker sends, the job accepts, and means the same by it. */
@ExtendWith(Chromium.class)
final class TrackerContractTest {

    /** Bodies as they were sent, one a line; the collector's tests read them. */
    private static final Path BODIES = Path.of("src/test/resources/golden/tracker-bodies.jsonl");

    private static final List<String> TYPES =
            List.of(
                    "page_view",
                    "page_ping",
                    "add_to_cart",
                    "file_download",
                    "outbound_click",
                    "form_submit",
                    "scroll",
                    "web_vitals");

    private final TrackerEventDecoder decoder = new TrackerEventDecoder(UnaryOperator.identity());

    @Test
    void theJobAcceptsEveryKindOfEvent(Site site) throws IOException {
        site.with("data-consent", "granted")
                .body(
                        "/",
                        """
                        <div style="height: 3000px">
                          <button data-track="add_to_cart" data-track-item-id="sku-1">Add</button>
                          <a id="file" href="/list.pdf" onclick="event.preventDefault()">list</a>
                          <a id="out" href="https://other.test/" onclick="event.preventDefault()">out</a>
                          <form onsubmit="event.preventDefault()"><button id="send">Send</button></form>
                        </div>
                        """);
        site.context()
                .addInitScript(
                        """
                        window.onevault = Object.assign((...call) => onevault.q.push(call), {q: []});
                        onevault('set', {user_id: 7, plan: 'pro'});
                        """);
        Page page = site.openInSlowMotion("/");
        for (String what : List.of("button", "#file", "#out", "#send")) {
            page.click(what);
            page.clock().runFor(1); // Clicks of one time are one.
        }
        page.evaluate(
                "() => new Promise(done => { addEventListener('scroll', done); scrollTo(0, 500) })");
        page.clock().runFor(5_500);
        Site.hide(page, true);
        TYPES.forEach(type -> site.collector().await(type));

        if (Boolean.getBoolean("golden.update")) {
            Files.write(
                    BODIES, site.collector().deliveries().stream().map(Delivery::body).toList());
        }
        Map<String, TrackerEvent> events =
                site.collector().events().stream()
                        .map(this::decode)
                        .collect(Collectors.toMap(TrackerEvent::type, Function.identity()));

        assertThat(events).containsOnlyKeys(TYPES);
        TrackerEvent view = events.get("page_view");
        assertThat(view.client().viewportWidth()).isPositive();
        assertThat(view.client().screenResolution()).matches("[0-9]+x[0-9]+");
        assertThat(view.page().title()).isEqualTo("Title of /");
        assertThat(events.values())
                .allSatisfy(
                        event -> {
                            assertThat(event.page().pageViewId())
                                    .isEqualTo(view.page().pageViewId());
                            assertThat(event.identity().visitorId()).isNotNull();
                            assertThat(event.identity().userId()).isEqualTo("7");
                            assertThat(event.client().consent()).isEqualTo("granted");
                            assertThat(event.timing().sequence()).isNotNull();
                            assertThat(event.properties()).contains("\"plan\"");
                        });
        assertThat(events.get("page_ping").interaction().scrollDepth()).isPositive();
        assertThat(events.get("add_to_cart").items().get(0).itemId()).isEqualTo("sku-1");
        assertThat(events.get("web_vitals").properties()).contains("\"cls\"");
        assertThat(events.get("outbound_click").properties()).contains("\"link_url\"");
    }

    @Test
    void aPurchaseHasItsItemsAndProperties(Site site) {
        Page page = site.open("/thanks");
        page.evaluate(
                """
                onevault('event', 'purchase', {
                  transaction_id: 'order-1001', value: 129.9, currency: 'EUR', coupon: 'SPRING',
                  items: [{item_id: 'sku-1', price: 99.95, quantity: 1, size: 'L'}, {item_id: 'sku-2', price: '29.95'}],
                })
                """);

        TrackerEvent event = decode(site.collector().await("purchase"));

        assertThat(event.isSale()).isTrue();
        assertThat(event.purchase().transactionId()).isEqualTo("order-1001");
        assertThat(event.purchase().value()).isEqualByComparingTo(new BigDecimal("129.9"));
        assertThat(event.purchase().currency()).isEqualTo("EUR");
        assertThat(event.items()).hasSize(2);
        assertThat(event.properties()).contains("\"coupon\"", "\"SPRING\"", "\"size\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"shop", "saas", "content", "real-estate", "health", "education"})
    void theExamplesOfTheIndustriesWork(String industry, Site site) throws IOException {
        String example = Files.readString(Path.of("src/main/js/examples", industry + ".html"));
        site.body(
                "/",
                example.replace("https://data.example.com/", "/")
                        .replace(
                                "data-key=",
                                "data-endpoint=\"" + site.collector().url() + "\" data-key="));
        Page page = site.open("/");
        if (industry.equals("health")) {
            page.click("#yes");
        }
        site.collector().await("page_view");
        int scripted = example.split("onevault\\('event'", -1).length - 1;
        site.collector().await("its events", all -> site.collector().events().size() > scripted);

        for (Locator element : page.locator("[data-track]").all()) {
            element.click();
            site.collector().await(element.getAttribute("data-track"));
        }

        assertThat(site.collector().events()).allSatisfy(this::decode);
        assertThat(site.pageErrors()).isEmpty();
    }

    /** Whoever blocks the tracker has the page all the same. */
    @Test
    void theExamplesWorkWhereTheTrackerIsBlocked(Site site) throws IOException {
        site.context().route("**/tracker.js", Route::abort);
        for (String industry :
                List.of("shop", "saas", "content", "real-estate", "health", "education")) {
            site.body("/", Files.readString(Path.of("src/main/js/examples", industry + ".html")));
            Page page = site.open("/");
            if (industry.equals("health")) {
                page.click("#yes");
            }
        }

        assertThat(site.pageErrors()).isEmpty();
    }

    @Test
    void aPageMaySayWhatItIs(Site site) {
        Page page = site.open("/app");
        page.evaluate(
                "onevault('page', {page_title: 'Settings', page_url: location.origin + '/settings'})");
        page.evaluate("onevault('event', 'saved')");

        JsonNode view = site.collector().await("page_view", 2).get(1);
        assertThat(view.path("page_title").asText()).isEqualTo("Settings");
        assertThat(view.path("page_url").asText()).isEqualTo(site.url("/settings"));
        assertThat(site.collector().await("saved").path("page_url").asText())
                .isEqualTo(site.url("/settings"));
    }

    private TrackerEvent decode(JsonNode event) {
        ObjectNode record = event.deepCopy();
        record.put("tenantId", "acme"); // The collector's, by the key.
        Decoded decoded = decoder.decode(record.toString().getBytes(UTF_8));
        assertThat(decoded).isInstanceOf(Decoded.Valid.class);
        assertThat(((Decoded.Valid) decoded).suspicions()).isEmpty();
        return ((Decoded.Valid) decoded).event();
    }
}
