package io.onevault.tracking.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Recovery;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.event.SourcePosition;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RejectedEventsTest {

    private static final SourcePosition POSITION =
            new SourcePosition("events", 3, 42, Instant.parse("2026-03-01T12:00:00.5Z"));

    @Test
    void writesOneJsonObject() {
        RejectedEvent rejected =
                new RejectedEvent(
                        RejectReason.WRONG_TYPE,
                        "page_title",
                        "a text",
                        "acme",
                        "ab12",
                        Identity.NONE,
                        Instant.parse("2026-03-01T11:59:59Z"),
                        "{}",
                        new byte[] {1, 2, 3},
                        POSITION,
                        null);

        assertThat(new String(RejectedEvents.toJson(rejected, "1.2.3"), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"reason\":\"WRONG_TYPE\",\"field\":\"page_title\",\"expected\":\"a text\","
                                + "\"tenant\":\"acme\",\"occurred_at\":\"2026-03-01T11:59:59Z\","
                                + "\"original\":\"AQID\",\"source\":{\"topic\":\"events\","
                                + "\"partition\":3,\"offset\":42,"
                                + "\"appended_at\":\"2026-03-01T12:00:00.500Z\"},"
                                + "\"job_version\":\"1.2.3\"}");
    }

    /** Of one that is recovered and rejected again. */
    @Test
    void tellsWhenItWasAppendedFirst() {
        Instant first = Instant.parse("2026-02-01T10:00:00Z");
        Recovery recovery = new Recovery("events", 1, 7, first, RejectReason.UNKNOWN_TENANT);
        RejectedEvent again =
                RejectedEvent.ofNoTenant(
                        RejectReason.UNKNOWN_TENANT,
                        "acme",
                        first,
                        new byte[] {1},
                        new SourcePosition("events", 3, 42, POSITION.appendedAt(), recovery));

        RejectedEntry entry = RejectedEntry.parse(RejectedEvents.toJson(again, "1"));

        assertThat(entry.recovery().appendedAt()).isEqualTo(first);
        assertThat(entry.place()).isEqualTo("events/3/42");
    }

    @Property
    void givesTheOriginalBytesBack(@ForAll byte[] original) {
        RejectedEvent rejected =
                new RejectedEvent(
                        RejectReason.MALFORMED_JSON,
                        null,
                        null,
                        null,
                        null,
                        Identity.NONE,
                        Instant.EPOCH,
                        null,
                        original,
                        POSITION,
                        null);

        assertThat(RejectedEntry.parse(RejectedEvents.toJson(rejected, "1")).original())
                .isEqualTo(original);
    }

    @Test
    void readsTheNoteOfARecoveryBack() {
        Recovery original =
                new Recovery("events", 3, 42, POSITION.appendedAt(), RejectReason.EMPTY);

        assertThat(RejectedEntry.parse(RejectedEvents.recovered(original, Instant.EPOCH)))
                .isEqualTo(
                        new RejectedEntry(
                                null, null, null, "events", 3, 42, POSITION.appendedAt()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{}", "[]", "{\"original\":7}", "{\"original\":\"*\"}", "{\"original\""})
    void refusesWhatIsNoRejectedEvent(String json) {
        assertThatThrownBy(() -> RejectedEntry.parse(json.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
