package io.onevault.tracking.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.state.SessionEvent;
import io.onevault.tracking.state.Transaction;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Purchases that several sessions tell of: each transaction counts once, in whatever order. */
class TransactionCountProperties {

    private static final int CASES = 1_000;
    private static final int SESSIONS = 3;

    private record Outcome(List<String> conversions, BigDecimal revenue) {}

    @Property(tries = CASES)
    void eachTransactionCountsInTheSessionOfItsEarliestEvent(
            @ForAll("purchases") List<SessionEvent> purchases, @ForAll Random random) {
        List<SessionEvent> arriving = new ArrayList<>(purchases);
        Collections.shuffle(arriving, random);
        Map<String, Transaction> state = new HashMap<>();
        List<SessionEvent> counted = new ArrayList<>();
        for (SessionEvent event : arriving) {
            TransactionCount count = TransactionCount.of(event, state.get(event.transactionId()));
            state.put(event.transactionId(), count.transaction());
            counted.addAll(count.events());
        }
        Collections.shuffle(counted, random);

        for (int session = 0; session < SESSIONS; session++) {
            assertThat(published(session, counted)).isEqualTo(expected(session, purchases));
        }
    }

    private static Outcome published(int session, List<SessionEvent> counted) {
        List<SessionEvent> own =
                counted.stream().filter(event -> event.sessionId().equals("s" + session)).toList();
        List<String> conversions = new ArrayList<>();
        BigDecimal revenue = BigDecimal.ZERO;
        for (Session made : Sessionizer.sessionize(own).sessions()) {
            for (SessionEvent event : made.events()) {
                if (event.conversion()) {
                    conversions.add(event.eventBk());
                }
            }
            assertThat(made.conversions())
                    .isEqualTo(
                            (int) made.events().stream().filter(SessionEvent::conversion).count());
            revenue = revenue.add(made.revenue().getOrDefault("EUR", BigDecimal.ZERO));
        }
        return new Outcome(conversions, revenue);
    }

    /** Counted anew, event by event in order. */
    private static Outcome expected(int session, List<SessionEvent> purchases) {
        Set<String> converted = new HashSet<>();
        Set<String> paid = new HashSet<>();
        List<String> conversions = new ArrayList<>();
        BigDecimal revenue = BigDecimal.ZERO;
        List<SessionEvent> sorted =
                purchases.stream()
                        .sorted(SessionOrder.BY_TIME_AND_KEY)
                        .collect(Collectors.toList());
        for (SessionEvent event : sorted) {
            boolean own = event.sessionId().equals("s" + session);
            if (converted.add(event.transactionId()) && own) {
                conversions.add(event.eventBk());
            }
            if (event.revenue() != null && paid.add(event.transactionId()) && own) {
                revenue = revenue.add(event.revenue());
            }
        }
        return new Outcome(conversions, revenue);
    }

    @Provide
    Arbitrary<List<SessionEvent>> purchases() {
        Arbitrary<Long> millis = Arbitraries.longs().between(0, 5_000_000);
        Arbitrary<Integer> session = Arbitraries.integers().between(0, SESSIONS - 1);
        Arbitrary<Integer> transaction = Arbitraries.integers().between(0, 4);
        Arbitrary<Integer> cents = Arbitraries.integers().between(0, 500);
        return Combinators.combine(millis, session, transaction, cents)
                .as(TransactionCountProperties::purchase)
                .list()
                .ofMaxSize(25)
                .map(TransactionCountProperties::withDistinctKeys);
    }

    /** A few tell no amount, as the step before the purchase. */
    private static SessionEvents purchase(long millis, int session, int transaction, int cents) {
        return SessionEvents.purchase(millis, "t" + transaction, cents < 100 ? null : "0." + cents)
                .session("s" + session);
    }

    private static List<SessionEvent> withDistinctKeys(List<SessionEvents> purchases) {
        List<SessionEvent> made = new ArrayList<>();
        for (SessionEvents purchase : purchases) {
            made.add(purchase.key("evt_" + made.size()).make());
        }
        return made;
    }
}
