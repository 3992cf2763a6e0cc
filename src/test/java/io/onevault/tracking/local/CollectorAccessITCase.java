package io.onevault.tracking.local;

import static io.onevault.tracking.local.CollectorStack.assertRefused;
import static io.onevault.tracking.local.CollectorStack.header;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.collector.CollectorSettings;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys, tenants and origins: who may send and read what. */
@ExtendWith(PostgresExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CollectorAccessITCase {

    private static final String SHOP = "https://shop.example.com";

    /** As a question that takes too long is stopped. */
    private static final String CANCEL_WAITING =
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND wait_event_type = 'Lock'";

    private CollectorStack stack;
    private String browser;
    private String server;

    @BeforeAll
    void start(TestPostgres postgres) throws Exception {
        CollectorSettings.Limits narrow =
                new CollectorSettings.Limits(1_000, 1_000, 1, 100, Duration.ofSeconds(20), 4 << 20);
        stack = new CollectorStack(postgres.vault(), narrow);
        VaultRows.register(stack.database, "acme", "other", "bound", "full");
        stack.allowOrigin("bound", SHOP);
        browser = stack.key("acme", "web", "browser");
        server = stack.key("acme", "server", "write");
    }

    @AfterAll
    void stop() throws Exception {
        stack.close();
    }

    @Test
    void opensToKeysThatMayAndToNoOthers() throws Exception {
        String reader = stack.key("acme", "reader", "read");
        String revoked = stack.key("acme", "revoked", "browser,write,read");
        stack.database.execute("SELECT auth.site_tracking_revoke_key('acme', 'revoked')");
        String expired = stack.key("acme", "expired", "browser,write,read");
        stack.database.execute(
                "UPDATE auth.api_token_s SET expires_at = now() - interval '1 second'"
                        + " WHERE token_hash = util.hash_binary('"
                        + expired
                        + "')");
        String replaced = stack.key("acme", "replaced", "browser,write,read");
        stack.key("acme", "replaced", "browser");

        for (String key : List.of(revoked, expired, replaced, "st_unknown", "x".repeat(300))) {
            assertRefused(stack.post(key, "{}"), 401, "UNAUTHENTICATED");
            assertRefused(stack.send(stack.bearer(key, "{}")), 401, "UNAUTHENTICATED");
            assertRefused(stack.get("/read/status", key), 401, "UNAUTHENTICATED");
        }
        assertRefused(stack.post(server, "{}"), 403, "FORBIDDEN");
        assertRefused(stack.post(reader, "{}"), 403, "FORBIDDEN");
        assertRefused(stack.send(stack.bearer(browser, "{}")), 403, "FORBIDDEN");
        assertRefused(stack.send(stack.bearer(reader, "{}")), 403, "FORBIDDEN");
        assertRefused(stack.get("/read/status", browser), 403, "FORBIDDEN");
        assertRefused(stack.get("/read/status", server), 403, "FORBIDDEN");
        assertThat(stack.get("/read/status", reader).statusCode()).isEqualTo(200);
    }

    @Test
    void keepsTenantsApart() throws Exception {
        String others = stack.key("other", "web", "browser");
        stack.post(others, "{\"evt_type\": \"a\", \"event_id\": \"of-other\"}");
        for (String name : List.of("tenantBk", "tenantId", "tenant_id", "tenant_bk")) {
            HttpResponse<String> forged =
                    stack.post(
                            others,
                            "{\"evt_type\": \"a\", \"event_id\": \"by-%s\", \"%s\": \"acme\"}"
                                    .formatted(name, name));
            assertThat(forged.statusCode()).isEqualTo(202);
            assertThat(CollectorStack.json(forged).get("error_code").asText())
                    .as(name)
                    .isEqualTo("TENANT_MISMATCH");
            assertThat(stack.event("by-" + name).get("tenantBk").asText()).isEqualTo("other");
        }

        assertThat(stack.event("of-other").get("tenantBk").asText()).isEqualTo("other");
        assertThat(
                        CollectorStack.json(
                                        stack.get(
                                                "/read/site", stack.key("other", "reader", "read")))
                                .at("/data/tenant")
                                .asText())
                .isEqualTo("other");
    }

    @Test
    void letsPagesOfAllowedOriginsSend() throws Exception {
        String key = stack.key("bound", "web", "browser");
        String body = "{\"evt_type\": \"a\"}";

        HttpResponse<String> allowed = stack.send(stack.page(key, body, SHOP));
        assertThat(allowed.statusCode()).isEqualTo(202);
        assertThat(header(allowed, "Access-Control-Allow-Origin")).isEqualTo(SHOP);
        assertThat(allowed.headers().allValues("Vary")).contains("Origin");
        assertThat(allowed.headers().firstValue("Access-Control-Allow-Credentials")).isEmpty();
        for (String origin :
                List.of(
                        "https://evil.example.com",
                        "http://shop.example.com",
                        "https://shop.example.com.evil.com",
                        "https://evil-shop.example.com",
                        "null")) {
            HttpResponse<String> refused = stack.send(stack.page(key, body, origin));
            assertRefused(refused, 403, "ORIGIN_NOT_ALLOWED");
            assertThat(header(refused, "Access-Control-Allow-Origin")).isEqualTo(origin);
        }
        String own = "http://127.0.0.1:" + stack.port();
        assertThat(stack.send(stack.page(key, body, own)).statusCode()).isEqualTo(202);
    }

    /** By the page that refers to it, where the browser tells one; mail has none. */
    @Test
    void letsImagesOfAllowedOriginsSend() throws Exception {
        String image = "/in.gif?key=" + stack.key("bound", "images", "browser");
        String own = "http://127.0.0.1:" + stack.port() + "/shop/";

        for (String page : List.of(SHOP, SHOP + "/", SHOP + "/a|b?c={d}", SHOP + "?a#b", own)) {
            assertThat(stack.send(stack.request(image).header("Referer", page)).statusCode())
                    .as(page)
                    .isEqualTo(200);
        }
        assertThat(stack.get(image).statusCode()).isEqualTo(200);
        for (String page :
                List.of(
                        "https://evil.example.com/",
                        "https://evil.example.com/?" + SHOP,
                        "http://shop.example.com/",
                        SHOP + ".evil.com/",
                        SHOP + "@evil.com/",
                        "shop.example.com",
                        "about:blank")) {
            assertRefused(
                    stack.send(stack.request(image).header("Referer", page)),
                    403,
                    "ORIGIN_NOT_ALLOWED");
        }
    }

    @Test
    void turnsAwayWhatIsTooMuchOfAnAddressAndTellsTheLedger() throws Exception {
        String key = stack.key("other", "busy", "browser");
        String reader = stack.key("other", "counting", "read");
        String hundred = CollectorStack.batch(100);
        HttpResponse<String> taken = stack.send(from("203.0.113.9", key, hundred));
        assertThat(taken.statusCode()).isEqualTo(202);
        assertThat(header(taken, "RateLimit-Limit"))
                .as("the address's, not the key's")
                .isEqualTo("100");
        assertThat(header(taken, "RateLimit-Remaining")).isEqualTo("0");
        assertThat(header(taken, "RateLimit-Reset")).as("at one a second").isEqualTo("100");

        HttpResponse<String> refused = stack.send(from("203.0.113.9", key, hundred));

        assertRefused(refused, 429, "TOO_MANY_REQUESTS");
        assertThat(Integer.parseInt(header(refused, "Retry-After"))).isBetween(1, 100);
        assertThat(header(refused, "RateLimit-Remaining")).isEqualTo("0");
        assertThat(header(refused, "RateLimit-Reset")).isEqualTo(header(refused, "Retry-After"));
        assertThat(stack.send(from("203.0.113.8", key, "{\"evt_type\": \"a\"}")).statusCode())
                .as("another address")
                .isEqualTo(202);
        JobRuns.await(
                () ->
                        CollectorStack.json(stack.get("/read/ledger", reader))
                                        .at("/data/totals/turned_away")
                                        .asInt()
                                > 0);
    }

    @Test
    void whatIsRefusedCostsWhatItMightHaveHeld() throws Exception {
        String noJson = "x".repeat(300_000);

        assertRefused(stack.send(from("203.0.113.40", browser, noJson)), 400, "MALFORMED_JSON");
        assertRefused(stack.send(from("203.0.113.40", browser, noJson)), 429, "TOO_MANY_REQUESTS");
        for (int i = 0; i < 150; i++) {
            stack.send(from("203.0.113.41", browser, "x"));
        }
        assertRefused(stack.send(from("203.0.113.41", browser, "x")), 429, "TOO_MANY_REQUESTS");
    }

    /** Of 4 MiB in all, of which an address has one. */
    @Test
    void bodiesThatDoNotEndHoldUpNobodyElse() throws Exception {
        String event = "{\"evt_type\": \"a\"}";
        String full = stack.key("full", "web", "browser");
        String reader = stack.key("full", "counting", "read");
        try (HalfSentBodies bodies = new HalfSentBodies(stack.port(), browser)) {
            bodies.addTaken("203.0.113.21");
            HttpResponse<String> refused = stack.send(from("203.0.113.21", full, event));
            assertRefused(refused, 429, "TOO_MANY_BODIES");
            assertThat(header(refused, "Retry-After")).isEqualTo("5");
            assertThat(HalfSentBodies.line(bodies.add("203.0.113.21"))).startsWith("HTTP/1.1 429 ");
            assertThat(stack.send(from("203.0.113.20", browser, event)).statusCode())
                    .as("another address")
                    .isEqualTo(202);

            bodies.addTaken("203.0.113.22");
            bodies.addTaken("203.0.113.23");
            bodies.addTaken("203.0.113.24");
            refused = stack.send(from("203.0.113.20", full, "x".repeat(8_192)));
            assertRefused(refused, 503, "TOO_MANY_BODIES");
            assertThat(header(refused, "Retry-After")).isEqualTo("5");
            assertThat(stack.get("/health/live").statusCode()).isEqualTo(200);
        }

        JobRuns.await(() -> stack.send(from("203.0.113.21", browser, event)).statusCode() == 202);
        assertThat(stack.get("/metrics").body())
                .contains("requests_refused_total{code=\"TOO_MANY_BODIES\"}");
        JobRuns.await(
                () ->
                        CollectorStack.json(stack.get("/read/ledger", reader))
                                        .at("/data/totals/turned_away")
                                        .asInt()
                                == 4);
    }

    @ParameterizedTest
    @CsvSource({
        "/, /dashboard/",
        "/dashboard, /dashboard/",
        "/dashboard?view=live, /dashboard/?view=live",
        "/openapi, /openapi/",
        "/shop, /shop/"
    })
    void leadsFromWhatPeopleTypeToThePages(String typed, String page) throws Exception {
        HttpResponse<String> response = stack.get(typed);

        assertThat(response.statusCode()).isEqualTo(302);
        assertThat(header(response, "Location")).isEqualTo(page);
        assertThat(stack.get(page).statusCode()).isEqualTo(200);
    }

    @Test
    void everyAnswerIsClosedToOtherPagesButForWhatTheyAskFor() throws Exception {
        new ClosedAnswers(stack, browser).areAllButThoseThatOtherPagesAskFor();
    }

    private HttpRequest.Builder from(String address, String key, String body) {
        return stack.page(key, body, null).header("X-Forwarded-For", address);
    }

    /** What is read is locked, so that nothing hangs on how quick a question is. */
    @Test
    void aTenantThatFloodsReadsHoldsUpNobodyElse() throws Exception {
        String flooding = stack.key("acme", "flooding", "read");
        String reading = stack.key("other", "reading", "read");
        String writing = stack.key("other", "writing", "write");
        // Known from here on: of many look-ups at once a slow machine refuses some, with 503.
        assertThat(stack.get("/read/site", flooding).statusCode()).isEqualTo(200);
        List<CompletableFuture<HttpResponse<String>>> flood = new ArrayList<>();
        try (Connection holder = stack.database.connect();
                Statement lock = holder.createStatement()) {
            holder.setAutoCommit(false);
            lock.execute("LOCK TABLE business.site_event_details_s IN ACCESS EXCLUSIVE MODE");
            for (int i = 0; i < 250; i++) {
                flood.add(stack.getLater("/read/events", flooding));
            }
            stack.database.awaitWaiting(6);

            assertThat(stack.send(stack.bearer(writing, "{\"evt_type\": \"a\"}")).statusCode())
                    .isEqualTo(202);
            assertThat(stack.get("/read/ledger", reading).statusCode()).isEqualTo(200);
            stack.database.awaitWaiting(6);
            stack.database.execute(CANCEL_WAITING);
        }

        Set<String> told = new TreeSet<>();
        for (CompletableFuture<HttpResponse<String>> answer : flood) {
            HttpResponse<String> response = answer.get(3, TimeUnit.MINUTES);
            told.add(
                    response.statusCode()
                            + " "
                            + CollectorStack.json(response).path("error_code").asText()
                            + (header(response, "Retry-After").isEmpty() ? "" : ", later"));
        }
        assertThat(told)
                .contains("504 QUESTION_TOO_LONG")
                .isSubsetOf(
                        "200 ",
                        "504 QUESTION_TOO_LONG",
                        "429 TOO_MANY_QUESTIONS, later",
                        "503 TOO_MANY_QUESTIONS, later");
    }

    @Test
    void answersThePreflightOfJson() throws Exception {
        HttpResponse<String> response =
                stack.send(
                        stack.request("/in?key=" + browser)
                                .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                                .header("Origin", SHOP)
                                .header("Access-Control-Request-Method", "POST")
                                .header("Access-Control-Request-Headers", "content-type"));

        assertThat(response.statusCode()).isEqualTo(204);
        assertThat(header(response, "Access-Control-Allow-Origin")).isEqualTo(SHOP);
        assertThat(header(response, "Access-Control-Allow-Methods")).isEqualTo("POST");
        assertThat(header(response, "Access-Control-Allow-Headers")).isEqualTo("content-type");
    }
}
