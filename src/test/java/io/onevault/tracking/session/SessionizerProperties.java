package io.onevault.tracking.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.state.SessionEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class SessionizerProperties {

    private static final int CASES = 1_000;

    @Property(tries = CASES)
    void orderOfEventsDoesNotMatter(
            @ForAll("events") List<SessionEvent> events, @ForAll Random random) {
        List<SessionEvent> shuffled = new ArrayList<>(events);
        Collections.shuffle(shuffled, random);

        assertThat(Sessionizer.sessionize(shuffled)).isEqualTo(Sessionizer.sessionize(events));
    }

    @Property(tries = CASES)
    void everyEventIsInExactlyOneSessionOrUnassigned(@ForAll("events") List<SessionEvent> events) {
        Sessions outcome = Sessionizer.sessionize(events);

        List<SessionEvent> placed = new ArrayList<>(outcome.unassigned());
        outcome.sessions().forEach(session -> placed.addAll(session.events()));
        assertThat(placed).containsExactlyInAnyOrderElementsOf(events);
        Set<String> keys = new HashSet<>();
        outcome.sessions().forEach(session -> keys.add(session.bk()));
        assertThat(keys).hasSameSizeAs(outcome.sessions());
    }

    @Provide
    Arbitrary<List<SessionEvent>> events() {
        Arbitrary<Long> millis = Arbitraries.longs().between(0, 20_000_000);
        Arbitrary<Integer> kind = Arbitraries.integers().between(0, 4);
        return Combinators.combine(millis, kind)
                .as(SessionizerProperties::event)
                .list()
                .ofMaxSize(40)
                .map(SessionizerProperties::withDistinctKeys);
    }

    private static SessionEvents event(long millis, int kind) {
        return switch (kind) {
            case 0 -> SessionEvents.pageView(millis);
            case 1 -> SessionEvents.pageView(millis).source("s" + millis % 3);
            case 2 -> SessionEvents.ping(millis);
            case 3 -> SessionEvents.click(millis);
            default -> SessionEvents.purchase(millis, "t" + millis % 5, "9.99");
        };
    }

    private static List<SessionEvent> withDistinctKeys(List<SessionEvents> events) {
        List<SessionEvent> made = new ArrayList<>();
        for (SessionEvents event : events) {
            made.add(event.key("evt_" + made.size()).make());
        }
        return made;
    }
}
