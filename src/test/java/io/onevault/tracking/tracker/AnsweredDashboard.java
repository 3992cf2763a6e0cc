package io.onevault.tracking.tracker;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.WaitForSelectorState;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The dashboard in a browser, with answers that the test gives in the place of a collector. */
final class AnsweredDashboard {

    static final Locator.WaitForOptions GONE =
            new Locator.WaitForOptions().setState(WaitForSelectorState.DETACHED);

    /** What is never painted, as the options of a list. */
    static final Locator.WaitForOptions THERE =
            new Locator.WaitForOptions().setState(WaitForSelectorState.ATTACHED);

    private static final String HOME = "http://localhost:1/dashboard/";

    private static final String STILL =
            "!document.querySelector('main[aria-busy], .skeleton, .stale')";

    private static final Map<String, String> TYPES =
            Map.of(
                    "html", "text/html;charset=utf-8",
                    "js", "text/javascript;charset=utf-8",
                    "css", "text/css;charset=utf-8",
                    "svg", "image/svg+xml");

    private final Page page;
    private final Map<String, String> answers = new HashMap<>();
    private final Map<Pattern, Integer> refusals = new HashMap<>();
    private final Set<String> streams = new HashSet<>();
    private final List<String> complaints = new ArrayList<>();
    private final List<String> changes = new ArrayList<>();

    AnsweredDashboard(BrowserContext context) {
        page = context.newPage();
        page.onPageError(complaints::add);
        page.onConsoleMessage(
                message -> {
                    // a refused answer is one that Chromium tells by itself
                    if ("error".equals(message.type())
                            && !message.text().startsWith("Failed to load resource")) {
                        complaints.add(message.text());
                    }
                });
        page.route(url -> url.startsWith(HOME), AnsweredDashboard::file);
        page.route(url -> url.contains("/read/") || url.contains("/write/"), this::answer);
        answers.put(
                "/read/site",
                "{\"tenant\": \"acme\", \"timezone\": \"Europe/Berlin\", \"may\": [\"manage\"]}");
        answers.put(
                "settings",
                """
                {"goals": ["sign_up"], "named_goals": [], "segments": [], "annotations": [],
                 "links": [], "alerts": []}""");
        answers.put(
                "/read/analytics",
                """
                {"visits": 3, "visitors": 2, "pageviews": 9, "events": 12, "conversions": 1,
                 "bounce_rate": 0.5, "conversion_rate": 0.5, "engaged_seconds_per_visit": 30,
                 "revenue": {"EUR": 12.5}, "interval": "day",
                 "series": [{"start": "2026-02-28T23:00:00Z", "label": "2026-03-01", "visits": 3, "visitors": 2}],
                 "items": [{"value": "sku-1", "events": 2, "revenue": {}}],
                 "channels": [{"value": "direct", "visits": 3}],
                 "goals": [{"value": "sign_up", "events": 1, "visits": 1}],
                 "properties": [{"value": "size", "events": 1, "visits": 1}],
                 "visitor_kinds": [], "robots": []}""");
        answers.put("/read/vitals", "{\"measures\": {}, \"rows\": []}");
        answers.put("/read/sessions", "{\"sessions\": []}");
    }

    /**
     * @param question a part of the addresses that have this answer; the longest one decides
     */
    AnsweredDashboard answer(String question, String data) {
        answers.put(question, data);
        return this;
    }

    /** One answer, as a stream that stays there tells it who asks for one; then the stream ends. */
    AnsweredDashboard stream(String question, String data) {
        streams.add(question);
        return answer(question, data);
    }

    String answer(String question) {
        return answers.get(question);
    }

    /**
     * @param question a pattern of addresses that are refused until it is {@link #allow}ed
     */
    AnsweredDashboard refuse(String question, int status) {
        refusals.put(Pattern.compile(question), status);
        return this;
    }

    void allow(String question) {
        refusals.keySet().removeIf(refused -> refused.pattern().equals(question));
    }

    Page page() {
        return page;
    }

    /** What went wrong in the page's own scripts. */
    List<String> complaints() {
        return complaints;
    }

    /** The bodies of what the page asked to write. */
    List<String> changes() {
        return changes;
    }

    /** As whoever has a key sees it. */
    Page open(String shown) {
        return open(shown, "a-key");
    }

    Page open(String shown, String key) {
        page.navigate("about:blank");
        page.navigate(HOME + "?" + shown + "#key=" + key);
        settle();
        return page;
    }

    /** Waits until the page waits for no answer. */
    void settle() {
        page.waitForFunction(STILL);
    }

    private void answer(Route route) {
        Request request = route.request();
        String url = request.url();
        if (request.postData() != null) {
            changes.add(request.postData());
        }
        Integer refused =
                refusals.entrySet().stream()
                        .filter(refusal -> refusal.getKey().matcher(url).find())
                        .map(Map.Entry::getValue)
                        .findAny()
                        .orElse(null);
        String code = refused != null && refused == 401 ? "UNAUTHENTICATED" : "NO";
        String body =
                refused == null
                        ? "{\"success\": true, \"data\": " + answerTo(url).replace("\n", " ") + "}"
                        : "{\"error_code\": \"" + code + "\", \"message\": \"Not so.\"}";
        boolean isStream =
                refused == null
                        && "text/event-stream".equals(request.headers().get("accept"))
                        && streams.stream().anyMatch(url::contains);
        route.fulfill(
                new Route.FulfillOptions()
                        .setStatus(refused == null ? 200 : refused)
                        .setContentType(isStream ? "text/event-stream" : "application/json")
                        .setBody(isStream ? "data: " + body + "\n\n" : body));
    }

    private String answerTo(String url) {
        return answers.entrySet().stream()
                .filter(answer -> url.contains(answer.getKey()))
                .max(Map.Entry.comparingByKey((one, other) -> one.length() - other.length()))
                .map(Map.Entry::getValue)
                .orElse("{}");
    }

    private static void file(Route route) {
        String path = route.request().url().substring(HOME.length()).replaceAll("[?#].*", "");
        String name = path.isEmpty() ? "index.html" : path;
        route.fulfill(
                new Route.FulfillOptions()
                        .setContentType(TYPES.get(name.substring(name.lastIndexOf('.') + 1)))
                        .setBodyBytes(
                                name.startsWith("uplot/")
                                        ? resource(uplotFolder() + name.substring(6))
                                        : resource("dashboard/" + name)));
    }

    private static String uplotFolder() {
        return new String(resource("uplot.folder"), StandardCharsets.UTF_8).strip();
    }

    static byte[] resource(String name) {
        try (InputStream in = AnsweredDashboard.class.getClassLoader().getResourceAsStream(name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
