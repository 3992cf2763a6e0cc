package io.onevault.tracking.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.Suspicion;
import io.onevault.tracking.event.TrackerEvent;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class NobodyTest {

    private static final List<String> NOBODY =
            List.of(
                    "undefined",
                    "null",
                    "NaN",
                    "None",
                    "[object Object]",
                    "00000000-0000-0000-0000-000000000000");

    @Property
    void ignoresIdsThatNameNobodyInAnyCase(@ForAll("nobody") String id) {
        Decoded.Valid valid = decode(id, id);
        TrackerEvent event = valid.event();

        assertThat(event.eventId()).isNull();
        assertThat(event.identity().sessionId()).isNull();
        assertThat(event.identity().visitorId()).isNull();
        assertThat(event.identity().userId()).isNull();
        assertThat(event.page().pageViewId()).isNull();
        assertThat(event.purchase().transactionId()).isNull();
        assertThat(valid.suspicions()).containsExactly(Suspicion.ID_IGNORED);
    }

    @Property
    void anIdThatNamesNobodyHidesNoOther(@ForAll("nobody") String id) {
        String ids =
                """
                "event_id": "%1$s", "session_id": "%1$s", "visitor_id": "%1$s", "user_id": "%1$s",
                "page_view_id": "%1$s", "transaction_id": "%1$s\"""";
        Decoded.Valid valid =
                Golden.decodeValid(
                        """
                        {"tenantId": "acme", "evt_type": "purchase", %s, "event_data": {%s}}"""
                                .formatted(ids.formatted(id), ids.formatted("x1")));
        TrackerEvent event = valid.event();

        assertThat(event.eventId()).isEqualTo("x1");
        assertThat(event.identity().sessionId()).isEqualTo("x1");
        assertThat(event.identity().visitorId()).isEqualTo("x1");
        assertThat(event.identity().userId()).isEqualTo("x1");
        assertThat(event.page().pageViewId()).isEqualTo("x1");
        assertThat(event.purchase().transactionId()).isEqualTo("x1");
        assertThat(valid.suspicions()).containsExactly(Suspicion.ID_IGNORED);
    }

    @Test
    void theSessionsNobodiesHideNoOtherEither() {
        for (String id : List.of("0", "-1", "0.0")) {
            Decoded.Valid valid =
                    Golden.decodeValid(
                            """
                            {"tenantId": "acme", "evt_type": "x", "session_id": %s,
                             "event_data": {"session_id": "s1"}}"""
                                    .formatted(id));

            assertThat(valid.event().identity().sessionId()).isEqualTo("s1");
            assertThat(valid.suspicions()).containsExactly(Suspicion.ID_IGNORED);
        }
    }

    @Property
    void keepsAllOtherIds(@ForAll("somebody") String id) {
        Decoded.Valid valid = decode(id, id);

        assertThat(valid.event().identity().sessionId()).isEqualTo(id);
        assertThat(valid.event().identity().visitorId()).isEqualTo(id);
        assertThat(valid.event().purchase().transactionId()).isEqualTo(id);
        assertThat(valid.suspicions()).isEmpty();
    }

    @Test
    void ignoresZeroAndMinusOneAsSessionsOnly() {
        for (String id : List.of("0", "-1")) {
            Decoded.Valid valid = decode(id, id);

            assertThat(valid.event().identity().sessionId()).isNull();
            assertThat(valid.event().identity().visitorId()).isEqualTo(id);
            assertThat(valid.event().eventId()).isEqualTo(id);
            assertThat(valid.suspicions()).containsExactly(Suspicion.ID_IGNORED);
        }
    }

    @Test
    void neverIgnoresATenantOrAType() {
        TrackerEvent event =
                Golden.decodeValid("{\"tenantId\": \"none\", \"evt_type\": \"undefined\"}").event();

        assertThat(event.tenantBk()).isEqualTo("none");
        assertThat(event.type()).isEqualTo("undefined");
    }

    @Provide
    Arbitrary<String> nobody() {
        return Arbitraries.of(NOBODY)
                .flatMap(
                        word ->
                                Arbitraries.of(
                                        word,
                                        word.toLowerCase(Locale.ROOT),
                                        word.toUpperCase(Locale.ROOT),
                                        "  " + word + " "));
    }

    @Provide
    Arbitrary<String> somebody() {
        Arbitrary<String> near = Arbitraries.of(NOBODY).map(word -> word + "1").map(String::strip);
        Arbitrary<String> any =
                Arbitraries.strings()
                        .withCharRange('a', 'z')
                        .numeric()
                        .ofMinLength(2)
                        .ofMaxLength(40)
                        .filter(word -> NOBODY.stream().noneMatch(word::equalsIgnoreCase))
                        .filter(word -> !word.matches("0{32}"));
        return Arbitraries.oneOf(near, any);
    }

    private static Decoded.Valid decode(String id, String session) {
        return Golden.decodeValid(
                """
                {"tenantId": "acme", "evt_type": "purchase", "event_id": "%1$s",
                 "session_id": "%2$s", "visitor_id": "%1$s", "user_id": "%1$s",
                 "page_view_id": "%1$s", "transaction_id": "%1$s"}"""
                        .formatted(id, session));
    }
}
