package io.onevault.tracking.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Response;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;

/** Open pages of two visitors that tell events when they are told to, and what is answered. */
final class TellingPages implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int VISITORS = 2;
    private static final int TABS = 2;

    /** Twenty events a second, each of its own number. */
    private static final String PAGE =
            """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Telling</title>
            <script defer src="$script" data-key="$key" data-consent="granted"></script>
            <script>
              let left = 0;
              window.tell = (count) => { left += count; };
              setInterval(() => {
                if (left > 0) {
                  left--;
                  onevault('event', 'told', {number: crypto.randomUUID()});
                }
              }, 50);
            </script></head><body></body></html>""";

    private final List<BrowserContext> visitors = new ArrayList<>();
    private final List<Page> pages = new ArrayList<>();
    private final HttpServer server;
    private final Set<Integer> answers = new HashSet<>();
    private final Set<String> taken = new HashSet<>();
    private final Map<String, Integer> sent = new HashMap<>();
    private int told;

    TellingPages(Browser browser, String script, String key) throws IOException {
        String page = PAGE.replace("$script", script).replace("$key", key);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> serve(exchange, page));
        server.start();
        for (int i = 0; i < VISITORS; i++) {
            BrowserContext visitor = browser.newContext();
            visitors.add(visitor);
            visitor.onRequest(this::count);
            visitor.onResponse(this::answered);
            visitor.onRequestFailed(request -> answers.add(0));
            for (int tab = 0; tab < TABS; tab++) {
                Page opened = visitor.newPage();
                opened.navigate("http://localhost:" + server.getAddress().getPort() + "/");
                pages.add(opened);
            }
        }
    }

    private static void serve(HttpExchange exchange, String page) throws IOException {
        byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/html;charset=utf-8");
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private void count(Request request) {
        ids(request).forEach(id -> sent.merge(id, 1, Integer::sum));
    }

    private void answered(Response response) {
        answers.add(response.status());
        if (response.status() == 202) {
            taken.addAll(ids(response.request()));
        }
    }

    /** Of the events that a page told. */
    private static List<String> ids(Request request) {
        if (!request.method().equals("POST")) {
            return List.of();
        }
        List<String> ids = new ArrayList<>();
        try {
            for (JsonNode event : JSON.readTree(request.postData()).path("events")) {
                if (event.path("evt_type").asText().equals("told")) {
                    ids.add(event.path("event_id").asText());
                }
            }
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
        return ids;
    }

    /** Has each page tell so many events more. */
    void tell(int each) {
        pages.forEach(page -> page.evaluate("count => tell(count)", each));
        told += each * pages.size();
    }

    /** Waits while browsers go on. */
    void await(String what, Callable<Boolean> condition) throws Exception {
        JobRuns.await(
                () -> {
                    // What happened meanwhile is told by calls only.
                    pages.get(0).waitForTimeout(1);
                    return condition.call();
                },
                () -> what + ", " + taken.size() + " of " + told + " taken");
    }

    /** Waits until all that was told has been taken. */
    void awaitAll() throws Exception {
        await("all events", () -> taken.size() == told);
    }

    /** All statuses so far, 0 where none came. */
    Set<Integer> answers() {
        return answers;
    }

    /** Ids of the events that a 202 was answered for. */
    Set<String> taken() {
        return taken;
    }

    /** Ids of the events that were sent more than once. */
    List<String> sentTwice() {
        return sent.entrySet().stream()
                .filter(entry -> entry.getValue() > 1)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** How many events there are. */
    int told() {
        return told;
    }

    @Override
    public void close() {
        visitors.forEach(BrowserContext::close);
        server.stop(0);
    }
}
