package io.onevault.tracking.collector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.contract.TrackerEventDecoder;
import io.onevault.tracking.event.ConsentRules;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which pages send with a site's key, and what is counted of a body that is not even read. */
final class DoorkeeperTest {

    private static final String SHOP = "https://shop.example.com";
    private static final Site SITE =
            new Site(
                    "acme",
                    Set.of(Site.Scope.BROWSER),
                    Set.of(SHOP),
                    "UTC",
                    ConsentRules.DEFAULT,
                    null);

    /** Of a body's bytes, as many as may be under way. */
    private static final int ROOM = 1_000;

    private final Map<TurnedAway.Day, Long> counted = new HashMap<>();
    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-03-01T12:00:00Z"));
    private final InstantSource clock = now::get;
    private final AtomicInteger lookups = new AtomicInteger();
    private final TurnedAway turnedAway = new TurnedAway(counted::putAll, clock);
    private final CollectorMetrics metrics = new CollectorMetrics();
    private final Doorkeeper doorkeeper =
            new Doorkeeper(
                    new KeyRing(this::find, new Budgets(1, 1, clock), clock),
                    new ClientAddress(CollectorSettings.Proxies.NONE),
                    new Allowance(
                            new Budgets(1_000, 1_000, clock),
                            new Budgets(1_000, 1_000, clock),
                            turnedAway),
                    new LinkGate(clock));
    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server);

    /** Lets in whoever may, and nothing else. */
    private final class Entrance extends Handler.Abstract {

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            doorkeeper.sender(request);
            Answers.send(response, 200, "text/plain", new byte[0], callback);
            return true;
        }
    }

    @BeforeEach
    void start() throws Exception {
        // What it would write to is not reached.
        Taking taking =
                new Taking(
                        doorkeeper,
                        null,
                        new TrackerEventDecoder(UnaryOperator.identity()),
                        metrics,
                        clock);
        CollectDoor events =
                new CollectDoor(
                        taking,
                        Runnable::run,
                        Duration.ofSeconds(20),
                        new BodyBudget(ROOM, ROOM, 10));
        server.addConnector(connector);
        server.setHandler(
                new Doors(metrics, server.getThreadPool())
                        .add("/image", new Entrance())
                        .add("/slowly", List.of("GET"), new Entrance(), this::isStranger)
                        .add("/in", List.of("POST"), events));
        server.start();
    }

    private Optional<Site> find(byte[] hash) {
        lookups.incrementAndGet();
        return Optional.of(SITE);
    }

    /** From there to the door it takes a minute. */
    private boolean isStranger(Request request) {
        boolean isStranger = doorkeeper.isStranger(request);
        now.updateAndGet(at -> at.plusSeconds(60));
        return isStranger;
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    @Test
    void anImageIsOfThePageThatItRefersTo() throws Exception {
        String own = "http://127.0.0.1:" + connector.getLocalPort() + "/shop/";
        for (String page : List.of(SHOP, SHOP + "/", SHOP + "/a|b?c={d}", SHOP + "?a#b", own)) {
            assertThat(imageOn(page)).as(page).isEqualTo(200);
        }
        for (String page :
                List.of(
                        "https://evil.example.com/",
                        "https://evil.example.com/?" + SHOP,
                        "http://shop.example.com/",
                        SHOP + ".evil.com/",
                        SHOP + "@evil.com/",
                        "shop.example.com",
                        "about:blank",
                        "a")) {
            assertThat(imageOn(page)).as(page).isEqualTo(403);
        }
        assertThat(send(request("/image")).statusCode()).as("in a mail").isEqualTo(200);
        assertThat(imageOn("")).as("behind a proxy that blanks it").isEqualTo(200);
        assertThat(
                        send(request("/image").header("Origin", SHOP).header("Referer", "x://y/"))
                                .statusCode())
                .as("what a browser says of the origin comes first")
                .isEqualTo(200);
    }

    @Test
    void countsABodyForWhichThereIsNoRoomAsWhatItWouldHaveCost() throws Exception {
        HttpResponse<String> answer =
                send(request("/in").POST(HttpRequest.BodyPublishers.ofString("x".repeat(8_192))));

        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.body()).contains("TOO_MANY_BODIES");
        turnedAway.write();
        assertThat(counted.values()).containsExactly(3L);
        assertThat(new String(metrics.text(), UTF_8))
                .contains("requests_refused_total{code=\"TOO_MANY_BODIES\"} 1.0");
    }

    /** The thread that reads connections is told that it need not wait, and then must not. */
    @Test
    void whatIsKnownOfAKeyHoldsAsFarAsTheDoor() throws Exception {
        assertThat(send(request("/image")).statusCode()).isEqualTo(200);
        assertThat(lookups).hasValue(1);

        assertThat(send(request("/slowly")).statusCode()).isEqualTo(200);
        assertThat(lookups).hasValue(1);

        assertThat(send(request("/slowly")).statusCode()).isEqualTo(200);
        assertThat(lookups).as("a minute later").hasValue(2);
    }

    private int imageOn(String page) throws Exception {
        return send(request("/image").header("Referer", page)).statusCode();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + connector.getLocalPort() + path + "?key=st_a"));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return HttpClient.newHttpClient()
                .send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
