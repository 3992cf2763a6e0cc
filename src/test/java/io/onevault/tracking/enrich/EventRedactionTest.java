package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.contract.CanonicalPayload;
import io.onevault.tracking.contract.Decoded;
import io.onevault.tracking.contract.TrackerEventDecoder;
import io.onevault.tracking.event.Action;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Interaction;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.PageContext;
import io.onevault.tracking.event.PrivacyRules;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.event.Timing;
import io.onevault.tracking.event.TrackerEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks that redaction reaches every text and id of an event, and JSON stays JSON. */
class EventRedactionTest {

    private static final String EMAIL = "jo@example.com";
    private static final Tenant TENANT =
            new Tenant(
                    "acme",
                    "0a".repeat(32),
                    "0b".repeat(16),
                    SessionRules.DEFAULT,
                    null,
                    List.of(),
                    ZoneOffset.UTC,
                    List.of(),
                    PrivacyRules.DEFAULT);
    private static final String HASHED_EMAIL = Pseudonyms.redactedId(TENANT, EMAIL);

    @Test
    void redactsEveryTextAndHashesEveryId() {
        TrackerEvent redacted = Redactor.redact(event(EMAIL, "https://a.example/" + EMAIL), TENANT);

        assertThat(redacted).isEqualTo(event("[email]", "https://a.example/[email]", HASHED_EMAIL));
    }

    @Test
    void returnsACleanEventItself() {
        TrackerEvent clean = event("text 42", "https://a.example/?id=42");

        assertThat(Redactor.redact(clean, TENANT)).isSameAs(clean);
    }

    @ParameterizedTest
    @ValueSource(strings = {"user:" + EMAIL, "+49 170 1234567", "DE89370400440532013000"})
    void hashesAnIdThatHoldsPersonalDataUnderTheTenantsKey(String id) {
        String hashed = Redactor.redact(event("text", "/", id), TENANT).eventId();

        assertThat(hashed).matches("redacted_[0-9a-f]{32}");
        assertThat(hashed).isEqualTo(Pseudonyms.redactedId(TENANT, id));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b",
                "order-1001",
                "1795705260.123",
                "2026-11-20-0042",
                "sku_4711/blue",
                "0123456789012"
            })
    void leavesOtherIdsAsTheyAre(String id) {
        assertThat(Redactor.redact(event("text", "/", id), TENANT).eventId()).isEqualTo(id);
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | {}",
                "{\"a\":\"jo@b.example\"} | {\"a\":\"[email]\"}",
                "{\"jo@b.example\":1} | {\"[email]\":\"[redacted]\"}",
                "{\"a\":\"x\\\"y jo\\u0040b.example\"} | {\"a\":\"x\\\"y [email]\"}",
                "{\"a\":[{\"b\":\"+49 170 1234567\"}]} | {\"a\":[{\"b\":\"[phone]\"}]}",
                "{\"a\":4111111111111111,\"b\":-1.5e3} | {\"a\":\"[card]\",\"b\":-1.5e3}",
                "{\"userEmail\":\"x\",\"b\":2} | {\"userEmail\":\"[redacted]\",\"b\":2}",
                "{\"name\" : {\"a\":[\"]}\"]} , \"b\":2} | {\"name\" : \"[redacted]\" , \"b\":2}",
                "{\"phone\":12,\"pin\":[1]} | {\"phone\":\"[redacted]\",\"pin\":\"[redacted]\"}",
                "{\"email\":null,\"phone\":\"\",\"key\":true}"
                        + " | {\"email\":null,\"phone\":\"\",\"key\":true}",
                "{\"u\":\"https://a.example/?token=x\"}"
                        + " | {\"u\":\"https://a.example/?token=[redacted]\"}",
                "{\"u\":\"cart?next=https://b.example/&token=x\"}"
                        + " | {\"u\":\"cart?next=https://b.example/&token=[redacted]\"}",
                "{\"u\":\"?token=x\"} | {\"u\":\"?token=[redacted]\"}",
                "{\"u\":\"see https://b.example/?token=x\"}"
                        + " | {\"u\":\"see https://b.example/?token=[redacted]\"}",
                "{\"product_name\":\"email\"} | {\"product_name\":\"email\"}",
            })
    void redactsJson(String json, String expected) {
        assertThat(JsonRedaction.redact(json)).isEqualTo(expected);
    }

    private static TrackerEvent event(String text, String url) {
        return event(text, url, text);
    }

    private static TrackerEvent event(String text, String url, String id) {
        return new TrackerEvent(
                "acme",
                id,
                text,
                new Action(text, text, text, text),
                new Identity(EMAIL, "visitor@example.com", "user@example.com"),
                new PageContext(id, url, text, url),
                Timing.NONE,
                new Interaction(text, text, text, 50.0, 1L, 2, 3, true),
                new ClientContext(
                        "agent",
                        "203.0.113.7",
                        text,
                        text,
                        text,
                        1,
                        2,
                        text,
                        null,
                        null,
                        "collector",
                        null),
                new Purchase(id, null, "EUR"),
                List.of(new Item(id, text, text, text, text, null, null, null)),
                "{\"a\":\"" + text + "\"}");
    }

    /** What TrackEventITCase looks for in every byte, and whatever it finds. */
    @Test
    void findsAllKindsOfPersonalDataInEventsAndInRefusedOnes() throws IOException {
        TrackerEventDecoder decoder =
                new TrackerEventDecoder(Redactor::redactJson, Redactor::redactTextOrUrl);
        for (String kind : Files.readAllLines(Path.of("src/test/resources/personal/kinds.txt"))) {
            if (kind.matches("'(?!session_id|visitor_id|user_id).*\\$word.*")) {
                String members =
                        kind.replace("$word", "marker")
                                .replace("$486", "a".repeat(487))
                                .replace("$2013", "a".repeat(2014))
                                .replace('\'', '"');
                for (String refused : List.of("", ",\"click_x\":\"no\"")) {
                    String record =
                            "{\"tenantId\":\"a\",\"evt_type\":\"b\"," + members + refused + "}";
                    Decoded decoded = decoder.decode(record.getBytes(StandardCharsets.UTF_8));
                    assertThat(kept(decoded)).as(kind).doesNotContain("marker");
                }
            }
        }
    }

    private static String kept(Decoded decoded) {
        if (decoded instanceof Decoded.Rejected rejected) {
            return String.valueOf(rejected.payload());
        }
        TrackerEvent event = Redactor.redact(((Decoded.Valid) decoded).event(), TENANT);
        return CanonicalPayload.of(event)
                + event.client().collector()
                + new AgentSummaries(1).kept(event.client().userAgent());
    }
}
