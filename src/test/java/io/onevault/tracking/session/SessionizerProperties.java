package io.onevault.tracking.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EventType;
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

    /** However often and in whatever order it is told of, also of one instant. */
    @Property(tries = CASES)
    void aPageViewIsOneWhateverEventsTellOfIt(@ForAll("views") List<SessionEvent> events) {
        for (Session session : Sessionizer.sessionize(events).sessions()) {
            Set<String> ids = new HashSet<>();
            List<SessionEvent> counted = new ArrayList<>();
            for (SessionEvent event : session.events()) {
                boolean isView = event.type().equals(EventType.PAGE_VIEW);
                if (isView && (event.pageViewId() == null || ids.add(event.pageViewId()))) {
                    counted.add(event);
                }
            }
            assertThat(session.pageViews()).isEqualTo(counted.size());
            List<SessionEvent> views = new ArrayList<>(session.events());
            views.removeIf(event -> !event.type().equals(EventType.PAGE_VIEW));
            views.removeAll(counted);
            views.addAll(toldLater(session.events()));
            assertThat(session.repeatedViews()).containsExactlyInAnyOrderElementsOf(views);
            if (!counted.isEmpty()) {
                assertThat(session.entryPageUrl()).isEqualTo(counted.get(0).pageUrl());
                assertThat(session.exitPageUrl())
                        .isEqualTo(counted.get(counted.size() - 1).pageUrl());
            }
            boolean quiet = session.interactiveEvents() == 0 && session.engagedSeconds() < 10;
            assertThat(session.bounce())
                    .isEqualTo(counted.isEmpty() ? null : counted.size() == 1 && quiet);
        }
    }

    private static List<SessionEvent> toldLater(List<SessionEvent> events) {
        List<SessionEvent> earlier = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            String id = events.get(i).pageViewId();
            boolean isToldLater =
                    events.subList(i + 1, events.size()).stream()
                            .filter(later -> later.type().equals(EventType.WEB_VITALS))
                            .anyMatch(
                                    later ->
                                            later.pageViewId() != null
                                                    && later.pageViewId().equals(id));
            if (events.get(i).type().equals(EventType.WEB_VITALS) && isToldLater) {
                earlier.add(events.get(i));
            }
        }
        return earlier;
    }

    @Provide
    Arbitrary<List<SessionEvent>> views() {
        Arbitrary<Long> minutes = Arbitraries.longs().between(0, 40);
        Arbitrary<String> id = Arbitraries.of("v1", "v2", "v3").injectNull(0.2);
        Arbitrary<Integer> page = Arbitraries.integers().between(0, 5);
        return Combinators.combine(minutes, id, page)
                .as(SessionizerProperties::view)
                .list()
                .ofMaxSize(20)
                .map(SessionizerProperties::withDistinctKeys);
    }

    private static SessionEvents view(long minutes, String id, int page) {
        return switch (page) {
            case 4 -> SessionEvents.click(minutes * 60_000);
            case 5 -> SessionEvents.vitals(minutes * 60_000).pageViewId(id);
            default ->
                    SessionEvents.pageView(minutes * 60_000)
                            .url("https://a.example/" + page)
                            .pageViewId(id);
        };
    }

    @Provide
    Arbitrary<List<SessionEvent>> events() {
        Arbitrary<Long> millis = Arbitraries.longs().between(0, 20_000_000);
        Arbitrary<Integer> kind = Arbitraries.integers().between(0, 5);
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
            case 4 -> SessionEvents.ping(millis).leave(millis % 90_000);
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
