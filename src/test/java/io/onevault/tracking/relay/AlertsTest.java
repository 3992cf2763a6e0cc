package io.onevault.tracking.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.Hmac;
import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a tenant is told of its figures, by a real receiver. */
@ExtendWith(PostgresExtension.class)
class AlertsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JUDGE = "SELECT raw.site_tracking_judge_next()";
    private static final String LATER =
            """
            UPDATE raw.site_tracking_alert_r SET judged_at = judged_at - INTERVAL '1 minute';
            UPDATE raw.site_tracking_alert_call_r SET next_attempt_at = now()""";

    /** What a receiver was sent. */
    private record Received(String body, String signature) {}

    private final TestDatabase database;
    private final HttpServer receiver;
    private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
    private volatile int status = 204;

    AlertsTest(TestPostgres postgres) throws Exception {
        database = postgres.vault();
        database.execute(
                """
                INSERT INTO auth.tenant_h (tenant_hk, tenant_bk, load_date, record_source)
                VALUES (util.hash_binary('acme'), 'acme', now(), 'test')""");
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext(
                "/",
                exchange -> {
                    byte[] body = exchange.getRequestBody().readAllBytes();
                    received.add(
                            new Received(
                                    new String(body, StandardCharsets.UTF_8),
                                    exchange.getRequestHeaders().getFirst(Webhooks.SIGNATURE)));
                    exchange.sendResponseHeaders(status, -1);
                    exchange.close();
                });
        receiver.start();
    }

    @AfterEach
    void stop() {
        receiver.stop(0);
    }

    private String address() {
        return "127.0.0.1:" + receiver.getAddress().getPort();
    }

    private String change(String alert) throws SQLException, IOException {
        JsonNode answer =
                JSON.readTree(
                        database.texts(
                                        "SELECT api.change_settings('acme', '{\"alert\": "
                                                + alert
                                                + "}')::text")
                                .get(0));
        assertThat(answer.path("success").asBoolean()).as(answer.toString()).isTrue();
        return answer.path("data").path("token").asText(null);
    }

    private String rejects() throws SQLException, IOException {
        return change(
                "{\"name\": \"Rejects\", \"metric\": \"rejected_rate\", \"above\": 0.1,"
                        + " \"hours\": 1, \"webhook\": \"http://"
                        + address()
                        + "/hook?to=us\"}");
    }

    /** Of so many events of today. */
    private void ledger(int receivedEvents, int rejected) throws SQLException {
        database.execute(
                """
                DELETE FROM raw.site_tracking_ledger_r;
                INSERT INTO raw.site_tracking_ledger_r (ledger_date, tenant_hk, outcome, code, run_id,
                    event_count, load_date, record_source)
                SELECT day, util.hash_binary('acme'), outcome, '', '', counts, now(), 'test'
                  FROM (VALUES ('RECEIVED', %d), ('REJECTED', %d)) AS told (outcome, counts)
                 CROSS JOIN generate_series((now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date, '1 day') AS day"""
                        .formatted(receivedEvents, rejected));
    }

    private boolean call() throws SQLException {
        try (Connection connection = database.connect()) {
            return new AlertCalls(new Webhooks(true)).makeOne(connection);
        }
    }

    private JsonNode state() throws SQLException, IOException {
        return JSON.readTree(
                        database.texts(
                                        "SELECT (api.get_tracking_system_status('acme') -> 'data' -> 'alerts')::text")
                                .get(0))
                .get(0);
    }

    @Test
    void aThresholdThatIsCrossedIsToldOnceAndSoIsItsEnd() throws Exception {
        String secret = rejects();
        ledger(100, 10);
        assertThat(database.texts(JUDGE)).containsExactly("Rejects");
        assertThat(database.texts(JUDGE)).containsNull();
        assertThat(call()).isFalse();
        assertThat(state().path("is_firing").asBoolean()).isFalse();

        ledger(100, 11);
        database.execute(LATER);
        for (int i = 0; i < 3; i++) {
            assertThat(database.texts(JUDGE)).containsExactly("Rejects");
            database.execute(LATER);
        }
        assertThat(call()).isTrue();
        assertThat(call()).isFalse();

        Received began = received.remove();
        assertThat(began.signature())
                .isEqualTo(
                        "sha256="
                                + HexFormat.of()
                                        .formatHex(
                                                new Hmac(secret.getBytes(StandardCharsets.UTF_8))
                                                        .of(began.body())));
        JsonNode told = JSON.readTree(began.body());
        assertThat(told.path("tenant").asText()).isEqualTo("acme");
        assertThat(told.path("is_firing").asBoolean()).isTrue();
        assertThat(told.path("value").decimalValue()).isEqualByComparingTo("0.11");
        assertThat(began.body()).doesNotContain(secret, "hook");
        assertThat(state().path("is_firing").asBoolean()).isTrue();
        assertThat(state().path("delivered_at").isTextual()).isTrue();
        assertThat(state().path("webhook").asText()).isEqualTo("http://" + address());

        ledger(0, 0);
        database.execute(JUDGE);
        assertThat(state().path("value").isNull()).isTrue();
        assertThat(state().path("is_firing").asBoolean()).as("of nothing nothing is told").isTrue();

        ledger(100, 0);
        database.execute(LATER);
        database.execute(JUDGE);
        assertThat(call()).isTrue();
        assertThat(JSON.readTree(received.remove().body()).path("is_firing").asBoolean()).isFalse();
        assertThat(received).isEmpty();
    }

    /** Also where the relay is killed before it could note what the receiver said. */
    @Test
    void aCallIsMadeUntilItIsTaken() throws Exception {
        rejects();
        ledger(100, 50);
        database.execute(JUDGE);
        status = 503;
        assertThat(call()).isTrue();
        assertThat(state().path("failure").asText()).isEqualTo("answered 503");
        assertThat(call()).as("before it is due again").isFalse();
        ledger(100, 0);
        database.execute(LATER);
        database.execute(JUDGE);
        database.execute(LATER);
        try (Connection killed = database.connect()) {
            killed.prepareCall("SELECT FROM raw.site_tracking_take_call()").execute();
        }
        assertThat(call()).as("not while another relay may be at it, nor the next one").isFalse();

        status = 200;
        database.execute(LATER);
        assertThat(call()).isTrue();
        assertThat(call()).isTrue();
        assertThat(call()).isFalse();

        Received failed = received.remove();
        assertThat(received.remove()).isEqualTo(failed);
        assertThat(JSON.readTree(received.remove().body()).path("is_firing").asBoolean()).isFalse();
    }

    @Test
    void anAlertThatIsRemovedOrGivenUpIsToldNoMore() throws Exception {
        rejects();
        ledger(100, 50);
        database.execute(JUDGE);
        database.execute(
                "UPDATE raw.site_tracking_alert_call_r SET changed_at = changed_at - INTERVAL '25 hours'");
        assertThat(call()).isFalse();
        database.execute("UPDATE raw.site_tracking_alert_call_r SET changed_at = now()");
        change("{\"name\": \"Rejects\", \"remove\": true}");

        assertThat(call()).isFalse();
        assertThat(database.texts(JUDGE)).containsNull();
        assertThat(received).isEmpty();
    }

    /** Be it that it takes longer than the relay's login lets statements take. */
    @ParameterizedTest
    @ValueSource(strings = {"53100", "57014"})
    void oneThatCannotBeJudgedHoldsNoneUp(String code) throws Exception {
        rejects();
        change("{\"name\": \"Visits\", \"metric\": \"visits\", \"below\": 1, \"hours\": 1}");
        ledger(100, 50);
        database.execute(
                """
                DROP FUNCTION business.site_alert_value;
                CREATE FUNCTION business.site_alert_value(bytea, jsonb, timestamptz)
                RETURNS numeric LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION USING ERRCODE = '%s'; END $$"""
                        .formatted(code));

        assertThat(List.of(database.texts(JUDGE), database.texts(JUDGE)))
                .containsExactlyInAnyOrder(List.of("Rejects"), List.of("Visits"));
    }

    /** By a login that may do what a relay does, and nothing else. */
    @Test
    void theRelayJudgesAndCallsByItself() throws Exception {
        database.execute(
                """
                CREATE ROLE alert_relay LOGIN;
                GRANT site_tracking_relay TO alert_relay""");
        rejects();
        ledger(100, 50);
        RelaySettings settings =
                new RelaySettings(
                        new DatabaseAccess(
                                database.url().replace("user=postgres", "user=alert_relay"),
                                "alert_relay",
                                ""),
                        KafkaAccess.plain("nowhere:1"),
                        "tracked",
                        1,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        true);

        List<PartByPart> parts = List.of(PartByPart.alerts(settings), PartByPart.calls(settings));
        try {
            assertThat(received.poll(60, TimeUnit.SECONDS)).isNotNull();
        } finally {
            parts.forEach(PartByPart::close);
            database.execute("DROP ROLE alert_relay");
        }
    }

    @Test
    void nothingButHttpsToThePublicIsCalled() {
        Webhooks webhooks = new Webhooks(false);

        assertThat(webhooks.post(URI.create("http://" + address()), "{}", "")).contains("https");
        for (String host : new String[] {address(), "localhost:1", "[::1]:1", "2130706433:1"}) {
            assertThat(webhooks.post(URI.create("https://" + host), "{}", ""))
                    .isEqualTo("no public address");
        }
        assertThat(received).isEmpty();
    }

    @Test
    void whyACallFailedIsToldWithoutNamesOfClasses() {
        assertThat(new Webhooks(true).post(URI.create("http://127.0.0.1:1"), "{}", ""))
                .isEqualTo("no connection");
    }

    @ParameterizedTest
    @CsvSource({
        "9.255.255.255, true",
        "10.0.0.0, false",
        "10.255.255.255, false",
        "11.0.0.0, true",
        "0.0.0.0, false",
        "100.63.255.255, true",
        "100.64.0.1, false",
        "100.128.0.0, true",
        "127.0.0.1, false",
        "169.254.169.254, false",
        "172.15.0.1, true",
        "172.31.255.255, false",
        "172.32.0.0, true",
        "192.168.1.1, false",
        "198.19.0.1, false",
        "224.0.0.1, false",
        "255.255.255.255, false",
        "8.8.8.8, true",
        "2001:4860:4860::8888, true",
        "::1, false",
        "::, false",
        "fe80::1, false",
        "fd00::1, false",
        "ff02::1, false",
        "2002:7f00:1::, false",
        "2001:0:5ef5::1, false",
        "64:ff9b::7f00:1, false",
        "::ffff:127.0.0.1, false"
    })
    void addressesThatAreNotPublicAreTold(String address, boolean isPublic) throws Exception {
        assertThat(PublicAddresses.isPublic(InetAddress.getByName(address).getAddress()))
                .isEqualTo(isPublic);
    }
}
