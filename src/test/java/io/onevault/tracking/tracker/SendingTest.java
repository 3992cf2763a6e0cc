package io.onevault.tracking.tracker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Page;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Events leave the queue on a 2xx and else never, whatever the network and the collector do. */
@ExtendWith(Chromium.class)
final class SendingTest {

    @Test
    void needsNoPreflightAndSendsNoCookie(Site site) {
        site.context()
                .addCookies(
                        List.of(
                                new com.microsoft.playwright.options.Cookie("login", "secret")
                                        .setUrl(site.collector().url())));
        site.open("/");
        site.collector().await("page_view");

        Collector.Delivery delivery = site.collector().deliveries().get(0);
        assertThat(site.collector().deliveries())
                .extracting(Collector.Delivery::method)
                .containsOnly("POST");
        assertThat(delivery.query()).isEqualTo("key=" + Site.KEY);
        assertThat(delivery.headers().getFirst("Content-Type"))
                .isEqualTo("text/plain;charset=UTF-8");
        assertThat(delivery.headers().getFirst("Origin")).isEqualTo(site.url(""));
        assertThat(delivery.headers().getFirst("Cookie")).isNull();
    }

    @Test
    void asksForRequestsThatOutliveThePage(Site site) {
        site.context()
                .addInitScript(
                        """
                        const ask = fetch;
                        window.asked = [];
                        window.fetch = (url, options) => {
                          asked.push(options.keepalive);
                          return ask(url, options);
                        };
                        """);
        Page page = site.open("/");
        site.collector().await("page_view");

        assertThat(page.evaluate("asked")).asString().isEqualTo("[true]");
    }

    @Test
    void sendsAgainWhatWasNotAccepted(Site site) {
        site.collector().answer(Collector.Answer.status(500), Collector.Answer.status(503));
        site.open("/");

        JsonNode accepted = site.collector().await("page_view");

        List<JsonNode> all =
                site.collector().deliveries().stream()
                        .flatMap(delivery -> delivery.events().stream())
                        .filter(event -> event.path("evt_type").asText().equals("page_view"))
                        .toList();
        assertThat(all).hasSize(3);
        assertThat(all).extracting(SendingTest::content).containsOnly(content(accepted));
    }

    @Test
    void keepsSilentForAsLongAsItIsAsked(Site site) {
        assertSilence(site, "60");
    }

    @Test
    void keepsSilentUntilTheDateItIsTold(Site site) {
        assertSilence(
                site,
                DateTimeFormatter.RFC_1123_DATE_TIME.format(
                        ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(65)));
    }

    private static void assertSilence(Site site, String retryAfter) {
        site.collector().answer(Collector.Answer.pause(429, retryAfter));
        Page page = site.openInSlowMotion("/");
        page.clock().runFor(1_000);
        site.collector().await("a refusal", all -> all.size() == 1);
        site.settle(page);
        page.evaluate("onevault('event', 'during_silence')");
        page.clock().runFor(35_000);
        Site.hide(page, true);
        Site.hide(page, false);
        site.settle(page);
        assertThat(site.collector().events()).isEmpty();

        page.clock().runFor(60_000);

        site.collector().await("page_view");
        site.collector().await("during_silence");
    }

    /** Two requests are under way: one is told to wait, then the other finds no network. */
    @Test
    void keepsSilentAsAskedWhateverTheOtherRequestMeetsThen(Site site) {
        Page page = openWithTwoRequests(site, "failure");
        page.waitForCondition(() -> Boolean.TRUE.equals(page.evaluate("window.answered")));
        page.evaluate("fail()");

        assertSilenceThoughWoken(site, page);
    }

    /** The other way round. */
    @Test
    void keepsSilentAsAskedWhateverTheOtherRequestMetBefore(Site site) {
        Page page = openWithTwoRequests(site, "Promise.reject()");
        page.waitForCondition(() -> Boolean.TRUE.equals(page.evaluate("window.answered")));

        assertSilenceThoughWoken(site, page);
    }

    /**
     * @param other what becomes of the request that is not told to wait, each time until that is
     *     over
     */
    private static Page openWithTwoRequests(Site site, String other) {
        site.context()
                .addInitScript(
                        """
                        const ask = fetch;
                        const failure = new Promise((_, reject) => (window.fail = reject));
                        failure.catch(() => {});
                        window.fetch = (url, options) => {
                          if (options.body.includes('other') && !window.isOver) {
                            return %s;
                          }
                          return ask(url, options).finally(() => (window.answered = true));
                        };
                        """
                                .formatted(other));
        site.collector().answer(Collector.Answer.pause(429, "60"));
        Page page = site.openInSlowMotion("/");
        page.evaluate("onevault('event', 'other', {text: 'x'.repeat(15_900)})");
        page.clock().runFor(1_000);
        return page;
    }

