package io.onevault.tracking.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Limits;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.Signals;
import io.onevault.tracking.event.Suspicion;
import io.onevault.tracking.event.Timing;
import io.onevault.tracking.event.TrackerEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TrackerEventDecoderTest {

    private static final String START = "{\"tenantId\":\"acme\",\"evt_type\":\"x\"";

    private final TrackerEventDecoder decoder = new TrackerEventDecoder(UnaryOperator.identity());

    @ParameterizedTest
    @MethodSource("io.onevault.tracking.contract.Golden#valid")
    void decodesGoldenEvents(Golden.Case golden) {
        Decoded.Valid valid = Golden.decodeValid(golden.input().toString());

        String payload = CanonicalPayload.of(valid.event());
        assertThat(Golden.parse(payload)).isEqualTo(golden.line().get("canonical"));
        assertThat(valid.suspicions()).isEqualTo(suspicions(golden.line().get("suspicions")));
    }

    @ParameterizedTest
    @MethodSource("io.onevault.tracking.contract.Golden#invalid")
    void rejectsGoldenBreachesWithReasonAndField(Golden.Case golden) {
        Decoded.Rejected rejected = Golden.decodeRejected(golden.input().toString());

        assertThat(rejected.reason().name()).isEqualTo(golden.line().get("reason").asText());
        assertThat(rejected.field()).isEqualTo(golden.line().get("field").textValue());
        assertThat(rejected.expected()).isNotBlank();
        assertThat(Golden.parse(rejected.payload())).isNotNull();
    }

    @Test
    void readsTransportMembers() {
        var event =
                Golden.event(
                        START
                                + ",\"received_at\":\"2026-03-01T12:00:00.5Z\",\"sent_at\":1764000000001,"
                                + "\"client_ip\":\"192.0.2.1\",\"user_agent\":\"curl/8\","
                                + "\"collector\":\"c1\"}");

        assertThat(event.timing())
                .isEqualTo(
                        new Timing(
                                null,
                                Instant.ofEpochMilli(1_764_000_000_001L),
                                Instant.parse("2026-03-01T12:00:00.5Z")));
        assertThat(event.client().clientIp()).isEqualTo("192.0.2.1");
        assertThat(event.client().userAgent()).isEqualTo("curl/8");
        assertThat(event.client().collector()).isEqualTo("c1");
    }

    @Test
    void writesPropertiesSortedWithPlainDecimals() {
        var event =
                Golden.event(START + ",\"b\":{\"d\":1.50e2,\"c\":-0.0},\"a\":[0.10,1E-3,-0,7e0]}");

        assertThat(event.properties())
                .isEqualTo("{\"a\": [0.1, 0.001, 0, 7], \"b\": {\"c\": 0, \"d\": 150}}");
    }

    @Test
    void takesTheLastOfDuplicateMembers() {
        var event =
                Golden.event(
                        START
                                + ",\"page_title\":\"a\",\"page_title\":\"b\",\"x\":1,\"x\":2"
                                + ",\"evt_label\":\"l\",\"evt_label\":null}");

        assertThat(event.page().title()).isEqualTo("b");
        assertThat(event.properties()).isEqualTo("{\"x\": 2}");
        assertThat(event.action().label()).isNull();
    }

    @Test
    void rejectsTwoTenantsUnderOneName() {
        var rejected = Golden.decodeRejected(START + ",\"tenantId\":\"other\"}");

        assertThat(rejected.reason()).isEqualTo(RejectReason.TENANT_MISMATCH);
        assertThat(rejected.tenantBk()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "1795705260, 1795705260",
        "1795705260.0, 1795705260",
        "1.79570526E9, 1795705260",
        "1795705260.50, 1795705260.5",
        "123456789012345678901234567890, 123456789012345678901234567890",
        "'\"1795705260.0\"', 1795705260.0",
        "'\"007\"', 007",
    })
    void writesNumbersAsIdsPlainly(String json, String id) {
        TrackerEvent event =
                Golden.decodeValid(
                                START + ",\"session_id\":%1$s,\"event_id\":%1$s}".formatted(json))
                        .event();

        assertThat(event.identity().sessionId()).isEqualTo(id);
        assertThat(event.eventId()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e200", "1e999999999", "1e-999999999"})
    void refusesNumbersWithTooManyDigitsAsIds(String json) {
        assertThat(Golden.decodeRejected(START + ",\"session_id\":" + json + "}").reason())
                .isEqualTo(RejectReason.ID_TOO_LONG);
    }

    @Test
    void skipsByteOrderMarks() {
        for (String marks : List.of("\uFEFF", "\uFEFF\uFEFF", "\uFEFF\uFEFF\uFEFF")) {
            assertThat(Golden.decode(marks + START + "}")).isInstanceOf(Decoded.Valid.class);
            assertThat(Golden.decodeRejected(marks + START + ",\"value\":[]}").tenantBk())
                    .isEqualTo("acme");
        }
        assertThat(Golden.decodeRejected("\uFEFF\uFEFF").reason())
                .isEqualTo(RejectReason.MALFORMED_JSON);
    }

    static Stream<Arguments> brokenBytes() {
        return Stream.of(
                Arguments.of(RejectReason.EMPTY, latin1("")),
                Arguments.of(RejectReason.MALFORMED_JSON, latin1(" ")),
                Arguments.of(RejectReason.MALFORMED_JSON, latin1(START)),
                Arguments.of(RejectReason.MALFORMED_JSON, latin1(START + "} {}")),
                Arguments.of(RejectReason.MALFORMED_JSON, latin1(START + ",}")),
                Arguments.of(RejectReason.MALFORMED_JSON, latin1(START + ",\"a\":NaN}")),
                Arguments.of(RejectReason.MALFORMED_JSON, latin1(START + ",\"a\":\"\n\"}")),
                Arguments.of(RejectReason.MALFORMED_JSON, latin1("{'a':1}")),
                Arguments.of(RejectReason.NOT_AN_OBJECT, latin1("[1]")),
                Arguments.of(RejectReason.NOT_AN_OBJECT, latin1("null")),
                Arguments.of(RejectReason.NUL_CHARACTER, latin1(START + ",\"a\":\"\u0000\"}")),
                Arguments.of(RejectReason.NUL_CHARACTER, latin1(START + ",\"a\":\"\\u0000\"}")),
                Arguments.of(RejectReason.NUL_CHARACTER, latin1(START + ",\"\\u0000\":1}")),
                Arguments.of(RejectReason.INVALID_UNICODE, latin1(START + ",\"a\":\"\\ud83d\"}")),
                Arguments.of(RejectReason.INVALID_UNICODE, latin1(START + ",\"a\":\"\\ude00x\"}")),
                // In a name the parser itself refuses it.
                Arguments.of(RejectReason.MALFORMED_JSON, latin1(START + ",\"\\ud83dx\":1}")),
                Arguments.of(RejectReason.INVALID_UNICODE, latin1(START + ",\"a\":\"\u00ff\"}")),
                Arguments.of(RejectReason.INVALID_UNICODE, latin1(START + ",\"a\":\"\u00c3")),
                // Overlong slash, encoded surrogate, beyond U+10FFFF.
                Arguments.of(RejectReason.INVALID_UNICODE, latin1("{\"\u00c0\u00af\":1}")),
                Arguments.of(RejectReason.INVALID_UNICODE, latin1("{\"\u00e0\u0080\u00af\":1}")),
                Arguments.of(RejectReason.INVALID_UNICODE, latin1("{\"\u00ed\u00a0\u0080\":1}")),
                Arguments.of(
                        RejectReason.INVALID_UNICODE, latin1("{\"\u00f4\u0090\u0080\u0080\":1}")));
    }

    @ParameterizedTest
    @MethodSource("brokenBytes")
    void rejectsBrokenBytes(RejectReason reason, byte[] bytes) {
        assertThat(decoder.decode(bytes))
                .isInstanceOfSatisfying(
                        Decoded.Rejected.class,
                        rejected -> assertThat(rejected.reason()).isEqualTo(reason));
    }

    @Test
    void rejectsRecordWithoutValueAsEmpty() {
        assertThat(decoder.decode(null))
                .isEqualTo(
                        new Decoded.Rejected(
                                RejectReason.EMPTY,
                                null,
                                "a JSON object",
                                null,
                                Identity.NONE,
                                null,
                                null,
                                Signals.NONE));
    }

    @Test
    void acceptsRecordsUpToTheLimitAndNoLonger() {
        String full = START + " ".repeat(Limits.RECORD_BYTES - START.length() - 1) + "}";

        assertThat(Golden.decode(full)).isInstanceOf(Decoded.Valid.class);
        assertThat(Golden.decodeRejected(full + " "))
                .isEqualTo(
                        new Decoded.Rejected(
                                RejectReason.TOO_LARGE,
                                null,
                                "at most 65536 bytes",
                                "acme",
                                Identity.NONE,
                                null,
                                START + "}",
                                Signals.NONE));
    }

    @Test
    void countsNestingAsIfInProperties() {
        String deepest = "[".repeat(Limits.DEPTH - 2) + "]".repeat(Limits.DEPTH - 2);

        Decoded.Valid valid = Golden.decodeValid(START + ",\"a\":" + deepest + "}");
        String payload = CanonicalPayload.of(valid.event());
        assertThat(Golden.event(payload)).isEqualTo(valid.event());
        assertThat(Golden.decodeRejected(START + ",\"a\":[" + deepest + "]}").reason())
                .isEqualTo(RejectReason.TOO_DEEP);
        assertThat(Golden.decodeRejected(START + ",\"properties\":{\"a\":[" + deepest + "]}}"))
                .extracting(Decoded.Rejected::reason)
                .isEqualTo(RejectReason.TOO_DEEP);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":", "{\"event_data\":", "[{\"items\":"})
    void survivesNestingWithoutEnd(String opening) {
        String endless = START + ",\"a\":" + opening.repeat(60_000 / opening.length());

        assertThat(Golden.decodeRejected(endless).reason()).isEqualTo(RejectReason.TOO_DEEP);
    }

    @ParameterizedTest
    @CsvSource({
        "value, 1e999999999, OUT_OF_RANGE",
        "value, 1e-999999999, OUT_OF_RANGE",
        "value, -1e99999999999999999999, OUT_OF_RANGE",
        "click_x, 1e999999999, OUT_OF_RANGE",
        "scroll_depth, 1e999999999, OUT_OF_RANGE",
        "event_timestamp, 1e999999999, OUT_OF_RANGE",
        "some_property, 1e999999999, OUT_OF_RANGE"
    })
    void boundsHugeExponents(String member, String number, RejectReason reason) {
        var rejected = Golden.decodeRejected(START + ",\"" + member + "\":" + number + "}");

        assertThat(rejected.reason()).isEqualTo(reason);
        assertThat(Golden.parse(rejected.payload()).get(member).asText()).isEqualTo(number);
    }

    @Test
    void takesZeroWithHugeExponentAsZero() {
        assertThat(Golden.event(START + ",\"value\":0e999999999}").purchase().value())
                .isEqualTo("0");
    }

    @Test
    void rejectsPropertiesThatGrowBeyondTheRecordLimit() {
        String numbers = "1e60,".repeat(1_200) + "1";

        var rejected = Golden.decodeRejected(START + ",\"a\":[" + numbers + "]}");

        assertThat(rejected.reason()).isEqualTo(RejectReason.TOO_LARGE);
        assertThat(rejected.field()).isEqualTo("properties");
        assertThat(rejected.payload()).isNull();
    }

    @Test
    void mendsAndRedactsThePayloadOfRejectedRecords() {
        var redacting = new TrackerEventDecoder(text -> text.replace("me@example.com", "[email]"));
        String record =
                "{\"tenantId\":\"acme\",\"a\\u0000\":\"x\\u0000\\ud800 me@example.com\","
                        + "\"user_id\":7,\"event_data\":{\"visitor_id\":[\"v\"],\"client_ip\":null},"
                        + "\"user_agent\":\"A/1 me@host.example\",\"n\":1.50e1,\"deep\":"
                        + "[".repeat(32)
                        + "1"
                        + "]".repeat(32)
                        + "}";

        Decoded decoded = redacting.decode(record.getBytes(StandardCharsets.UTF_8));

        assertThat(((Decoded.Rejected) decoded).payload())
                .isEqualTo(
                        "{\"tenantId\":\"acme\",\"a\uFFFD\":\"x\uFFFD\uFFFD [email]\","
                                + "\"user_id\":\"[removed]\",\"event_data\":{\"visitor_id\":"
                                + "\"[removed]\",\"client_ip\":null},"
                                + "\"user_agent\":\"[removed]\",\"n\":15,\"deep\":"
                                + "[".repeat(31)
                                + "\"[too deep]\""
                                + "]".repeat(31)
                                + "}");
        assertThat(((Decoded.Rejected) decoded).named()).isEqualTo(new Identity(null, null, "7"));
    }

    @Test
    void keepsTenantAndTimeOfRejectedRecords() {
        var rejected =
                Golden.decodeRejected(
                        "{\"event_data\":{\"tenant_id\":\" acme \"},\"received_at\":1764003600000,"
                                + "\"timestamp\":1764000001000,\"sent_at\":1764000002000}");

        assertThat(rejected.reason()).isEqualTo(RejectReason.MISSING_EVENT_TYPE);
        assertThat(rejected.tenantBk()).isEqualTo("acme");
        assertThat(rejected.occurredAt()).isEqualTo(Instant.ofEpochMilli(1_764_003_599_000L));
    }

    @Test
    void keepsTenantOfTruncatedRecordWithoutPayload() {
        var rejected =
                Golden.decodeRejected(START + ",\"timestamp\":1764000000005,\"page_url\":\"htt");

        assertThat(rejected.tenantBk()).isEqualTo("acme");
        assertThat(rejected.occurredAt()).isEqualTo(Instant.ofEpochMilli(1_764_000_000_005L));
        assertThat(rejected.payload()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"tenantId\":\"a\\u0000\"}",
                "{\"tenantId\":\"a\",\"tenant_id\":\"b\"}",
                "{\"tenantId\":[\"a\"]}",
                "{\"other\":{\"tenantId\":\"a\"}}"
            })
    void namesNoTenantWhenInDoubt(String record) {
        assertThat(Golden.decodeRejected(record).tenantBk()).isNull();
    }

    private static List<Suspicion> suspicions(JsonNode names) {
        return StreamSupport.stream(names.spliterator(), false)
                .map(name -> Suspicion.valueOf(name.asText()))
                .toList();
    }

    private static byte[] latin1(String bytes) {
        return bytes.getBytes(StandardCharsets.ISO_8859_1);
    }
}
