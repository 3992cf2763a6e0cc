package io.onevault.tracking.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.TrackerEvent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class EventKeysTest {

    private static final Instant LATE_ON_FRIDAY = Instant.parse("2026-11-27T23:59:59.999Z");
    private static final String START = "{\"tenantId\":\"acme\",\"evt_type\":\"x\"";

    private static String hash(String members, Instant occurredAt) {
        TrackerEvent event = Golden.event(START + members + "}");
        return EventKeys.contentHash(event, "{\"a\": \"\u00e4\"}", occurredAt);
    }

    @Test
    void hashesThePayloadAloneOfAnEventWithATime() throws Exception {
        assertThat(
                        hash(
                                ",\"timestamp\":1760000000001,\"received_at\":1760000000002",
                                LATE_ON_FRIDAY))
                .isEqualTo(sha256("{\"a\": \"\u00e4\"}"));
    }

    @Test
    void hashesTheDayOfReceptionOfAnEventWithAnIdAndNoTime() throws Exception {
        String friday = hash(",\"event_id\":\"1\",\"received_at\":1760000000002", LATE_ON_FRIDAY);

        assertThat(friday).isEqualTo(sha256("{\"a\": \"\u00e4\"}|2026-11-27"));
        assertThat(
                        hash(
                                ",\"event_id\":\"1\",\"received_at\":1760000000003",
                                LATE_ON_FRIDAY.minusSeconds(3_600)))
                .isEqualTo(friday);
        assertThat(
                        hash(
                                ",\"event_id\":\"1\",\"received_at\":1760000000002",
                                LATE_ON_FRIDAY.plusMillis(1)))
                .isEqualTo(sha256("{\"a\": \"\u00e4\"}|2026-11-28"));
    }

    @Test
    void hashesTheMomentThatTheCollectorTellsWithoutIdAndTime() throws Exception {
        assertThat(hash(",\"received_at\":1760000000002", LATE_ON_FRIDAY))
                .isEqualTo(sha256("{\"a\": \"\u00e4\"}|1760000000002000"));
    }

    @Test
    void hashesTheDayWhereNoClockIsGivenAtAll() throws Exception {
        assertThat(hash("", LATE_ON_FRIDAY)).isEqualTo(sha256("{\"a\": \"\u00e4\"}|2026-11-27"));
    }

    @Test
    void joinsIdAndHalfOfTheHash() {
        assertThat(EventKeys.withId("E.1", "0123456789abcdef0123456789abcdef"))
                .isEqualTo("evt_E.1.0123456789abcdef");
    }

    @Test
    void joinsHashAndFingerprintWithoutId() {
        assertThat(EventKeys.withoutId("0123456789abcdef0123456789abcdef", "4711aabb"))
                .isEqualTo("evt_0123456789abcdef0123456789abcdef.4711aabb");
    }

    private static String sha256(String text) throws Exception {
        byte[] hash =
                MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash, 0, 16);
    }
}
