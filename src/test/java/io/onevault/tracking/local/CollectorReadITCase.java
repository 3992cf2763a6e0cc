package io.onevault.tracking.local;

import static io.onevault.tracking.local.CollectorStack.assertRefused;
import static io.onevault.tracking.local.CollectorStack.header;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the collector answers to those who ask, and that its description says so. */
@ExtendWith(PostgresExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CollectorReadITCase {

    private CollectorStack stack;
    private String reader;
    private String manager;
    private String browser;
    private JsonNode description;

    @BeforeAll
    void start(TestPostgres postgres) throws Exception {
        stack = new CollectorStack(postgres.smallVault(), CollectorStack.WIDE);
        reader = stack.key("acme", "reader", "read");
        manager = stack.key("acme", "manager", "manage");
        browser = stack.key("acme", "web", "browser");
        description = CollectorStack.json(stack.get("/openapi.json"));
    }

    @AfterAll
    void stop() throws Exception {
        stack.close();
    }

    private static final List<String> ADDRESSES =
            List.of(
                    "/read/analytics?from=2026-02-27&to=2026-03-02&compare=true",
                    "/read/analytics?from=2026-03-01&to=2026-03-02&filters=%7B%22device%22:%22desktop%22%7D",
                    "/read/events?from=2026-02-27&to=2026-03-02&limit=5",
                    "/read/items?from=2026-03-01&to=2026-03-02",
                    "/read/processing-record",
                    "/read/sessions?from=2026-03-01&to=2026-03-02&limit=5",
                    "/read/sessions?from=2026-03-01&to=2026-03-02&steps=%5B%7B%22evt_type%22:%22page_view%22%7D,%7B%22evt_type%22:%22purchase%22%7D%5D&step=2&outcome=left",
                    "/read/settings",
                    "/read/funnel?from=2026-03-01&to=2026-03-02&steps=%5B%7B%22evt_type%22:%22page_view%22%7D,%7B%22evt_type%22:%22purchase%22%7D%5D",
                    "/read/paths?from=2026-03-01&to=2026-03-02&before=%7B%22evt_type%22:%22purchase%22%7D",
                    "/read/journey?visitor=vis_1&from=2026-03-01&to=2026-03-02",
                    "/read/attribution?from=2026-03-01&to=2026-03-02",
                    "/read/experiment?experiment=checkout&from=2026-03-01&to=2026-03-02",
                    "/read/vitals?from=2026-03-01&to=2026-03-02",
                    "/read/retention?from=2026-03-01&to=2026-03-02",
                    "/read/realtime?minutes=5",
                    "/read/realtime",
                    "/read/ledger?from_day=2026-03-01&to_day=2026-03-01",
                    "/read/status",
                    "/read/site",
                    "/health",
                    "/health/live",
                    "/health/ready");

    private static List<String> addresses() {
        return ADDRESSES;
    }

    @ParameterizedTest
    @MethodSource("addresses")
    void answersAsItsDescriptionSays(String address) throws Exception {
        HttpResponse<String> response = stack.get(address, reader);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertDescribed(address, "get", response);
        assertThat(header(response, "Cache-Control")).isEqualTo("no-store");
        assertThat(header(response, "X-Content-Type-Options")).isEqualTo("nosniff");
    }

    @Test
    void asksEachQuestionThatIsDescribed() {
        List<String> described = new ArrayList<>();
        description.get("paths").fieldNames().forEachRemaining(described::add);
        described.removeIf(path -> !path.startsWith("/read/"));

        assertThat(ADDRESSES).extracting(address -> address.split("\\?")[0]).containsAll(described);
    }

    @Test
    void describesEventsAndRefusalsAsWell() throws Exception {
        HttpResponse<String> taken =
                stack.post(browser, "[{\"evt_type\": \"a\"}, {}, 1, {\"evt_type\": 1}]");
        assertThat(taken.statusCode()).isEqualTo(202);
        assertDescribed("/in", "post", taken);
        assertDescribed("/in", "post", stack.post(browser, "{"));
        assertDescribed("/in", "post", stack.post("st_unknown", "{}"));
        assertDescribed("/read/status", "get", stack.get("/read/status"));
        HttpResponse<String> unknown = stack.get("/read/analytics?no_such=option", reader);
        assertThat(unknown.statusCode()).isEqualTo(400);
        assertDescribed("/read/analytics", "get", unknown);
    }

    private void assertDescribed(String address, String method, HttpResponse<String> response)
            throws Exception {
        JsonNode responses =
                description.at("/paths").get(address.split("\\?")[0]).get(method).get("responses");
        JsonNode described = responses.get(String.valueOf(response.statusCode()));
        if (described == null) {
            described = description.at("/components/responses/Refused");
        }
        ObjectNode schema = described.at("/content/application~1json/schema").deepCopy();
        schema.set("components", description.get("components"));
        assertThat(
                        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                                .getSchema(schema)
                                .validate(CollectorStack.json(response)))
                .as(response.body())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/read/ledger?from_day=never",
                "/read/realtime?minutes=x",
                "/read/realtime?tenant=other",
                "/read/analytics?filters=%7B",
                "/read/events?limit=-1"
            })
    void refusesOptionsThatMakeNoSense(String address) throws Exception {
        assertRefusedAs(400, "INVALID_ARGUMENT", stack.get(address, reader));
    }

    private static void assertRefusedAs(int status, String code, HttpResponse<String> response)
            throws Exception {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(CollectorStack.json(response).get("error_code").asText()).isEqualTo(code);
    }

    @Test
    void answersForTheKeysTenantOnly() throws Exception {
        String others = stack.key("other", "reader", "read");
        String ledger = "/read/ledger?from_day=2026-03-01&to_day=2026-03-01";

        assertThat(
                        CollectorStack.json(stack.get(ledger, reader))
                                .at("/data/totals/received")
                                .asInt())
                .isEqualTo(4);
        assertThat(
                        CollectorStack.json(stack.get(ledger, others))
                                .at("/data/totals/received")
                                .asInt())
                .isEqualTo(3);
    }

    private HttpResponse<String> change(String key, String change) throws Exception {
        return stack.send(changing(key, change));
    }

    private HttpRequest.Builder changing(String key, String change) {
        return stack.request("/write/settings")
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(change));
    }

    private String link(String members) throws Exception {
        HttpResponse<String> made = change(manager, "{\"link\": {" + members + "}}");
        assertThat(made.statusCode()).as(made.body()).isEqualTo(200);
        return CollectorStack.json(made).at("/data/token").asText();
    }

    @Test
    void changesSettingsForWhoMay() throws Exception {
        String change = "{\"goals\": [\"signup\"]}";
        HttpResponse<String> changed = change(manager, change);
        assertThat(changed.statusCode()).as(changed.body()).isEqualTo(200);
        assertDescribed("/write/settings", "post", changed);
        JsonNode settings = CollectorStack.json(stack.get("/read/settings", reader)).at("/data");
        assertThat(settings.at("/goals")).extracting(JsonNode::asText).containsExactly("signup");
        assertThat(
                        CollectorStack.json(
                                        stack.get(
                                                "/read/settings",
                                                stack.key("other", "other reader", "read")))
                                .at("/data/goals"))
                .isEmpty();

        for (String key : List.of(reader, browser, link("\"name\": \"open\""))) {
            assertRefused(change(key, change), 403, "FORBIDDEN");
        }
        assertRefused(change("st_unknown", change), 401, "UNAUTHENTICATED");
        assertRefused(change(manager, "{"), 400, "MALFORMED_JSON");
        assertRefusedAs(400, "INVALID_ARGUMENT", change(manager, "{\"tenant\": \"other\"}"));
        assertRefusedAs(400, "INVALID_ARGUMENT", change(manager, "7"));
        assertRefused(
                change(manager, "{\"link\": {\"name\": \"x\", \"password\": \"short\"}}"),
                400,
                "INVALID_ARGUMENT");
        assertRefused(change(manager, " ".repeat(70_000)), 413, "PAYLOAD_TOO_LARGE");
        assertThat(stack.get("/write/settings", manager).statusCode()).isEqualTo(405);
    }

    @Test
    void aLinkShowsNothingBeyondItsFilters() throws Exception {
        String desktop = link("\"name\": \"desktop\", \"filters\": {\"device\": \"desktop\"}");
        String phone = link("\"name\": \"phone\", \"filters\": {\"device\": \"mobile\"}");
        String figures = "/read/analytics?from=2026-03-01&to=2026-03-02&breakdowns=%5B%5D";

        assertThat(visits(figures, desktop)).isOne();
        assertThat(visits(figures, phone)).isZero();
        for (String asked :
                List.of(
                        "&filters=%7B%22device%22:%22desktop%22%7D",
                        "&filters=%7B%7D",
                        "&filters=null",
                        "&filters=%5B%5D",
                        "&filters=%7B%22device%22:%22desktop%22%7D&filters=%7B%7D",
                        "&filters=%7B%22device%22:null%7D")) {
            assertThat(visits(figures + asked, phone)).as(asked).isZero();
        }
        HttpResponse<String> funnel =
                stack.get(
                        "/read/funnel?from=2026-03-01&to=2026-03-02&steps=%5B%7B%22evt_type%22:%22page_view%22%7D,%7B%22evt_type%22:%22page_view%22%7D%5D",
                        phone);
        assertThat(CollectorStack.json(funnel).at("/data/steps/0/visitors").asInt(-1)).isZero();
        for (String door :
                List.of(
                        "events",
                        "sessions",
                        "items",
                        "retention",
                        "ledger",
                        "status",
                        "settings")) {
            assertRefused(stack.get("/read/" + door, phone), 403, "FORBIDDEN");
        }
        assertThat(stack.get("/read/realtime", phone).statusCode()).isEqualTo(200);
        assertRefused(stack.send(stack.bearer(phone, "{\"evt_type\": \"a\"}")), 403, "FORBIDDEN");
        assertRefused(stack.post(phone, "{\"evt_type\": \"a\"}"), 403, "FORBIDDEN");
        HttpResponse<String> site = stack.get("/read/site", phone);
        assertDescribed("/read/site", "get", site);
        assertThat(CollectorStack.json(site).at("/data/link/filters/device/0").asText())
                .isEqualTo("mobile");
        assertThat(CollectorStack.json(site).at("/data/may")).isEmpty();
    }

    @Test
    void whatIsHeldOfAVisitorComesLineByLineToWhoMayManage() throws Exception {
        String visitor = "{\"visitor_hk\": \"" + "0".repeat(64) + "\"}";
        HttpResponse<String> nobody = export(manager, visitor);
        assertRefused(nobody, 400, "INVALID_ARGUMENT");
        assertDescribed("/write/export", "post", nobody);
        HttpResponse<String> pending = export(manager, "{\"visitor_id\": \"v-1\"}");
        assertThat(pending.statusCode()).as(pending.body()).isEqualTo(200);
        assertThat(header(pending, "Content-Type")).isEqualTo("application/x-ndjson");
        assertThat(pending.body()).contains("\"pending\"").endsWith("\n");
        assertRefused(export(manager, "[]"), 400, "INVALID_ARGUMENT");
        assertRefused(export(manager, "no JSON"), 400, "INVALID_ARGUMENT");
        assertRefused(export(reader, visitor), 403, "FORBIDDEN");
    }

    /** Of the logins, which are the collector's, nobody could tell it. */
    @Test
    void theAuditIsToldWhichKeyAsked() throws Exception {
        stack.database.execute(
                """
                CREATE TABLE audit (event_type text, told jsonb);
                GRANT INSERT ON audit TO site_tracking_owner;
                CREATE OR REPLACE FUNCTION util.log_audit_event(
                    event_type text, resource_type text, resource_id text, actor text, details jsonb
                ) RETURNS jsonb LANGUAGE sql AS
                'INSERT INTO public.audit VALUES ($1, $5); SELECT ''{}''::jsonb'""");
        String visitor =
                stack.database
                        .texts("SELECT encode(visitor_hk, 'hex') FROM business.site_visitor_h")
                        .get(0);
        export(manager, "{\"visitor_hk\": \"" + visitor + "\"}");
        link("\"name\": \"audited\"");
        change(manager, "{\"goals\": [\"audited\"]}");

        assertThat(
                        stack.database.texts(
                                "SELECT DISTINCT event_type || ' ' || api_token_bk FROM audit"
                                        + " JOIN auth.api_token_h ON told ->> 'api_token' = encode(api_token_hk, 'hex')"
                                        + " ORDER BY 1"))
                .containsExactlyInAnyOrder(
                        "SITE_TRACKING_EXPORT site_tracking|manager",
                        "SITE_TRACKING_EXPORT_REQUESTED site_tracking|manager",
                        "SITE_TRACKING_LINK_MADE site_tracking|manager",
                        "SITE_TRACKING_SETTINGS_CHANGED site_tracking|manager");
        assertThat(
                        stack.database.number(
                                "SELECT count(DISTINCT xmin::text) FROM audit"
                                        + " WHERE event_type LIKE 'SITE_TRACKING_EXPORT%'"))
                .as("who hangs up takes only the second along")
                .isEqualTo(2);
    }

    private HttpResponse<String> export(String key, String visitor) throws Exception {
        return stack.send(
                stack.request("/write/export")
                        .header("Authorization", "Bearer " + key)
                        .POST(HttpRequest.BodyPublishers.ofString(visitor)));
    }

    private int visits(String address, String key) throws Exception {
        HttpResponse<String> response = stack.get(address, key);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return CollectorStack.json(response).at("/data/visits").asInt(-1);
    }

    @Test
    void aLinkAsksForItsPasswordAndOpensNothingWhenItIsWithdrawn() throws Exception {
        String token = link("\"name\": \"guarded\", \"password\": \"long enough\"");
        assertRefused(stack.get("/read/site", token), 401, "PASSWORD_NEEDED");
        assertRefused(withPassword("/read/site", token, "wrong"), 401, "PASSWORD_WRONG");
        assertThat(withPassword("/read/site", token, "long%20enough").statusCode()).isEqualTo(200);
        assertThat(withPassword("/read/realtime", token, "long%20enough").statusCode())
                .as("without filters it shows these, too")
                .isEqualTo(200);
        HttpResponse<String> tooMany;
        int tries = 0;
        do {
            tooMany = withPassword("/read/site", token, "guess" + tries++);
        } while (tooMany.statusCode() == 401);
        assertRefused(tooMany, 429, "TOO_MANY_REQUESTS");
        // More are allowed as time passes, a dozen or so on a slow machine.
        assertThat(tries).isLessThan(60);
        assertThat(withPassword("/read/site", token, "long%20enough").statusCode()).isEqualTo(200);

        String withdrawn = link("\"name\": \"withdrawn\"");
        HttpResponse<String> removed =
                change(manager, "{\"link\": {\"name\": \"withdrawn\", \"remove\": true}}");
        assertThat(CollectorStack.json(removed).at("/data/links").findValuesAsText("name"))
                .contains("guarded")
                .doesNotContain("withdrawn");
        // One that is known is refused within a minute, as KeyRingTest tells of keys.
        assertRefused(stack.get("/read/site", withdrawn), 401, "UNAUTHENTICATED");
        assertThat(stack.database.texts("SELECT password_hash FROM auth.site_tracking_saved_s"))
                .noneMatch(stored -> stored != null && stored.contains("long enough"));
    }

    /** Each new one takes a processor for a while. */
    @Test
    void aTenantMakesNotTooManyPasswordsAtOnce() throws Exception {
        String managing = stack.key("other", "managing", "manage");
        HttpRequest request =
                changing(
                                managing,
                                "{\"link\": {\"name\": \"x\", \"password\": \"12345678\"}, \"no\": 1}")
                        .build();
        HttpClient client = HttpClient.newHttpClient();
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            answers.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
        }

        assertThat(answers)
                .extracting(answer -> answer.get(1, TimeUnit.MINUTES).statusCode())
                .contains(400, 429);
        assertRefusedAs(400, "INVALID_ARGUMENT", change(managing, "{\"no\": 1}"));
    }

    private HttpResponse<String> withPassword(String address, String token, String password)
            throws Exception {
        return stack.send(
                stack.request(address)
                        .header("Authorization", "Bearer " + token)
                        .header("Link-Password", password));
    }

    @Test
    void goesOnAnsweringAsServerSentEvents() throws Exception {
        HttpResponse<InputStream> response =
                HttpClient.newHttpClient()
                        .send(
                                stack.request("/read/realtime?minutes=5")
                                        .header("Authorization", "Bearer " + reader)
                                        .header("Accept", "text/event-stream")
                                        .header("Accept-Encoding", "gzip")
                                        .build(),
                                HttpResponse.BodyHandlers.ofInputStream());

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
        assertThat(response.headers().firstValue("Content-Encoding")).isEmpty();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            for (int i = 0; i < 2; i++) {
                assertThat(lines.readLine()).startsWith("data: {").contains("\"success\": true");
                assertThat(lines.readLine()).isEmpty();
            }
        }
    }

    @Test
    void whoHangsUpLeavesTheTurnToOthers() throws Exception {
        try (LogCapture log = new LogCapture()) {
            new HungUpAskers(stack, reader).freeTheirTurns(reader);
            assertThat(log.text()).doesNotContain("nobody waits any more");
        }
    }

    @Test
    void servesItsPagesClosedAndItsScriptsToAll() throws Exception {
        HttpResponse<String> page = stack.get("/dashboard/");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(header(page, "Content-Security-Policy"))
                .contains("default-src 'none'", "frame-ancestors 'none'", "script-src 'self'")
                .contains("require-trusted-types-for 'script'", "trusted-types 'none'");
        assertThat(header(page, "X-Frame-Options")).isEqualTo("DENY");
        assertThat(header(page, "Referrer-Policy")).isEqualTo("no-referrer");
        String tag = header(page, "ETag");
        for (String known : List.of(tag, "W/" + tag, "\"x\", " + tag, "*")) {
            assertThat(
                            stack.send(stack.request("/dashboard/").header("If-None-Match", known))
                                    .statusCode())
                    .as(known)
                    .isEqualTo(304);
        }

        HttpResponse<String> script = stack.get("/tracker.js");
        assertThat(script.statusCode()).isEqualTo(200);
        assertThat(header(script, "Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(header(script, "Cache-Control")).isEqualTo("public, max-age=3600");
        assertThat(stack.get("/metrics").body())
                .contains("site_tracking_collector_request_seconds");
        for (String missing : List.of("/t/none.js", "/dashboard/none.js", "/none")) {
            assertRefused(stack.get(missing), 404, "NOT_FOUND");
        }
    }
}
