package io.onevault.tracking.generator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.generator.EventGenerator.Faults;
import io.onevault.tracking.generator.EventGenerator.GeneratedEvent;
import io.onevault.tracking.generator.EventGenerator.Mix;
import io.onevault.tracking.generator.EventGenerator.Pace;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Checks that generated events are what their mix says. */
class EventGeneratorTest {

    private static final int EVENTS = 200_000;
    private static final long SEED = 20_261_120;
    private static final Instant START = Instant.parse("2026-11-20T06:00:00Z");

    /** Few sessions are open, so that nearly all end within the events of a test. */
    private static final Mix MIX = Mix.standard().withPace(new Pace(START, 100, 250));

    private final ObjectMapper json = new ObjectMapper();

    @Test
    void repeatsTheSameBytesForTheSameSeed() {
        EventGenerator one = new EventGenerator(MIX, SEED);
        EventGenerator other = new EventGenerator(MIX, SEED);
        EventGenerator unlike = new EventGenerator(MIX, SEED + 1);

        boolean same = true;
        int unlikeValues = 0;
        for (int i = 0; i < EVENTS; i++) {
            GeneratedEvent event = one.next();
            GeneratedEvent again = other.next();
            same &= Arrays.equals(event.key(), again.key());
            same &= Arrays.equals(event.value(), again.value());
            same &= event.eventTimeMillis() == again.eventTimeMillis();
            unlikeValues += Arrays.equals(event.value(), unlike.next().value()) ? 0 : 1;
        }

        assertThat(same).isTrue();
        assertThat(unlikeValues).isEqualTo(EVENTS);
    }

    @Test
    void balancesTheBooks() {
        EventGenerator generator = new EventGenerator(MIX, SEED);
        Set<String> values = new HashSet<>();
        int refused = 0;

        for (int i = 0; i < EVENTS; i++) {
            String value = new String(generator.next().value(), UTF_8);
            values.add(value);
            refused += isRefused(value) ? 1 : 0;
        }

        assertThat(values).hasSize((int) (EVENTS - generator.duplicates()));
        assertThat(refused).isEqualTo((int) generator.bad());
        assertThat(generator.duplicates()).isBetween(1_800L, 2_200L);
        assertThat(generator.bad()).isBetween(150L, 250L);
    }

    @Test
    void holdsTheMixOfVisits() throws IOException {
        EventGenerator generator = new EventGenerator(MIX.withFaults(Faults.NONE), SEED);
        Set<String> sessions = new HashSet<>();
        Set<String> visitors = new HashSet<>();
        Set<String> eventIds = new HashSet<>();
        Set<String> tenants = new TreeSet<>();
        boolean keysMatch = true;

        for (int i = 0; i < EVENTS; i++) {
            GeneratedEvent event = generator.next();
            JsonNode node = json.readTree(event.value());
            String tenant = node.get("tenantId").asText();
            String session = tenant + "|" + node.get("session_id").asText();
            keysMatch &= Arrays.equals(event.key(), session.getBytes(UTF_8));
            tenants.add(tenant);
            sessions.add(session);
            visitors.add(tenant + "|" + node.get("visitor_id").asText());
            eventIds.add(node.get("event_id").asText());
        }

        assertThat(keysMatch).isTrue();
        assertThat(tenants).containsExactly("tenant-1", "tenant-2", "tenant-3");
        assertThat(eventIds).hasSize(EVENTS);
        assertThat((double) EVENTS / sessions.size()).isCloseTo(10, within(0.3));
        assertThat((double) sessions.size() / visitors.size()).isCloseTo(3, within(0.2));
    }

