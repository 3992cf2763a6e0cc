package io.onevault.tracking.job.admit;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/**
 * Two partitions with random events of several tenants, whose clients use the same few ids for
 * everything, or none. Some events are delivered again. As record keys have it, what a client sends
 * lies in one partition.
 */
public final class ReusedIds {

    static final Instant START = Instant.parse("2026-11-20T10:00:00Z");

    private static final int PARTITIONS = 2;
    private static final int CLIENTS = 4;
    private static final int EVENTS_PER_TENANT = 24;
    private static final String[] IDS = {"1", "2", "1.0", null};
    private static final String[] LABELS = {"a", "b"};

    private final Random random;
    private final List<String> tenants;
    private final List<List<ConsumerRecord<byte[], byte[]>>> partitions = new ArrayList<>();
    private final List<byte[]> lines = new ArrayList<>();
    private final Set<String> events = new HashSet<>();

    public ReusedIds(List<String> tenants, Random random) {
        this.tenants = tenants;
        this.random = random;
        for (int partition = 0; partition < PARTITIONS; partition++) {
            partitions.add(new ArrayList<>());
        }
        int count = EVENTS_PER_TENANT * tenants.size();
        for (int i = 0; i < count; i++) {
            // In the middle the clients begin anew a day later.
            add(START.plus(i < count / 2 ? Duration.ZERO : Duration.ofDays(1)).plusSeconds(i));
        }
    }

    List<List<ConsumerRecord<byte[], byte[]>>> partitions() {
        return partitions;
    }

    /** All that was appended, in order. */
    public List<byte[]> lines() {
        return lines;
    }

    /** How many events there are: what they say tells, and who sent them. */
    public int events() {
        return events.size();
    }

    private void add(Instant appendedAt) {
        String tenant = tenants.get(random.nextInt(tenants.size()));
        int client = random.nextInt(CLIENTS);
        String id = IDS[random.nextInt(IDS.length)];
        String label = LABELS[random.nextInt(LABELS.length)];
        String time =
                random.nextBoolean() ? START.minusSeconds(random.nextInt(3)).toString() : null;
        String says =
                member("tenantId", tenant)
                        + member("event_id", id)
                        + member("evt_label", label)
                        + member("event_timestamp", time)
                        + who(client, id != null);
        boolean again = random.nextInt(4) == 0;
        Instant received = appendedAt.minusMillis(random.nextInt(500));
        append(client, says, received, appendedAt);
        events.add(says + client + reception(id, time, received));
        if (again) {
            boolean resent = id != null || time != null;
            Instant later = resent ? received.plusMillis(400) : received;
            append(client, says, later, appendedAt.plusMillis(500));
        }
    }

    private static String reception(String id, String time, Instant received) {
        if (time != null) {
            return "";
        }
        return id == null ? received.toString() : received.toString().substring(0, 10);
    }

    /** Two clients have names; of the others an address, and ids only within a session. */
    private static String who(int client, boolean withId) {
        if (client % 2 == 0) {
            return member("visitor_id", "v" + client);
        }
        return member("client_ip", "203.0.113." + client)
                + member("user_agent", "agent")
                + member("session_id", withId ? "s" + client : null);
    }

    private static String member(String name, String value) {
        return value == null ? "" : "\"" + name + "\":\"" + value + "\",";
    }

    private void append(int client, String says, Instant receivedAt, Instant appendedAt) {
        int partition = client / 2;
        List<ConsumerRecord<byte[], byte[]>> records = partitions.get(partition);
        String json =
                "{"
                        + says
                        + member("received_at", receivedAt.toString())
                        + "\"evt_type\":\"click\","
                        + "\"page_url\":\"https://shop.example/a\",\"item_id\":\"sku\"}";
        byte[] line = json.getBytes(StandardCharsets.UTF_8);
        lines.add(line);
        records.add(
                new ConsumerRecord<>(
                        "events",
                        partition,
                        records.size(),
                        appendedAt.toEpochMilli(),
                        TimestampType.LOG_APPEND_TIME,
                        0,
                        0,
                        new byte[0],
                        line,
                        new RecordHeaders(),
                        Optional.empty()));
    }
}
