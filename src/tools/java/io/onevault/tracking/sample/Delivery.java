package io.onevault.tracking.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.onevault.tracking.sample.SampleVisitor.Spelling;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Sends the events of sample traffic through a network that delays, repeats and reorders. */
final class Delivery {

    private static final Map<String, String> ALIASES =
            Map.of(
                    "tenantId", "tenant_id",
                    "evt_type", "event_type",
                    "page_referrer", "referrer",
                    "event_timestamp", "timestamp");
    private static final List<String> NESTED =
            List.of("page_title", "scroll_depth", "item", "items", "properties", "element_id");

    private final Dice dice;
    private final List<Received> received = new ArrayList<>();

    Delivery(Dice dice) {
        this.dice = dice;
    }

    /**
     * A line in the collector's hands.
     *
     * @param at epoch milliseconds
     */
    record Received(long at, String line) {}

    /** Delivers one event, once or twice. */
    void deliver(SampleEvent event) {
        long sentAt = event.occurredAt() + event.offlineMillis() + queueMillis();
        long receivedAt = sentAt + 15 + dice.skewedMillis(0.06);
        String line = line(event, sentAt, receivedAt);
        received.add(new Received(receivedAt, line));
        int draw = dice.below(200);
        if (draw == 0) {
            // A producer repeats the record byte by byte.
            received.add(new Received(receivedAt + dice.between(5, 3_000), line));
        } else if (draw == 1 && event.json().has("event_id")) {
            // A tracker did not see the answer and sends the event again.
            long again = receivedAt + dice.between(3_000, 60_000);
            received.add(new Received(again, line(event, again - 40, again)));
        }
    }

    /** Puts a line as it is among the others. */
    void insert(long at, String line) {
        received.add(new Received(at, line));
    }

    /** Lines in order of reception, none after the end. */
    List<String> lines(long end) {
        received.sort(Comparator.comparingLong(Received::at));
        List<String> lines = new ArrayList<>();
        for (Received each : received) {
            if (each.at() <= end) {
                lines.add(each.line());
            }
        }
        return lines;
    }

    private long queueMillis() {
        return dice.chance(0.01) ? dice.between(4_000, 240_000) : dice.between(5, 400);
    }

    private String line(SampleEvent event, long sentAt, long receivedAt) {
        SampleVisitor visitor = event.visitor();
        ObjectNode json = event.json().deepCopy();
        stampClient(json, visitor, event.occurredAt(), sentAt);
        ObjectNode spelled = spell(json, visitor.spelling());
        spelled.put("received_at", Instant.ofEpochMilli(receivedAt).toString());
        spelled.put("client_ip", visitor.address());
        spelled.put("user_agent", visitor.userAgent());
        spelled.put("collector", visitor.hoursFromUtc() < -2 ? "collector-us-1" : "collector-eu-1");
        return spelled.toString();
    }

    private static void stampClient(
            ObjectNode json, SampleVisitor visitor, long occurredAt, long sentAt) {
        long skew = visitor.clockSkewMillis();
        if (visitor.spelling() == Spelling.EPOCH_MILLIS) {
            json.put("event_timestamp", occurredAt + skew);
            return;
        }
        json.put("event_timestamp", Instant.ofEpochMilli(occurredAt + skew).toString());
        json.put("sent_at", Instant.ofEpochMilli(sentAt + skew).toString());
    }

    private static ObjectNode spell(ObjectNode json, Spelling spelling) {
        return switch (spelling) {
            case CANONICAL, EPOCH_MILLIS -> json;
            case ALIASES -> renamed(json);
            case NESTED -> nested(json);
        };
    }

    private static ObjectNode renamed(ObjectNode json) {
        ObjectNode renamed = json.objectNode();
        for (Map.Entry<String, JsonNode> member : json.properties()) {
            String name = member.getKey();
            renamed.set(ALIASES.getOrDefault(name, name), member.getValue());
        }
        return renamed;
    }

    private static ObjectNode nested(ObjectNode json) {
        ObjectNode inner = json.objectNode();
        for (String name : NESTED) {
            if (json.has(name)) {
                inner.set(name, json.remove(name));
            }
        }
        return json.set("event_data", inner);
    }
}
