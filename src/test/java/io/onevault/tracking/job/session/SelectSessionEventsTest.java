package io.onevault.tracking.job.session;

import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.state.SessionEvent;
import java.math.BigDecimal;
import java.util.List;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.Test;

class SelectSessionEventsTest {

    private static final Purchase PURCHASE = new Purchase("t1", new BigDecimal("9.99"), "EUR");

    @Test
    void setsAsideWhatWasReceivedTooLate() throws Exception {
        EnrichedEvent inTime = event("1").enriched();
        EnrichedEvent late = event("2").late().enriched();
        var harness = ProcessFunctionTestHarnesses.forProcessFunction(new SelectSessionEvents());
        harness.processElement(inTime, 0);
        harness.processElement(late, 0);

        assertThat(harness.extractOutputValues())
                .containsExactly(SelectSessionEvents.select(inTime));
        assertThat(harness.getSideOutput(SideOutputs.LATE))
                .extracting(StreamRecord::getValue)
                .containsExactly(SelectSessionEvents.select(late));
        harness.close();
    }

    @Test
    void takesTheClientsSessionElseTheVisitor() {
        SessionEvent client = SelectSessionEvents.select(event("1").session("s1").enriched());
        SessionEvent visitor =
                SelectSessionEvents.select(event("1").session(null).visitor("vis_9").enriched());

        assertThat(client.sessionId()).isEqualTo("s1");
        assertThat(client.clientSessionId()).isEqualTo("s1");
        assertThat(visitor.sessionId()).isEqualTo("vis_9");
        assertThat(visitor.clientSessionId()).isNull();
    }

    @Test
    void countsMoneyOnlyOfConversions() {
        SessionEvent purchase =
                SelectSessionEvents.select(
                        event("1")
                                .type(EventType.PURCHASE)
                                .conversion()
                                .purchase(PURCHASE)
                                .enriched());
        SessionEvent offer =
                SelectSessionEvents.select(event("2").type("offer").purchase(PURCHASE).enriched());

        assertThat(purchase.revenue()).isEqualByComparingTo("9.99");
        assertThat(purchase.transactionId()).isEqualTo("t1");
        assertThat(purchase.currency()).isEqualTo("EUR");
        assertThat(offer.revenue()).isNull();
        assertThat(offer.transactionId()).isNull();
        assertThat(offer.interactive()).isTrue();
    }

    @Test
    void keepsWhatIsGivenBackApartFromRevenue() throws Exception {
        Purchase negative = new Purchase("t1", new BigDecimal("-9.99"), "EUR");
        EnrichedEvent refund = event("1").type(EventType.REFUND).purchase(PURCHASE).enriched();
        EnrichedEvent back = event("2").type(EventType.PURCHASE).purchase(negative).enriched();
        EnrichedEvent goal =
                event("3").type("cancelled").conversion().purchase(negative).enriched();

        for (EnrichedEvent each : List.of(refund, back, goal)) {
            SessionEvent selected = SelectSessionEvents.select(each);
            assertThat(selected.refund()).isEqualByComparingTo("9.99");
            assertThat(selected.currency()).isEqualTo("EUR");
            assertThat(selected.revenue()).isNull();
        }
        var harness = ProcessFunctionTestHarnesses.forProcessFunction(new SelectSessionEvents());
        harness.processElement(refund, 0);
        harness.processElement(back, 0);
        assertThat(harness.extractOutputValues()).hasSize(2);
        assertThat(harness.getSideOutput(SideOutputs.TRANSACTIONS)).isNull();
        harness.close();
    }

    @Test
    void carriesTheNormalisedPageAndTheLoadDate() {
        EnrichedEvent event = event("1").offset(1_042).url("HTTPS://Shop.Example/a#b").enriched();

        SessionEvent selected = SelectSessionEvents.select(event);

        assertThat(selected.pageUrl()).isEqualTo("https://shop.example/a");
        assertThat(selected.loadDate()).isEqualTo(event.admitted().position().loadDate());
        assertThat(selected.loadDate().getNano()).isEqualTo(42_000);
        assertThat(selected.eventBk()).isEqualTo("evt_1");
    }
}
