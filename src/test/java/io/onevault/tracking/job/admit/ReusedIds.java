package io.onevault.tracking.job.admit;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
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
 * lies in one partition; but where events move, those that are delivered again come in any, from a
 * clock that may be right or wrong by then.
 */
public final class ReusedIds {

    static final Instant START = Instant.parse("2026-11-20T10:00:00Z");

    private static final int PARTITIONS = 2;
    private static final int CLIENTS = 4;
    private static final int EVENTS_PER_TENANT = 24;
    private static final String[] IDS = {"1", "2", "1.0", null};
    private static final String[] LABELS = {"a", "b"};

    /** A wrong clock is behind by this. */
    private static final Duration BEHIND = Duration.ofMinutes(40);

    private final Random random;
    private final List<String> tenants;
    private final boolean moving;
    private final List<List<ConsumerRecord<byte[], byte[]>>> partitions = new ArrayList<>();
    private final List<Sent> lines = new ArrayList<>();
    private final Set<String> events = new HashSet<>();

    /** A line and the partition that it lies in. */
    public record Sent(byte[] line, int partition) {}

    /**
     * @param moving whether the time at which an event occurred depends on its delivery
     */
    public ReusedIds(List<String> tenants, Random random, boolean moving) {
        this.tenants = tenants;
        this.random = random;
        this.moving = moving;
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
    public List<Sent> lines() {
        return lines;
    }

    /** Some records of one partition, then some of another, as a consumer is given them. */
    List<Integer> order(Random reading) {
        int[] left = partitions.stream().mapToInt(List::size).toArray();
        List<Integer> order = new ArrayList<>();
        while (order.size() < lines.size()) {
            int partition = reading.nextInt(left.length);
            int run = Math.min(left[partition], 1 + reading.nextInt(20));
            order.addAll(Collections.nCopies(run, partition));
            left[partition] -= run;
        }
        return order;
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
        Instant received = appendedAt.minusMillis(random.nextInt(500));
        append(client / 2, says, received, appendedAt);
        events.add(says + client + reception(id, time, received));
        if (random.nextInt(4) == 0) {
            boolean resent = id != null || time != null;
            Instant later = resent ? received.plusMillis(400) : received;
            int partition = moving ? random.nextInt(PARTITIONS) : client / 2;
            append(partition, says, later, appendedAt.plusMillis(500));
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
        return member("client_ip", "203." + client + ".113.7")
                + member("user_agent", "agent")
                + member("session_id", withId ? "s" + client : null);
    }

    private static String member(String name, String value) {
        return value == null ? "" : "\"" + name + "\":\"" + value + "\",";
    }

    private void append(int partition, String says, Instant receivedAt, Instant appendedAt) {
        List<ConsumerRecord<byte[], byte[]>> records = partitions.get(partition);
        String json =
                "{"
                        + says
                        + member("received_at", receivedAt.toString())
                        + member("sent_at", sentAt(receivedAt))
                        + "\"evt_type\":\"click\","
                        + "\"page_url\":\"https://shop.example/a\",\"item_id\":\"sku\"}";
        byte[] line = json.getBytes(StandardCharsets.UTF_8);
        lines.add(new Sent(line, partition));
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

    /** By a wrong clock, by a right one, or not told. */
    private String sentAt(Instant receivedAt) {
        if (!moving || random.nextInt(3) == 0) {
            return null;
        }
        Instant sentAt = receivedAt.minusMillis(random.nextInt(300));
        return (random.nextBoolean() ? sentAt : sentAt.minus(BEHIND)).toString();
    }
}