    private static void assertSilenceThoughWoken(Site site, Page page) {
        page.evaluate("dispatchEvent(new Event('online'))");
        page.clock().runFor(35_000);
        Site.hide(page, true);
        Site.hide(page, false);
        site.settle(page);
        assertThat(site.collector().events()).isEmpty();

        page.evaluate("window.isOver = true");
        page.clock().runFor(60_000);

        site.collector().await("page_view");
        site.collector().await("other");
    }

    @Test
    void stopsWhereItIsNotWanted(Site site) {
        site.collector().answer(Collector.Answer.status(403));
        Page page = site.openInSlowMotion("/");
        page.clock().runFor(1_000);
        site.collector().await("a refusal", all -> all.size() == 1);
        site.settle(page);

        page.clock().runFor(400_000);
        site.settle(page);

        assertThat(site.collector().events()).isEmpty();
        assertThat(site.pageErrors()).isEmpty();
    }

    @Test
    void whatIsTooLargeHoldsNothingElseUp(Site site) {
        Page page = site.with("data-consent", "granted").open("/");
        site.collector().await("page_view");
        page.waitForCondition(() -> ConsentTest.storedEvents(page).isEmpty());
        site.collector().answer(Collector.Answer.status(413));

        page.evaluate("onevault('event', 'large', {text: 'a'.repeat(70_000)})");
        site.collector().await("a refusal", all -> all.size() == 2);
        page.evaluate("onevault('event', 'after')");

        site.collector().await("after");
        page.waitForCondition(() -> ConsentTest.storedEvents(page).size() == 1);
        assertThat(page.evaluate("Object.values(localStorage).join()").toString())
                .contains("\"large\"");
        assertThat(site.collector().events("large")).isEmpty();
    }

    @Test
    void whatIsRefusedTakesNothingElseAlong(Site site) {
        site.collector().refuse("deep", 400);
        Page page = site.with("data-consent", "granted").openInSlowMotion("/");
        page.evaluate("['before', 'deep', 'after'].forEach(type => onevault('event', type))");

        page.clock().runFor(1_000);

        site.collector().await("page_view");
        site.collector().await("before");
        site.collector().await("after");
        page.waitForCondition(() -> ConsentTest.storedEvents(page).size() == 1);
        page.clock().runFor(60_000);
        site.settle(page);
        assertThat(site.collector().deliveries())
                .filteredOn(delivery -> delivery.body().contains("deep"))
                .extracting(delivery -> delivery.events().size())
                .containsExactly(4, 1);
        assertThat(site.collector().events("before")).hasSize(1);
    }

    /**
     * Of a page without consent the queue is in memory, and what has room there is not given up.
     */
    @Test
    void takesNothingNewWhereFiveHundredEventsWait(Site site) {
        site.collector().answer(Collector.Answer.pause(503, "60"));
        Page page = site.openInSlowMotion("/");
        page.clock().runFor(1_000);
        site.collector().await("a refusal", all -> all.size() == 1);
        site.settle(page);
        trackNumbered(page, 600);
        page.clock().runFor(60_000);

        runUntilAccepted(site, page, 499);

        site.collector().await("page_view");
        assertThat(numbers(site.collector().events("numbered")))
                .isEqualTo(IntStream.range(0, 499).boxed().toList());
    }

    static void trackNumbered(Page page, int count) {
        page.evaluate(
                "count => { for (let i = 0; i < count; i++) onevault('event', 'numbered', {number: i}) }",
                count);
    }

    /** What has room under way is sent with each second. */
    static void runUntilAccepted(Site site, Page page, int count) {
        page.waitForCondition(
                () -> {
                    page.clock().runFor(1_000);
                    return numbers(site.collector().events("numbered")).size() >= count;
                });
    }

    /** Each once, in ascending order. */
    static List<Integer> numbers(List<JsonNode> events) {
        return events.stream()
                .map(event -> event.path("number").asInt())
                .distinct()
                .sorted()
                .toList();
    }

    @Test
    void requestsThatFailTogetherAreOneFailure(Site site) {
        int others = 12;
        site.collector().refuse("deep", 400);
        Collector.Answer[] failures = new Collector.Answer[others + 1];
        Arrays.fill(failures, Collector.Answer.status(500));
        site.collector().answer(failures);
        Page page = site.openInSlowMotion("/");
        page.evaluate(
                """
                others => {
                  onevault('event', 'deep');
                  for (let i = 0; i < others; i++) {
                    onevault('event', 'other');
                  }
                }
                """,
                others);
        page.clock().runFor(1_000);
        site.collector().await("each by itself", all -> all.size() == others + 3);
        site.settle(page);

        page.clock().runFor(4_000);

        assertThat(site.collector().await("other", others)).hasSize(others);
        assertThat(site.collector().await("page_view", 1)).hasSize(1);
    }

