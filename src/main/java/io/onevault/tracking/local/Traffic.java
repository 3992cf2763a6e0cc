package io.onevault.tracking.local;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Simulated visitors, so many at a time, who open pages and have their events sent to the collector
 * as browsers do. Who leaves is followed by another one.
 */
final class Traffic implements AutoCloseable {

    private static final int RETRY_MILLIS = 5_000;

    private final TrafficPlan plan = TrafficPlan.read();
    private final Random random = new Random();
    private final HttpClient client = HttpClient.newHttpClient();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final String collector;
    private final Map<String, String> keys;
    private final int haste;

    private Traffic(String collector, Map<String, String> keys, int haste) {
        this.collector = collector;
        this.keys = keys;
        this.haste = haste;
    }

    /**
     * Lets visitors in.
     *
     * @param collector its address, without a path
     * @param keys the sites' public keys, by tenant
     * @param haste how many times as fast as people they are
     */
    static Traffic start(String collector, Map<String, String> keys, int visitors, int haste) {
        Traffic traffic = new Traffic(collector, keys, haste);
        for (int i = 0; i < visitors; i++) {
            traffic.clock.execute(traffic::begin);
        }
        return traffic;
    }

    private void begin() {
        go(plan.visit(random), 0);
    }

    /** Takes a step of a visit after its pause, or begins another visit. */
    private void go(TrafficPlan.Visit visit, int number) {
        if (number == visit.steps().size()) {
            begin();
            return;
        }
        // Nobody is as regular as a clock.
        double part = 0.5 + random.nextDouble();
        after(part * visit.steps().get(number).pauseMillis(), () -> send(visit, number));
    }

    private void after(double millis, Runnable action) {
        if (!clock.isShutdown()) {
            clock.schedule(action, (long) (millis / haste), TimeUnit.MILLISECONDS);
        }
    }

    private void send(TrafficPlan.Visit visit, int number) {
        TrafficPlan.Step step = visit.steps().get(number);
        if (step.event().get("evt_type").asText().equals("page_view") && !isElsewhere(visit)) {
            client.sendAsync(
                    request(visit, '/' + visit.site().base() + step.page()).build(),
                    HttpResponse.BodyHandlers.discarding());
        }
        HttpRequest.Builder request =
                request(visit, "/in?key=" + keys.get(visit.site().tenant()))
                        .header("Content-Type", "text/plain;charset=UTF-8")
                        .POST(HttpRequest.BodyPublishers.ofString(body(visit, step)));
        client.sendAsync(request.build(), HttpResponse.BodyHandlers.discarding())
                .whenComplete((response, failure) -> sent(visit, number, response));
    }

    /** What is not taken is sent again, under the same id. */
    private void sent(TrafficPlan.Visit visit, int number, HttpResponse<Void> response) {
        if (clock.isShutdown()) {
            return;
        }
        if (response != null && response.statusCode() == 202) {
            clock.execute(() -> go(visit, number + 1));
        } else {
            after(RETRY_MILLIS, () -> send(visit, number));
        }
    }

    private HttpRequest.Builder request(TrafficPlan.Visit visit, String path) {
        return HttpRequest.newBuilder(URI.create(collector + path))
                .header("User-Agent", visit.agent())
                .header("X-Forwarded-For", visit.address());
    }

    private String body(TrafficPlan.Visit visit, TrafficPlan.Step step) {
        ObjectNode event = step.event().deepCopy();
        long now = System.currentTimeMillis();
        event.put("event_timestamp", now);
        event.put("sent_at", now);
        String base = isElsewhere(visit) ? "" : collector + '/';
        event.put("page_url", base + visit.site().base() + event.get("page_url").asText());
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putArray("events").add(event);
        return body.toString();
    }

    private static boolean isElsewhere(TrafficPlan.Visit visit) {
        return visit.site().base().contains("://");
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
