package io.onevault.tracking.job.session;

import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.session.SessionKeys;
import io.onevault.tracking.session.Sessionizer;
import io.onevault.tracking.state.ItemMoney;
import io.onevault.tracking.state.SessionEvent;
import io.onevault.tracking.vault.TestEvents;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
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
    void tellsHowLongAViewWasSeenOnlyWhereItIsLeft() {
        TestEvents ping = event("1").type(EventType.PAGE_PING).timeOnPage(12_000);
        assertThat(SelectSessionEvents.select(ping.enriched()).leftAfterMillis()).isNull();

        SessionEvent left = SelectSessionEvents.select(ping.action(EventType.LEAVE).enriched());
        SessionEvent other =
                SelectSessionEvents.select(
                        event("2").action(EventType.LEAVE).timeOnPage(12_000).enriched());

        assertThat(left.leftAfterMillis()).isEqualTo(12_000);
        assertThat(other.leftAfterMillis()).isNull();
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
    void takesATransactionFromTradesOnly() {
        Purchase none = new Purchase(null, new BigDecimal("3"), "EUR");
        for (String value : List.of("9.99", "-9.99")) {
            Purchase named = new Purchase("t1", new BigDecimal(value), "EUR");
            SessionEvent goal =
                    select(event("1").type("add_payment_info").conversion().purchase(named));
            assertThat(goal.conversion()).isTrue();
            assertThat(goal.transactionId()).isNull();
            assertThat(goal.revenue()).isNull();
            assertThat(goal.refund()).isNull();
        }
        assertThat(select(event("2").type("lead").conversion().purchase(none)).revenue())
                .isEqualByComparingTo("3");
    }

    @Test
    void keepsWhatIsGivenBackApartFromRevenue() throws Exception {
        Purchase negative = new Purchase("t1", new BigDecimal("-9.99"), "EUR");
        EnrichedEvent refund = event("1").type(EventType.REFUND).purchase(PURCHASE).enriched();
        EnrichedEvent back = event("2").type(EventType.PURCHASE).purchase(negative).enriched();
        Purchase lost = new Purchase(null, negative.value(), "EUR");
        EnrichedEvent goal = event("3").type("cancelled").conversion().purchase(lost).enriched();

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
    void takesTheValueOfTheItemsWhereNoneIsTold() {
        Item sold = item("2.50", "2", null);
        Item back = item("1", "-1", "JPY");
        Item unpriced = item(null, "3", null);
        Purchase order = new Purchase("t1", null, "EUR");

        TestEvents sale = event("1").type("purchase").conversion().purchase(order);
        ItemMoney money = select(sale.item(sold).item(back).item(unpriced)).itemMoney();
        assertThat(money.revenue()).isEqualTo(Map.of("EUR", new BigDecimal("5.00")));
        assertThat(money.refunds()).isEqualTo(Map.of("JPY", new BigDecimal("1")));

        SessionEvent refund =
                select(event("2").type("refund").purchase(order).item(sold).item(back));
        assertThat(refund.itemMoney().revenue()).isEmpty();
        assertThat(refund.itemMoney().refunds())
                .isEqualTo(Map.of("EUR", new BigDecimal("5.00"), "JPY", new BigDecimal("1")));
        assertThat(refund.transactionId()).isNull();

        assertThat(select(event("3").type("purchase").conversion().item(unpriced)).itemMoney())
                .isNull();
        assertThat(select(event("4").type("purchase").purchase(PURCHASE).item(sold)).itemMoney())
                .isNull();
        assertThat(select(event("5").type("add_to_cart").item(sold)).itemMoney()).isNull();
    }

    /** As the items are counted. */
    @Test
    void takesTheCurrencyOfItemsWhereTheEventNamesNone() {
        Purchase purchase = new Purchase("t1", new BigDecimal("9.99"), null);
        Item gift = item("0", "1", null);
        Item euros = item("5", "1", "EUR");

        assertThat(select(sale(purchase).item(gift).item(euros)).currency()).isEqualTo("EUR");
        assertThat(select(sale(purchase).item(euros).item(item("5", "1", "JPY"))).currency())
                .isNull();
        assertThat(select(sale(purchase).item(euros).item(item("5", "1", null))).currency())
                .isNull();
        assertThat(select(sale(PURCHASE).item(item("5", "1", "JPY"))).currency()).isEqualTo("EUR");
    }

    private static TestEvents sale(Purchase purchase) {
        return event("1").type(EventType.PURCHASE).conversion().purchase(purchase);
    }

    private static SessionEvent select(TestEvents event) {
        return SelectSessionEvents.select(event.enriched());
    }

    private static Item item(String price, String quantity, String currency) {
        BigDecimal amount = price == null ? null : new BigDecimal(price);
        return new Item("sku", null, null, null, null, amount, currency, new BigDecimal(quantity));
    }

    @Test
    void keepsWhatRobotsDoApart() {
        SessionEvent person = select(event("1").session("s1"));
        SessionEvent robot = select(event("2").session("s1").bot());

        assertThat(SessionKeys.operatorKey(person, "s1"))
                .isNotEqualTo(SessionKeys.operatorKey(robot, "s1"));
        assertThat(CountTransactions.key(person)).isNotEqualTo(CountTransactions.key(robot));
        assertThat(Sessionizer.sessionize(List.of(robot)).sessions())
                .singleElement()
                .satisfies(session -> assertThat(session.bk()).startsWith("robot_s1."));
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