    @Test
    void holdsTheMixOfThings() throws IOException {
        EventGenerator generator = new EventGenerator(MIX.withFaults(Faults.NONE), SEED);
        Map<String, Integer> pages = new HashMap<>();
        Set<String> userAgents = new HashSet<>();
        Set<String> items = new HashSet<>();
        long bytes = 0;
        int withItems = 0;

        for (int i = 0; i < EVENTS; i++) {
            byte[] value = generator.next().value();
            JsonNode node = json.readTree(value);
            userAgents.add(node.get("user_agent").asText());
            String url = node.get("page_url").asText();
            pages.merge(url.substring(url.indexOf("/p-")).replaceAll("\\?.*", ""), 1, Integer::sum);
            withItems += node.has("items") ? 1 : 0;
            node.path("items").forEach(item -> items.add(item.get("item_id").asText()));
            bytes += value.length;
        }

        assertThat((double) withItems / EVENTS).isCloseTo(0.3, within(0.01));
        assertThat(userAgents).hasSize(200);
        assertThat(pages).hasSizeBetween(1_950, 2_000);
        assertThat(items).hasSizeBetween(4_500, 5_000);
        assertThat((double) pages.get("/p-0") / pages.get("/p-9")).isCloseTo(10, within(2.0));
        assertThat((double) bytes / EVENTS).isBetween(600.0, 700.0);
    }

    @Test
    void movesEventTimeSteadilyExceptForOnePercent() throws IOException {
        EventGenerator generator = new EventGenerator(MIX.withFaults(new Faults(0, 0.01, 0)), SEED);
        long latest = 0;
        long mostMillisLate = 0;
        boolean timesMatch = true;
        int outOfOrder = 0;

        for (int i = 0; i < EVENTS; i++) {
            GeneratedEvent event = generator.next();
            long time = event.eventTimeMillis();
            timesMatch &= time == eventTimeOf(json.readTree(event.value()));
            outOfOrder += time < latest ? 1 : 0;
            mostMillisLate = Math.max(mostMillisLate, latest - time);
            latest = Math.max(latest, time);
        }

        assertThat(timesMatch).isTrue();
        assertThat(mostMillisLate).isBetween(15_000L, 20_000L);
        assertThat((double) outOfOrder / EVENTS).isCloseTo(0.01, within(0.001));
        assertThat(latest)
                .isEqualTo(START.toEpochMilli() + Duration.ofSeconds(EVENTS / 100).toMillis() - 50);
    }

    @Test
    void nearlyAllSessionsStayWithinTheSessionGap() {
        EventGenerator generator = new EventGenerator(Mix.standard().withFaults(Faults.NONE), SEED);
        Map<String, Long> lastSeen = new HashMap<>();
        long longest = 0;

        for (int i = 0; i < EVENTS; i++) {
            GeneratedEvent event = generator.next();
            Long before = lastSeen.put(new String(event.key(), UTF_8), event.eventTimeMillis());
            longest =
                    before == null ? longest : Math.max(longest, event.eventTimeMillis() - before);
        }

        assertThat(longest).isBetween(60_000L, 1_800_000L);
    }

    @Test
    void makesAsManyTenantsAsAsked() {
        EventGenerator generator = new EventGenerator(Mix.standard().withTenants(7), SEED);
        Set<String> tenants = new HashSet<>();

        long started = System.nanoTime();
        for (int i = 0; i < 1_000_000; i++) {
            GeneratedEvent event = generator.next();
            tenants.add(new String(event.key(), 0, "tenant-1".length(), UTF_8));
        }
        long nanos = System.nanoTime() - started;

        System.out.println("EventGenerator: " + nanos / 1e9 + " microseconds per event");
        assertThat(tenants).hasSize(7);
    }

    /** By the contract: transit of at most two minutes changes no event time. */
    private static long eventTimeOf(JsonNode node) {
        Instant received = Instant.parse(node.get("received_at").asText());
        assertThat(received.toEpochMilli() - node.get("sent_at").asLong()).isBetween(0L, 120_000L);
        return node.get("event_timestamp").asLong();
    }

    private boolean isRefused(String value) {
        try {
            JsonNode node = json.readTree(value);
            String tenant = node.get("tenantId").asText();
            String type = node.get("evt_type").asText();
            return !tenant.startsWith("tenant-")
                    || type.isEmpty()
                    || type.contains("\0")
                    || node.get("event_timestamp").asText().equals("yesterday");
        } catch (JsonProcessingException malformed) {
            return true;
        }
    }
}
