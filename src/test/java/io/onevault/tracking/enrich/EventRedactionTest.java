package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.Action;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Interaction;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.PageContext;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.Timing;
import io.onevault.tracking.event.TrackerEvent;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks that redaction reaches every text and id of an event, and JSON stays JSON. */
class EventRedactionTest {

    private static final String EMAIL = "jo@example.com";
    private static final String HASHED_EMAIL = "redacted_f4e19df2e6c609fbd59a42b9063d0fad";

    @Test
    void redactsEveryTextAndHashesEveryId() {
        TrackerEvent redacted = new Redactor().redact(event(EMAIL, "https://a.example/" + EMAIL));

        assertThat(redacted).isEqualTo(event("[email]", "https://a.example/[email]", HASHED_EMAIL));
    }

    @Test
    void returnsACleanEventItself() {
        TrackerEvent clean = event("text 42", "https://a.example/?id=42");

        assertThat(new Redactor().redact(clean)).isSameAs(clean);
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
                new Identity(id, "visitor@example.com", "user@example.com"),
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
}
