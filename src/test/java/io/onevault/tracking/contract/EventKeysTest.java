package io.onevault.tracking.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.TrackerEvent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class EventKeysTest {

    private static final String START = "{\"tenantId\":\"acme\",\"evt_type\":\"x\"";

    @Test
    void prefixesTheClientsId() {
        assertThat(EventKeys.eventBk(Golden.event(START + ",\"event_id\":\"E1\"}"), "vis_1", "{}"))
                .isEqualTo("evt_E1");
    }

    @Test
    void hashesContentAndVisitorWithoutClientId() throws Exception {
        TrackerEvent event = Golden.event(START + ",\"timestamp\":1,\"received_at\":2}");

        assertThat(EventKeys.eventBk(event, "vis_1", "{\"a\":1}"))
                .isEqualTo("evt_" + sha256("{\"a\":1}|vis_1"));
    }

    @Test
    void hashesReceptionOnlyWhenTheEventNamesNoTime() throws Exception {
        TrackerEvent event = Golden.event(START + ",\"received_at\":2}");

        assertThat(EventKeys.eventBk(event, "vis_1", "{}"))
                .isEqualTo("evt_" + sha256("{}|vis_1|1970-01-01T00:00:00.002Z"));
    }

    @Test
    void hashesNoClockWhenNoneIsGiven() throws Exception {
        assertThat(EventKeys.eventBk(Golden.event(START + "}"), "vis_1", "{}"))
                .isEqualTo("evt_" + sha256("{}|vis_1"));
    }

    @Test
    void rekeysAReusedIdByItsContent() throws Exception {
        assertThat(EventKeys.reusedEventBk("evt_E1", "{\"a\":\"\u00e4\"}"))
                .isEqualTo("evt_E1." + sha256("{\"a\":\"\u00e4\"}").substring(0, 16));
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(
                        MessageDigest.getInstance("SHA-256")
                                .digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
