package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Each door that is described is there, and answers of every kind have the same headers. */
final class ClosedAnswers {

    /** What every answer has, in small letters. */
    static final List<String> HEADERS =
            List.of(
                    "content-security-policy",
                    "cross-origin-opener-policy",
                    "cross-origin-resource-policy",
                    "permissions-policy",
                    "referrer-policy",
                    "x-content-type-options",
                    "x-frame-options");

    private final CollectorStack stack;
    private final String browser;

    /**
     * @param browser a key of tenant acme
     */
    ClosedAnswers(CollectorStack stack, String browser) {
        this.stack = stack;
        this.browser = browser;
    }

    void areAllButThoseThatOtherPagesAskFor() throws Exception {
        Set<Integer> statuses = new TreeSet<>();
        for (HttpRequest.Builder request : described()) {
            int status = assertClosed(request);
            assertThat(status).as(request.build().toString()).isNotIn(404, 405);
            statuses.add(status);
        }
        for (HttpRequest.Builder request : others()) {
            statuses.add(assertClosed(request));
        }

        assertThat(statuses).contains(200, 202, 204, 302, 304, 400, 401, 403, 404, 405, 413, 429);
    }

    private int assertClosed(HttpRequest.Builder request) throws Exception {
        HttpResponse<InputStream> answer = stack.head(request);
        assertThat(HEADERS)
                .as(answer.toString())
                .allMatch(name -> answer.headers().firstValue(name).isPresent());
        if (answer.statusCode() < 300) {
            boolean isForOthers =
                    answer.uri().getPath().matches("/in(\\.gif)?|/(tracker|core|t/.*)\\.js");
            assertThat(answer.headers().firstValue("Cross-Origin-Resource-Policy"))
                    .as(answer.toString())
                    .contains(isForOthers ? "cross-origin" : "same-origin");
        }
        return answer.statusCode();
    }

    private List<HttpRequest.Builder> described() throws Exception {
        String manager = stack.key("acme", "manager", "read,manage");
        byte[] script = stack.get("/tracker.js").body().getBytes(StandardCharsets.UTF_8);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(script);
        String hash = Base64.getUrlEncoder().encodeToString(digest).substring(0, 22);
        List<HttpRequest.Builder> requests = new ArrayList<>();
        JsonNode paths = CollectorStack.json(stack.get("/openapi.json")).get("paths");
        for (Map.Entry<String, JsonNode> path : paths.properties()) {
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                boolean isSending = path.getKey().startsWith("/in");
                HttpRequest.Builder request =
                        stack.request(
                                        path.getKey().replace("{hash}", hash)
                                                + (isSending ? "?key=" + browser : ""))
                                .method(
                                        method.getKey().toUpperCase(Locale.ROOT),
                                        HttpRequest.BodyPublishers.ofString("{}"));
                requests.add(
                        isSending ? request : request.header("Authorization", "Bearer " + manager));
            }
        }
        assertThat(requests).hasSizeGreaterThan(25);
        return requests;
    }

    private List<HttpRequest.Builder> others() throws Exception {
        String reader = "Bearer " + stack.key("acme", "figures", "read");
        HttpRequest.Builder tooMuch =
                stack.page(browser, CollectorStack.batch(100), null)
                        .header("X-Forwarded-For", "203.0.113.30");
        return List.of(
                stack.request("/dashboard/")
                        .header(
                                "If-None-Match",
                                CollectorStack.header(stack.get("/dashboard/"), "ETag")),
                stack.request("/read/realtime")
                        .header("Authorization", reader)
                        .header("Accept", "text/event-stream"),
                stack.request("/read/analytics?no_such=option").header("Authorization", reader),
                stack.request("/read/none").header("Authorization", reader),
                stack.request("/read/status"),
                stack.request("/read/status").header("Authorization", "Bearer " + browser),
                stack.request("/dashboard/none.js"),
                stack.request("/t/none.js"),
                stack.request("/none"),
                stack.request("/in").DELETE(),
                stack.page(browser, CollectorStack.batch(1_001), null),
                tooMuch.copy(),
                tooMuch.copy());
    }
}
