package io.onevault.tracking.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Limits;
import io.onevault.tracking.event.Timing;
import io.onevault.tracking.event.TrackerEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

final class ContractPropertyTest {

    private final TrackerEventDecoder decoder = new TrackerEventDecoder(UnaryOperator.identity());

    @Property
    void survivesRandomBytes(@ForAll @Size(max = 2_000) byte[] bytes) {
        assertSound(decoder.decode(bytes));
    }

    @Property
    void survivesDamagedEvents(@ForAll("damaged") byte[] bytes) {
        assertSound(decoder.decode(bytes));
    }

    @Property(tries = 20)
    void survivesOverlongEvents(@ForAll("events") Map<Member, Object> event) {
        event.put(Member.PAGE_TITLE, "\u00e4".repeat(50 * 1_024));

        assertSound(Golden.decode(canonicalOrder(event)));
    }

    @Property
    void acceptsEveryEventThatKeepsTheContract(@ForAll("events") Map<Member, Object> event) {
        assertThat(Golden.decode(canonicalOrder(event))).isInstanceOf(Decoded.Valid.class);
    }

    @Property
    void doesNotDependOnMemberOrder(
            @ForAll("events") Map<Member, Object> event, @ForAll Random random) {
        List<Member> order = new ArrayList<>(List.of(Member.values()));
        Collections.shuffle(order, random);

        assertThat(Golden.decode(EventArbitraries.json(event, order)))
                .isEqualTo(Golden.decode(canonicalOrder(event)));
    }

    @Property
    void doesNotDependOnTheChoiceOfAliasOrLevel(
            @ForAll("events") Map<Member, Object> event, @ForAll Random random) {
        Map<String, Object> top = new LinkedHashMap<>();
        Map<String, Object> nested = new LinkedHashMap<>();
        event.forEach(
                (member, value) -> {
                    List<String> names = new ArrayList<>(member.aliases());
                    names.add(member.canonicalName());
                    String name = names.get(random.nextInt(names.size()));
                    (random.nextBoolean() ? top : nested).put(name, value);
                });
        top.put("event_data", nested);

        assertThat(Golden.decode(EventArbitraries.write(top)))
                .isEqualTo(Golden.decode(canonicalOrder(event)));
    }

    @Property
    void decodesTheCanonicalPayloadToTheSameEvent(@ForAll("events") Map<Member, Object> drawn) {
        TrackerEvent event = Golden.event(canonicalOrder(drawn));

        String payload = CanonicalPayload.of(event);

        TrackerEvent again = Golden.event(payload);
        assertThat(again).isEqualTo(withoutTransport(event));
        assertThat(CanonicalPayload.of(again)).isEqualTo(payload);
    }

    @Property
    void sortsTheMembersOfTheCanonicalPayload(@ForAll("events") Map<Member, Object> drawn) {
        assertSorted(Golden.parse(CanonicalPayload.of(Golden.event(canonicalOrder(drawn)))));
    }

    @Provide
    Arbitrary<Map<Member, Object>> events() {
        return EventArbitraries.events();
    }

    /** Events with a few bytes overwritten, taken out or repeated. */
    @Provide
    Arbitrary<byte[]> damaged() {
        return EventArbitraries.events()
                .flatMap(
                        event ->
                                Arbitraries.randomValue(
                                        random -> damage(canonicalOrder(event), random)));
    }

    private static byte[] damage(String json, Random random) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        byte[] likely = "\"\\{}[],:0eEu-+.\u0000\u00ff ".getBytes(StandardCharsets.ISO_8859_1);
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(bytes.length);
            int end = at + random.nextInt(bytes.length - at);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] = likely[random.nextInt(likely.length)];
                case 2 -> bytes = Arrays.copyOf(bytes, Math.max(1, end));
                default -> System.arraycopy(bytes, at, bytes, end, bytes.length - end);
            }
        }
        return bytes;
    }

    private static void assertSound(Decoded decoded) {
        if (decoded instanceof Decoded.Rejected rejected && rejected.payload() != null) {
            String payload = rejected.payload();
            assertThat(Golden.parse(payload)).isNotNull();
            assertThat(payload).doesNotContain("\u0000", "\\u0000");
            assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(payload)).isTrue();
            assertThat(payload.getBytes(StandardCharsets.UTF_8).length)
                    .isLessThanOrEqualTo(Limits.RECORD_BYTES);
        }
        if (decoded instanceof Decoded.Valid valid) {
            String payload = CanonicalPayload.of(valid.event());
            assertThat(Golden.event(payload)).isEqualTo(withoutTransport(valid.event()));
        }
    }

    private static String canonicalOrder(Map<Member, Object> event) {
        return EventArbitraries.json(event, List.of(Member.values()));
    }

    private static TrackerEvent withoutTransport(TrackerEvent event) {
        ClientContext client = event.client();
        return new TrackerEvent(
                event.tenantBk(),
                event.eventId(),
                event.type(),
                event.action(),
                event.identity(),
                event.page(),
                new Timing(event.timing().eventTimestamp(), null, null, event.timing().sequence()),
                event.interaction(),
                new ClientContext(
                        null,
                        null,
                        client.language(),
                        client.timezone(),
                        client.screenResolution(),
                        client.viewportWidth(),
                        client.viewportHeight(),
                        client.consent(),
                        client.gpc(),
                        client.dnt(),
                        null,
                        null),
                event.purchase(),
                event.items(),
                event.properties());
    }

    private static void assertSorted(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        assertThat(names).isSortedAccordingTo(MemberOrder.INSTANCE).doesNotHaveDuplicates();
        node.forEach(ContractPropertyTest::assertSorted);
    }
}
