package io.onevault.tracking.tracker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/** A collector over real HTTP, on an origin of its own, that keeps what it gets. */
final class Collector implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Requests that are under way together may overtake each other. */
    private static final Comparator<JsonNode> OCCURRED =
            Comparator.<JsonNode>comparingLong(event -> event.path("event_timestamp").asLong())
                    .thenComparingLong(event -> event.path("sequence").asLong());

    private final ObjectMapper json = new ObjectMapper();
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch end = new CountDownLatch(1);
    private final List<Delivery> deliveries = new ArrayList<>();
    private final Deque<Answer> answers = new ArrayDeque<>();
    private final Map<String, Answer> refusals = new HashMap<>();

    /** How to answer the next request. */
    enum Kind {
        STATUS,
        NEVER,
        CUT
    }

    record Answer(Kind kind, int status, String retryAfter) {

        static Answer status(int status) {
            return new Answer(Kind.STATUS, status, null);
        }

        static Answer pause(int status, String retryAfter) {
            return new Answer(Kind.STATUS, status, retryAfter);
        }

        static Answer never() {
            return new Answer(Kind.NEVER, 0, null);
        }

        /** The connection ends without an answer. */
        static Answer cut() {
            return new Answer(Kind.CUT, 0, null);
        }
    }

    /** One request: what came, and how it was answered. */
    record Delivery(
            String method,
            String query,
            Headers headers,
            String body,
            JsonNode content,
            int status) {

        List<JsonNode> events() {
            List<JsonNode> events = new ArrayList<>();
            content.path("events").forEach(events::add);
            return events;
        }

        boolean isAccepted() {
            return status / 100 == 2;
        }
    }

    Collector() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/in";
    }

    /** The next requests are answered so; those after them by a 202. */
    synchronized void answer(Answer... next) {
        answers.addAll(List.of(next));
    }

    /** Whatever has this in its body is answered so. */
    synchronized void refuse(String part, int status) {
        refusals.put(part, Answer.status(status));
    }

    synchronized void refuseNothing() {
        refusals.clear();
    }

    private Answer next(String body) {
        for (Map.Entry<String, Answer> refusal : refusals.entrySet()) {
            if (body.contains(refusal.getKey())) {
                return refusal.getValue();
            }
        }
        return answers.isEmpty() ? Answer.status(202) : answers.poll();
    }

    /** All requests so far, in the order of their arrival. */
    synchronized List<Delivery> deliveries() {
        return List.copyOf(deliveries);
    }

    /**
     * All events that were accepted, each as often as it was, in the order in which they occurred.
     */
    List<JsonNode> events() {
        return deliveries().stream()
                .filter(Delivery::isAccepted)
                .flatMap(delivery -> delivery.events().stream())
                .sorted(OCCURRED)
                .toList();
    }

    List<JsonNode> events(String type) {
        return events().stream()
                .filter(event -> event.path("evt_type").asText().equals(type))
                .toList();
    }

    /** Waits until this many events of the type were accepted, and gives them. */
    List<JsonNode> await(String type, int count) {
        await(count + " of " + type, all -> events(type).size() >= count);
        return events(type);
    }

    /** Waits until an event of the type was accepted, and gives the first. */
    JsonNode await(String type) {
        return await(type, 1).get(0);
    }

    synchronized void await(String what, Predicate<List<Delivery>> isThere) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (!isThere.test(deliveries())) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new AssertionError(what + " did not come; what came: " + deliveries);
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Answer answer = record(exchange, body);
        switch (answer.kind()) {
            case STATUS -> respond(exchange, answer);
            case NEVER -> await(end);
            case CUT -> {}
        }
        exchange.close();
    }

    private synchronized Answer record(HttpExchange exchange, String body) throws IOException {
        Answer answer = next(body);
        deliveries.add(
                new Delivery(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().getRawQuery(),
                        exchange.getRequestHeaders(),
                        body,
                        json.readTree(body.isEmpty() ? "{}" : body),
                        answer.status()));
        notifyAll();
        return answer;
    }

    private static void respond(HttpExchange exchange, Answer answer) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Access-Control-Allow-Origin", "*");
        headers.set("Access-Control-Expose-Headers", "Retry-After");
        if (answer.retryAfter() != null) {
            headers.set("Retry-After", answer.retryAfter());
        }
        exchange.sendResponseHeaders(answer.status(), -1);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