    @Test
    void sendsInBatchesOfSixteenKibibytes(Site site) {
        Page page = site.open("/");
        page.evaluate(
                """
                () => {
                  for (let i = 0; i < 300; i++) {
                    onevault('event', 'many', {number: i, text: i % 2 ? '' : 'Größe ✓ '.repeat(10)});
                  }
                }
                """);

        List<JsonNode> events = site.collector().await("many", 300);

        assertThat(events.stream().map(event -> event.path("number").asInt()).sorted().toList())
                .hasSize(300)
                .doesNotHaveDuplicates();
        assertThat(site.collector().deliveries())
                .allMatch(delivery -> delivery.body().getBytes(UTF_8).length <= 16_384);
    }

    /** What the browser holds for a page that ends without a word is cut the same way. */
    @Test
    void defersInBatchesOfSixteenKibibytes(Site site) {
        site.context()
                .addInitScript(
                        """
                        window.held = [];
                        window.fetchLater = (url, {body, signal}) => held.push({body, signal});
                        """);
        Page page = site.openInSlowMotion("/");
        Object held =
                page.evaluate(
                        """
                        () => {
                          for (let i = 0; i < 20; i++) {
                            onevault('event', 'many', {text: 'Größe ✓ '.repeat(200)});
                          }
                          const bodies = held.filter(({signal}) => !signal.aborted).map(({body}) => body);
                          const events = bodies.flatMap((body) => JSON.parse(body).events);
                          return [
                            events.filter(({evt_type, sent_at}) => evt_type === 'many' && sent_at).length,
                            new Set(events.map(({event_id}) => event_id)).size - events.length,
                            bodies.filter((body) => new Blob([body]).size > 16384).length,
                          ].join(' ');
                        }
                        """);

        assertThat(held).as("events, twice, larger bodies").isEqualTo("20 0 0");
    }

    @Test
    void hasNoMoreThanSixtyFourKibibytesUnderWay(Site site) {
        Collector.Answer never = Collector.Answer.never();
        site.collector().answer(never, never, never, never, never, never, never);
        Page page = site.openInSlowMotion("/");
        page.evaluate(
                """
                () => {
                  for (let i = 0; i < 450; i++) {
                    onevault('event', 'many');
                  }
                }
                """);

        page.clock().runFor(1_000);
        site.collector().await("four requests", all -> all.size() >= 4);
        page.clock().runFor(10_000);

        assertThat(
                        site.collector().deliveries().stream()
                                .mapToInt(delivery -> delivery.body().getBytes(UTF_8).length)
                                .sum())
                .isBetween(50_000, 65_536);
    }

    @Test
    void findsAWayWhereThePageHasUsedUpKeepalive(Site site) {
        site.collector().answer(Collector.Answer.never());
        Page page = site.openInSlowMotion("/");
        page.evaluate(
                "url => { fetch(url, {method: 'POST', keepalive: true, body: '{}'.padEnd(65000)}) }",
                site.collector().url());
        site.collector().await("the page's own", all -> all.size() == 1);
        page.evaluate("onevault('event', 'large', {text: 'x'.repeat(5000)})");

        page.clock().runFor(1_000);

        assertThat(site.collector().await("large").path("text").asText()).hasSize(5_000);
    }

    @Test
    void sendsAnEventThatIsTooLargeForKeepalive(Site site) {
        Page page = site.open("/");
        page.evaluate("onevault('event', 'huge', {text: 'x'.repeat(70000)})");

        assertThat(site.collector().await("huge").path("text").asText()).hasSize(70_000);
    }

    @Test
    void givesUpWaitingForAnAnswer(Site site) {
        site.context()
                .addInitScript(
                        """
                        const timeout = AbortSignal.timeout;
                        AbortSignal.timeout = milliseconds => timeout.call(AbortSignal, milliseconds / 100);
                        """);
        site.collector().answer(Collector.Answer.never(), Collector.Answer.never());
        site.open("/");

        site.collector().await("page_view");
    }

    @Test
    void comesBackAfterABrokenConnection(Site site) {
        site.collector()
                .answer(Collector.Answer.cut(), Collector.Answer.cut(), Collector.Answer.cut());
        site.open("/");

        site.collector().await("page_view");
    }

    @Test
    void comesBackWithTheNetwork(Site site) {
        Page page = site.openInSlowMotion("/");
        page.clock().runFor(1_000);
        site.collector().await("page_view");
        site.settle(page);
        site.context().setOffline(true);
        page.evaluate("onevault('event', 'offline')");
        for (int seconds = 1; seconds <= 64; seconds *= 2) {
            page.clock().runFor(seconds * 1_000L);
            page.evaluate("url => fetch(url).catch(() => {})", site.collector().url());
        }

        site.context().setOffline(false);
        page.clock().runFor(2_000);

        JsonNode event = site.collector().await("offline");
        assertThat(site.collector().events("offline")).containsExactly(event);
    }

    /** What must not change between two deliveries: all but the time of sending. */
    private static JsonNode content(JsonNode event) {
        ObjectNode content = event.deepCopy();
        content.remove("sent_at");
        return content;
    }
}
