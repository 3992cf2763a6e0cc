package io.onevault.tracking.session;

import static io.onevault.tracking.session.Publications.after;
import static io.onevault.tracking.session.SessionEvents.START;
import static io.onevault.tracking.session.SessionEvents.click;
import static io.onevault.tracking.session.SessionEvents.pageView;
import static io.onevault.tracking.session.SessionEvents.purchase;
import static io.onevault.tracking.session.SessionEvents.purchaseOfItems;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.session.SessionPublisher.Publication;
import io.onevault.tracking.state.PublishedSession;
import io.onevault.tracking.state.SessionEvent;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SessionPublisherTest {

    private static final long BEFORE_ALL = Long.MIN_VALUE;
    private static final long MINUTE = 60_000;

    private static Publication publish(
            Map<String, PublishedSession> before, long watermark, SessionEvents... events) {
        List<SessionEvent> made = Stream.of(events).map(SessionEvents::make).toList();
        return SessionPublisher.publish(Sessionizer.sessionize(made), before, watermark, 0);
    }

    @Test
    void publishesANewSessionWithAllItsLinks() {
        Publication publication = publish(Map.of(), BEFORE_ALL, pageView(0), click(1));

        assertThat(publication.updates()).hasSize(1);
        SessionUpdate update = publication.updates().get(0);
        assertThat(update.first()).isTrue();
        assertThat(update.version().status()).isEqualTo(SessionStatus.OPEN);
        assertThat(update.version().counts().events()).isEqualTo(2);
        assertThat(update.links()).extracting(LinkedEvent::eventBk).hasSize(2);
    }

    @Test
    void publishesNothingWhenNothingChanged() {
        Publication first = publish(Map.of(), BEFORE_ALL, pageView(0));

        Publication second = publish(after(Map.of(), first), BEFORE_ALL, pageView(0));

        assertThat(second.updates()).isEmpty();
    }

    @Test
    void linksOnlyWhatIsNew() {
        Publication first = publish(Map.of(), BEFORE_ALL, pageView(0));

        Publication second = publish(after(Map.of(), first), BEFORE_ALL, pageView(0), click(1));

        SessionUpdate update = second.updates().get(0);
        assertThat(update.first()).isFalse();
        assertThat(update.links())
                .extracting(LinkedEvent::eventBk)
                .containsExactly(click(1).make().eventBk());
    }

    @Test
    void closesWhenTheWatermarkPassesTheGapAfterTheEnd() {
        long end = START.toEpochMilli() + 30 * MINUTE - 1;

        assertThat(publish(Map.of(), end - 1, pageView(0)).updates().get(0).version().status())
                .isEqualTo(SessionStatus.OPEN);
        assertThat(publish(Map.of(), end, pageView(0)).updates().get(0).version().status())
                .isEqualTo(SessionStatus.CLOSED);
    }

    @Test
    void supersedesSessionsThatALateEventBridges() {
        Publication apart = publish(Map.of(), BEFORE_ALL, pageView(0), pageView(50 * MINUTE));
        assertThat(apart.updates()).hasSize(2);

        Publication bridged =
                publish(
                        after(Map.of(), apart),
                        BEFORE_ALL,
                        pageView(0),
                        click(25 * MINUTE),
                        pageView(50 * MINUTE));

        assertThat(bridged.updates())
                .extracting(update -> update.version().status())
                .containsExactly(SessionStatus.OPEN, SessionStatus.SUPERSEDED);
        SessionUpdate merged = bridged.updates().get(0);
        SessionUpdate superseded = bridged.updates().get(1);
        assertThat(merged.links()).hasSize(2);
        assertThat(superseded.version().successorBks()).containsExactly(merged.sessionBk());
        assertThat(superseded.version().counts().events()).isZero();
        assertThat(after(after(Map.of(), apart), bridged)).containsOnlyKeys(merged.sessionBk());
    }

    @Test
    void doesNotOpenAClosedSessionAgainWhenTheWatermarkBeginsAnew() {
        Publication closed = publish(Map.of(), Long.MAX_VALUE, pageView(0));

        Publication afterRestart = publish(after(Map.of(), closed), BEFORE_ALL, pageView(0));

        assertThat(afterRestart.updates()).isEmpty();
    }

    @Test
    void aSessionThatLostEventsIsYoungerThanItsVersionWithThem() {
        SessionEvents first = pageView(0).appended(1);
        SessionEvents last = pageView(2 * MINUTE).appended(2);
        Publication whole = publish(Map.of(), BEFORE_ALL, first, last);

        SessionEvents landing = pageView(MINUTE).source("other").appended(3);
        Publication split = publish(after(Map.of(), whole), BEFORE_ALL, first, landing, last);

        assertThat(split.updates())
                .extracting(update -> update.version().loadDate())
                .containsOnly(landing.make().loadDate());
        assertThat(split.updates().get(0).version().counts().events()).isEqualTo(1);
    }

    @Test
    void aSessionThatLostEventsIsYoungerEvenWhenOthersOvertookTheCause() {
        SessionEvents first = pageView(0).appended(2);
        SessionEvents last = pageView(2 * MINUTE).appended(3);
        Publication whole = publish(Map.of(), BEFORE_ALL, first, last);

        SessionEvents landing = pageView(MINUTE).source("other").appended(1);
        Publication split = publish(after(Map.of(), whole), BEFORE_ALL, first, landing, last);

        assertThat(split.updates().get(0).version().counts().events()).isEqualTo(1);
        assertThat(split.updates().get(0).version().loadDate())
                .isAfter(whole.updates().get(0).version().loadDate());
    }

    @Test
    void publishesASessionAgainThatLostRevenueWhichOnlyItemsTold() {
        SessionEvent sale = purchaseOfItems(MINUTE, "t", "5").make();
        SessionEvent step = purchase(0, "t", null).make();
        Sessions paid = Sessionizer.sessionize(List.of(step, sale.counting(false, true, null)));
        Publication before = SessionPublisher.publish(paid, Map.of(), BEFORE_ALL, 0);
        SessionEvent lost = sale.counting(false, false, sale.loadDate());

        Publication corrected =
                SessionPublisher.publish(
                        Sessionizer.sessionize(List.of(step, lost)),
                        after(Map.of(), before),
                        BEFORE_ALL,
                        0);

        assertThat(before.updates().get(0).version().revenue()).containsKey("EUR");
        assertThat(corrected.updates()).hasSize(1);
        assertThat(corrected.updates().get(0).version().revenue()).isEmpty();
    }

    @Test
    void publishesASessionAgainWhenItsPredecessorIsAnother() {
        SessionEvents first = pageView(MINUTE);
        SessionEvents landing = pageView(2 * MINUTE).source("other");
        Publication before = publish(Map.of(), BEFORE_ALL, first, landing);

        Publication extended =
                publish(after(Map.of(), before), BEFORE_ALL, pageView(0), first, landing);

        SessionUpdate successor = extended.updates().get(1);
        assertThat(successor.sessionBk()).isEqualTo(before.updates().get(1).sessionBk());
        assertThat(successor.version().predecessorBk())
                .isEqualTo(extended.updates().get(0).sessionBk());
    }
}
