package io.onevault.tracking.collector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.contract.Decoded;
import io.onevault.tracking.contract.TrackerEventDecoder;
import io.onevault.tracking.event.ConsentRules;
import io.onevault.tracking.event.RejectReason;
import java.time.Instant;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the collector says of an event beats what the event says. */
final class StampTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant AT = Instant.parse("2026-03-01T10:00:00.123Z");
    private static final Site SITE =
            new Site("ac\"me\\", Set.of(), Set.of(), "UTC", ConsentRules.DEFAULT, null);
    private static final String EVENT =
            "\"evt_type\": \"page_view\", \"event_timestamp\": \"2026-03-01T10:00:00Z\"";

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{ \r\n\t}", "{\"a\": 1}", "{\"a\": {\"b\": \"}\"} \n}"})
    void putsItselfBehindWhateverIsThere(String event) throws Exception {
        JsonNode stamped = JSON.readTree(on(event, browser(), "id-1"));

        assertThat(stamped.get("received_at").asLong()).isEqualTo(AT.toEpochMilli());
        assertThat(stamped.get("tenantBk").asText()).isEqualTo(SITE.tenantBk());
        assertThat(stamped.get("client_ip").asText()).isEqualTo("203.0.113.7");
        assertThat(stamped.get("user_agent").asText()).isEqualTo("A \"quoted\" \\ agent");
        assertThat(stamped.get("event_id").asText()).isEqualTo("id-1");
        assertThat(stamped.get("gpc").asBoolean()).isTrue();
        assertThat(stamped.get("dnt").asBoolean()).isTrue();
        assertThat(stamped.get("collector").asText()).isEqualTo("http");
    }

    @Test
    void isTheLastToSpeak() throws Exception {
        String event =
                "{\"received_at\": 1, \"client_ip\": \"10.0.0.1\", \"user_agent\": \"forged\","
                        + " \"collector\": \"forged\", \"gpc\": false, "
                        + EVENT
                        + "}";

        Decoded decoded = decode(on(event, browser(), null));

        assertThat(decoded).isInstanceOf(Decoded.Valid.class);
        String said = ((Decoded.Valid) decoded).event().toString();
        assertThat(said).doesNotContain("forged", "10.0.0.1");
    }

    @Test
    void keepsWhatAServerTellsOfItsClient() throws Exception {
        Stamp server = new Stamp(SITE, AT, null, null, false, false);
        JsonNode stamped =
                JSON.readTree(on("{\"client_ip\": \"198.51.100.9\", \"gpc\": true}", server, null));

        assertThat(stamped.get("client_ip").asText()).isEqualTo("198.51.100.9");
        assertThat(stamped.get("gpc").asBoolean()).isTrue();
        assertThat(stamped.has("user_agent")).isFalse();
        assertThat(stamped.has("event_id")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tenantId", "tenant_id", "tenantBk", "tenant_bk"})
    void doesNotLetAnEventBelongToAnotherTenant(String name) {
        String event = "{\"" + name + "\": \"other\", " + EVENT + "}";
        Decoded decoded = decode(on(event, browser(), null));

        if (decoded instanceof Decoded.Rejected rejected) {
            assertThat(rejected.reason()).isEqualTo(RejectReason.TENANT_MISMATCH);
            assertThat(rejected.tenantBk()).isEqualTo(SITE.tenantBk());
        } else {
            // The alias that the stamp itself uses is overwritten by it.
            assertThat(((Decoded.Valid) decoded).event().tenantBk()).isEqualTo(SITE.tenantBk());
        }
    }

    @Test
    void takesATenantThatIsTheKeysOwn() {
        String event = "{\"tenantId\": \"ac\\\"me\\\\\", " + EVENT + "}";

        assertThat(decode(on(event, browser(), null))).isInstanceOf(Decoded.Valid.class);
    }

    private static Stamp browser() {
        return new Stamp(SITE, AT, "203.0.113.7", "A \"quoted\" \\ agent", true, true);
    }

    private static byte[] on(String event, Stamp stamp, String eventId) {
        byte[] body = ("[1, " + event + ", 2]").getBytes(UTF_8);
        return stamp.on(body, Submission.read(body).events().get(1), eventId);
    }

    private static Decoded decode(byte[] value) {
        return new TrackerEventDecoder(UnaryOperator.identity()).decode(value);
    }
}
