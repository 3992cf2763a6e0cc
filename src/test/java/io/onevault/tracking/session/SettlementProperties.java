package io.onevault.tracking.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.state.SessionEvent;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

/** What is settled of a key and what is kept, with many events of one instant. */
class SettlementProperties {

    private static final long HOUR = 3_600_000;

    @Property
    void whatIsDroppedIsCoveredAndWhatIsKeptIsNot(
            @ForAll("events") List<SessionEvent> events, @ForAll @LongRange(max = 24) long hours) {
        long watermark = SessionEvents.START.toEpochMilli() + hours * HOUR;

        Settlement settlement =
                Settlement.of(Sessionizer.sessionize(events), null, watermark, HOUR);

        if (settlement.settled() != null) {
            for (SessionEvent event : events) {
                assertThat(settlement.settled().covers(event))
                        .as(event.eventBk())
                        .isNotEqualTo(settlement.kept().contains(event));
            }
        }
    }

    /** Whatever comes in time changes only what is made of the rest. */
    @Property
    void noFurtherEventChangesWhatIsFinished(
            @ForAll("events") List<SessionEvent> events,
            @ForAll @LongRange(max = 24) long hours,
            @ForAll @LongRange(max = 96) long quarter) {
        long watermark = SessionEvents.START.toEpochMilli() + hours * HOUR;
        SessionEvent further = SessionEvents.pageView(quarter * HOUR / 4).key("z").make();
        Assume.that(!Settlement.isTooLate(further, watermark, HOUR));

        Sessions before = Sessionizer.sessionize(events);
        List<SessionEvent> kept = Settlement.unfinished(before, watermark, HOUR);
        List<Session> expected =
                new ArrayList<>(
                        before.sessions()
                                .subList(
                                        0,
                                        before.sessions().size()
                                                - Sessionizer.sessionize(kept).sessions().size()));
        kept.add(further);
        expected.addAll(Sessionizer.sessionize(kept).sessions());

        List<SessionEvent> all = new ArrayList<>(events);
        all.add(further);
        assertThat(Sessionizer.sessionize(all).sessions()).isEqualTo(expected);
    }

    /** Landings of other campaigns, which begin sessions at one instant. */
    @Provide
    Arbitrary<List<SessionEvent>> events() {
        Arbitrary<Long> hour = Arbitraries.longs().between(0, 12);
        Arbitrary<Long> sequence = Arbitraries.longs().between(0, 9).injectNull(0.3);
        Arbitrary<String> key = Arbitraries.of("b", "\ue000", "\ud83d\ude00");
        return Combinators.combine(hour, sequence, key)
                .as(SettlementProperties::event)
                .list()
                .ofMaxSize(30)
                .map(SettlementProperties::withDistinctKeys);
    }

    private record Made(SessionEvents event, String key) {}

    private static Made event(long hour, Long sequence, String key) {
        SessionEvents event = SessionEvents.pageView(hour * HOUR).source(key + sequence);
        return new Made(sequence == null ? event : event.sequence(sequence), key);
    }

    private static List<SessionEvent> withDistinctKeys(List<Made> events) {
        List<SessionEvent> made = new ArrayList<>();
        for (Made event : events) {
            made.add(event.event().key(event.key() + made.size()).make());
        }
        return made;
    }
}
