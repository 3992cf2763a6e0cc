package io.onevault.tracking.tracker;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Clock;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A web site whose pages carry the tracker, its collector, and a visitor's browser. */
final class Site implements AutoCloseable {

    static final String KEY = "site_test";

    /** Does to a page what covering its tab by another one, or uncovering it, does. */
    static final String HIDE =
            """
            isHidden => {
              Object.defineProperty(document, 'hidden', {value: isHidden, configurable: true});
              document.dispatchEvent(new Event('visibilitychange', {bubbles: true}));
            }
            """;

    private final Collector collector = new Collector();
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BrowserContext context;
    private final List<String> pageErrors = new ArrayList<>();
    private final Map<String, String> bodies = new ConcurrentHashMap<>();
    private final Map<String, String> headers = new ConcurrentHashMap<>();
    private final Map<String, String> attributes = new TreeMap<>();
    private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();
    private final Map<String, CountDownLatch> asked = new ConcurrentHashMap<>();

    Site(Browser browser) {
        context = browser.newContext();
        context.onWebError(error -> pageErrors.add(error.error()));
        attributes.put("data-key", KEY);
        attributes.put("data-endpoint", collector.url());
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

    Collector collector() {
        return collector;
    }

    BrowserContext context() {
        return context;
    }

    /** What went wrong in the page and was caught by nobody. */
    List<String> pageErrors() {
        return pageErrors;
    }

    /** An attribute of all script tags from now on. */
    Site with(String attribute, String value) {
        attributes.put(attribute, value);
        return this;
    }

    Site without(String attribute) {
        attributes.remove(attribute);
        return this;
    }

    /** What the page at this path has in its body; or the whole of it, with its own tag. */
    Site body(String path, String html) {
        bodies.put(path, html);
        return this;
    }

    /** A header of all pages from now on. */
    Site header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** The address of a path; localhost counts as safe, as if it had TLS. */
    String url(String path) {
        return "http://localhost:" + server.getAddress().getPort() + path;
    }

    /** The address of a path on a host without TLS. */
    String urlWithoutTls(String path) {
        return "http://shop.test:" + server.getAddress().getPort() + path;
    }

    Page open(String path) {
        Page page = context.newPage();
        page.navigate(url(path));
        return page;
    }

    /** A page whose clock stands still but for what the test lets pass. */
    Page openInSlowMotion(String path) {
        Page page = context.newPage();
        long now = System.currentTimeMillis();
        // From the past on, as it can't be stopped at a time that went by meanwhile.
        page.clock().install(new Clock.InstallOptions().setTime(now - 3_600_000));
        page.clock().pauseAt(now);
        page.navigate(url(path));
        return page;
    }

    /** What happens to a page whose tab is covered by another one. */
    static void hide(Page page, boolean isHidden) {
        page.evaluate(HIDE, isHidden);
    }

    /** Waits until everything that the page sent before has arrived. */
    void settle(Page page) {
        int before = collector.deliveries().size();
        page.evaluate(
                "url => fetch(url + '?settled', {method: 'POST', body: '{}'})", collector.url());
        collector.await(
                "the mark",
                all ->
                        all.stream()
                                .skip(before)
                                .anyMatch(delivery -> "settled".equals(delivery.query())));
    }

    /** Holds the answer to this path back until {@link #release}. */
    Site hold(String path) {
        held.put(path, new CountDownLatch(1));
        return this;
    }

    void release(String path) {
        held.get(path).countDown();
    }

    /** Waits until a browser has asked for this path. */
    void awaitPage(String path) {
        await(latch(path), "somebody to ask for " + path);
    }

    private static void await(CountDownLatch latch, String what) {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                throw new AssertionError("waited in vain for " + what);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private CountDownLatch latch(String path) {
        return asked.computeIfAbsent(path, key -> new CountDownLatch(1));
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        latch(path).countDown();
        if (held.containsKey(path)) {
            await(held.get(path), "the release of " + path);
        }
        headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
        boolean isScript = path.endsWith(".js");
        exchange.getResponseHeaders()
                .set("Content-Type", isScript ? "text/javascript" : "text/html;charset=utf-8");
        byte[] content = isScript ? script(path) : page(path).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, content.length);
        exchange.getResponseBody().write(content);
        exchange.close();
    }

    private byte[] script(String path) throws IOException {
        String own = bodies.get(path);
        if (own != null) {
            return own.getBytes(StandardCharsets.UTF_8);
        }
        if (path.startsWith("/npm/")) {
            return Files.readAllBytes(Path.of("target", path));
        }
        try (InputStream script = Site.class.getResourceAsStream("/tracker" + path)) {
            return script.readAllBytes();
        }
    }

    private String page(String path) {
        String body = bodies.getOrDefault(path, "<p>Nothing to see.</p>");
        return body.startsWith("<!doctype") ? body : page(path, body);
    }

    private String page(String path, String body) {
        StringBuilder tag = new StringBuilder("<script defer src=\"/tracker.js\"");
        attributes.forEach(
                (name, value) ->
                        tag.append(' ').append(name).append("=\"").append(value).append('"'));
        return "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Title of "
                + path
                + "</title>"
                + tag
                + "></script></head><body>"
                + body
                + "</body></html>";
    }

    @Override
    public void close() {
        closeContext();
        server.stop(0);
        threads.shutdownNow();
        collector.close();
    }

    private void closeContext() {
        try {
            context.close();
        } catch (PlaywrightException e) {
            // A request on its way is answered while its page closes.
            if (!String.valueOf(e.getMessage()).contains("has been closed")) {
                throw e;
            }
        }
    }
}
