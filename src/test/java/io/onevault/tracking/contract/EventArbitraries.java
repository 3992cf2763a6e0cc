package io.onevault.tracking.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Random events that keep the contract, as members with values, and JSON texts of them. */
public final class EventArbitraries {

    /** Pieces that normalising, trimming and escaping have to get right. */
    static final String[] PIECES = {
        "a",
        "Z",
        "0",
        " ",
        "\u00a0",
        "\u3000",
        "\"",
        "\\",
        "/",
        "\n",
        "\t",
        "\u0001",
        "\u007f",
        "\u00e9",
        "e\u0301",
        "\u0301",
        "\ufeff",
        "\u212b",
        "\ufffd",
        "\u2028",
        "\ud83d\ude00",
        "\ud834\udd60",
        "<",
        "%"
    };

    private EventArbitraries() {}

    /** Tenant and type always, any other member in half of the events. */
    static Arbitrary<Map<Member, Object>> events() {
        List<Member> members = new ArrayList<>();
        List<Arbitrary<Optional<Object>>> values = new ArrayList<>();
        for (Member member : Member.values()) {
            if (member != Member.EVENT_DATA) {
                members.add(member);
                values.add(optional(member));
            }
        }
        return Combinators.combine(values)
                .as(
                        drawn -> {
                            Map<Member, Object> event = new EnumMap<>(Member.class);
                            for (int i = 0; i < drawn.size(); i++) {
                                Member member = members.get(i);
                                drawn.get(i).ifPresent(value -> event.put(member, value));
                            }
                            return event;
                        })
                // Their combinations are so many that nothing random would be tried.
                .withoutEdgeCases();
    }

    /** Records of the same, now and then with personal data in them. */
    public static Arbitrary<byte[]> records() {
        Arbitrary<Member> places =
                Arbitraries.of(
                        Member.SESSION_ID,
                        Member.VISITOR_ID,
                        Member.PAGE_URL,
                        Member.PAGE_REFERRER,
                        Member.PAGE_TITLE,
                        Member.EVENT_ID);
        Arbitrary<String> personal =
                Arbitraries.of(
                        "jo@example.org",
                        "https://shop.example/a?mail=jo@example.org&tel=+4917012345678",
                        "https://jo:secret@other.example/",
                        "4111 1111 1111 1111",
                        "1700000000000",
                        "GA1.2.1700000000.1");
        return Combinators.combine(events(), places, personal.optional(0.5))
                .as(
                        (event, place, text) -> {
                            text.ifPresent(value -> event.put(place, value));
                            return json(event, List.of(Member.values()))
                                    .getBytes(StandardCharsets.UTF_8);
                        });
    }

    static String write(Map<String, Object> members) {
        try {
            return Golden.MAPPER.writeValueAsString(members);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static String json(Map<Member, Object> event, List<Member> order) {
        Map<String, Object> members = new LinkedHashMap<>();
        for (Member member : order) {
            if (event.containsKey(member)) {
                members.put(member.canonicalName(), event.get(member));
            }
        }
        return write(members);
    }

    private static Arbitrary<Optional<Object>> optional(Member member) {
        Arbitrary<Object> value = value(member);
        if (member == Member.TENANT || member == Member.TYPE) {
            return value.map(Optional::of);
        }
        return value.optional(0.5);
    }

    private static Arbitrary<Object> value(Member member) {
        return switch (member) {
            case TENANT, TYPE, ITEM_ID -> ids();
            case EVENT_TIMESTAMP, SENT_AT, RECEIVED_AT -> instants();
            case SCROLL_DEPTH -> Arbitraries.doubles().between(0, 100).asGeneric();
            case INTERACTIVE -> Arbitraries.of(true, false, "true", "False").asGeneric();
            case SEQUENCE -> Arbitraries.longs().between(-(1L << 50), 1L << 50).asGeneric();
            case TIME_ON_PAGE -> Arbitraries.longs().between(0, 1L << 50).asGeneric();
            case CLICK_X, CLICK_Y -> Arbitraries.integers().asGeneric();
            case VIEWPORT_WIDTH, VIEWPORT_HEIGHT ->
                    Arbitraries.integers().greaterOrEqual(0).asGeneric();
            case VALUE, PRICE, QUANTITY -> amounts();
            case CURRENCY -> currencies();
            case ITEM -> items().asGeneric();
            case ITEMS -> items().list().ofMaxSize(3).asGeneric();
            case PROPERTIES -> properties(3).asGeneric();
            case USER_ID, VISITOR_ID, SESSION_ID ->
                    Arbitraries.oneOf(texts().asGeneric(), Arbitraries.longs().asGeneric());
            default -> texts().asGeneric();
        };
    }

    private static Arbitrary<String> texts() {
        return Arbitraries.of(PIECES).list().ofMaxSize(12).map(pieces -> String.join("", pieces));
    }

    private static Arbitrary<Object> ids() {
        return texts().map(text -> "id" + text).asGeneric();
    }

    private static Arbitrary<Object> instants() {
        return Arbitraries.oneOf(
                Arbitraries.longs().between(1_000_000_000_000L, 4_000_000_000_000L).asGeneric(),
                Arbitraries.longs().between(1_000_000_000L, 4_000_000_000L).asGeneric(),
                Arbitraries.longs()
                        .between(1_000_000_000_000L, 4_000_000_000_000L)
                        .map(millis -> Instant.ofEpochMilli(millis).toString())
                        .asGeneric());
    }

    private static Arbitrary<Object> amounts() {
        Arbitrary<BigDecimal> numbers =
                Arbitraries.bigDecimals()
                        .between(BigDecimal.valueOf(-99_999_999), BigDecimal.valueOf(99_999_999))
                        .ofScale(6);
        return Arbitraries.oneOf(
                numbers.asGeneric(), numbers.map(BigDecimal::toString).asGeneric());
    }

    private static Arbitrary<Object> currencies() {
        return Arbitraries.of("EUR", "usd", " Gbp ").asGeneric();
    }

    private static Arbitrary<Map<String, Object>> items() {
        return Combinators.combine(ids(), texts(), amounts(), currencies(), texts())
                .as(
                        (id, name, price, currency, size) ->
                                Map.of(
                                        "item_id", id,
                                        "item_name", name,
                                        "price", price,
                                        "currency", currency,
                                        "size", size));
    }

    private static Arbitrary<Map<String, Object>> properties(int depth) {
        Arbitrary<Object> scalars =
                Arbitraries.oneOf(
                        texts().asGeneric(),
                        Arbitraries.doubles().between(-1e9, 1e9).asGeneric(),
                        Arbitraries.longs().asGeneric(),
                        Arbitraries.of(true, false).asGeneric());
        Arbitrary<Object> values =
                depth == 0
                        ? scalars
                        : Arbitraries.oneOf(
                                scalars,
                                scalars.list().ofMaxSize(3).asGeneric(),
                                properties(depth - 1).asGeneric());
        return Arbitraries.maps(texts(), values).ofMaxSize(4);
    }
}
