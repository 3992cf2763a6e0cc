package io.onevault.tracking.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The canonical text is what PostgreSQL makes of it, so that keys can be computed there. */
@ExtendWith(PostgresExtension.class)
class CanonicalPayloadTest {

    private static final int EVENTS = 2_000;

    private static final List<String> TEXTS =
            List.of(
                    "event_id",
                    "evt_category",
                    "evt_action",
                    "evt_label",
                    "evt_value",
                    "session_id",
                    "visitor_id",
                    "user_id",
                    "page_view_id",
                    "page_url",
                    "page_title",
                    "page_referrer",
                    "element_id",
                    "element_class",
                    "element_text",
                    "screen_resolution",
                    "language",
                    "timezone",
                    "consent",
                    "transaction_id");

    @Test
    void isHowPostgresWritesIt(TestPostgres postgres) throws Exception {
        Random random = new Random(7);
        List<String> payloads = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            payloads.add(CanonicalPayload.of(Golden.event(EventArbitraries.write(event(random)))));
        }

        assertThat(asWritten(postgres, payloads)).isEqualTo(payloads);
    }

    @Test
    void isHowPostgresWritesNamesOfAnyLength(TestPostgres postgres) throws Exception {
        String event =
                """
                {"tenantId":"a","evt_type":"x","properties":{"zz":1,"b":-0.0,"\u00e4":1E3,"aa":[{},[]],
                "\ufb01":0.10,"\ud83d\ude00":null,"\ud835\udd04":true,"a\\nb":"\\u0001\\/\\u007f","":""}}""";

        List<String> payload = List.of(CanonicalPayload.of(Golden.event(event)));

        assertThat(asWritten(postgres, payload)).isEqualTo(payload);
    }

    @Test
    void isHowPostgresWritesPropertiesThatWereRedactedAsText(TestPostgres postgres)
            throws Exception {
        String changed =
                """
                {"a": "b\\u000ac", "zz": {"[card]": 1, "y": 2}, "[email]": 1, "b": 3, "[email]": 2}""";

        List<String> properties = List.of(CanonicalPayload.properties(changed));

        assertThat(properties)
                .containsExactly(
                        "{\"a\": \"b\\nc\", \"b\": 3, \"zz\": {\"y\": 2, \"[card]\": 1}, \"[email]\": 2}");
        assertThat(asWritten(postgres, properties)).isEqualTo(properties);
    }

    private static Map<String, Object> event(Random random) {
        Map<String, Object> event = new HashMap<>(object(random, 3));
        event.put("event_data", object(random, 2));
        event.put("scroll_depth", random.nextDouble());
        event.put("click_x", random.nextInt());
        event.put("value", random.nextInt(1_000_000) / 100.0);
        event.put("event_timestamp", 1_700_000_000_000L + random.nextInt());
        event.put("items", List.of(Map.of("item_id", "i" + text(random), text(random), 1)));
        for (String member : TEXTS) {
            if (random.nextBoolean()) {
                event.put(member, "t" + text(random));
            }
        }
        event.put("tenantId", "t" + text(random));
        event.put("evt_type", "t" + text(random));
        return event;
    }

    private static Map<String, Object> object(Random random, int depth) {
        Map<String, Object> members = new HashMap<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            members.put("x" + text(random), value(random, depth));
        }
        return members;
    }

    private static Object value(Random random, int depth) {
        return switch (random.nextInt(depth == 0 ? 4 : 6)) {
            case 0 -> text(random);
            case 1 -> random.nextLong();
            case 2 -> (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(30) - 15);
            case 3 -> random.nextBoolean();
            case 4 -> List.of(value(random, depth - 1), value(random, depth - 1));
            default -> object(random, depth - 1);
        };
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            text.append(EventArbitraries.PIECES[random.nextInt(EventArbitraries.PIECES.length)]);
        }
        return text.toString();
    }

    private static List<String> asWritten(TestPostgres postgres, List<String> payloads)
            throws Exception {
        try (Connection connection = postgres.vault().connect();
                PreparedStatement select =
                        connection.prepareStatement(
                                "SELECT text::jsonb::text FROM unnest(?) WITH ORDINALITY AS all_of"
                                        + " (text, number) ORDER BY number")) {
            Array texts = connection.createArrayOf("text", payloads.toArray());
            select.setArray(1, texts);
            List<String> written = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    written.add(rows.getString(1));
                }
            }
            return written;
        }
    }
}
