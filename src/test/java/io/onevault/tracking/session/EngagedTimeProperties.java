package io.onevault.tracking.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.state.SessionEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whether sessions have the seconds in which the tracker of one page view counted. */
class EngagedTimeProperties {

    /**
     * A time in which the view is seen.
     *
     * @param away how long it was hidden before, in seconds
     * @param seen how long it is seen, in seconds
     * @param click after so many of them; none where there are fewer
     */
    record Stay(int away, int seen, int click) {}

    /** To a second: the tracker counts by a beat of its own, which no click keeps. */
    @Property(tries = 1_000)
    void aSessionHasTheSecondsSinceItsFirstEvent(@ForAll("stays") List<Stay> stays) {
        Page page = new Page();
        stays.forEach(page::stay);

        for (Session session : Sessionizer.sessionize(page.events).sessions()) {
            long seen =
                    page.beats.stream()
                            .filter(beat -> beat.isAfter(session.start()))
                            .filter(beat -> !beat.isAfter(session.end()))
                            .count();
            boolean isTold =
                    session.events().stream().anyMatch(event -> event.leftAfterMillis() != null);
            assertThat(session.engagedSeconds())
                    .as("%s in %s", stays, session.start())
                    // Without a leave five seconds stand for any first part of ten.
                    .isBetween(seen - (isTold ? 1 : 5), seen + (isTold ? 0 : 5));
        }
    }

    @Provide
    Arbitrary<List<Stay>> stays() {
        Arbitrary<Integer> away = Arbitraries.of(1, 7, 60, 900, 1_900, 4_000);
        Arbitrary<Integer> seen = Arbitraries.integers().between(1, 60);
        Arbitrary<Integer> click = Arbitraries.integers().between(0, 70);
        return Combinators.combine(away, seen, click).as(Stay::new).list().ofMaxSize(8);
    }

    /** A page as the tracker follows it: a beat a second while it is seen. */
    private static final class Page {

        private static final String ID = "p1";

        final List<SessionEvent> events = new ArrayList<>();
        final List<Instant> beats = new ArrayList<>();
        private long millis;
        private long seconds;

        Page() {
            tell(SessionEvents.pageView(0));
        }

        void stay(Stay stay) {
            millis += 1_000L * stay.away();
            for (int i = 0; i < stay.seen(); i++) {
                if (i == stay.click()) {
                    tell(SessionEvents.click(millis + 1));
                }
                millis += 1_000;
                seconds++;
                beats.add(SessionEvents.START.plusMillis(millis));
                if (seconds % 10 == 5) {
                    tell(SessionEvents.ping(millis));
                }
            }
            if (seconds % 10 != 5) {
                tell(SessionEvents.ping(millis).leave(1_000 * seconds));
            }
        }

        private void tell(SessionEvents event) {
            events.add(event.pageViewId(ID).key("evt_" + events.size()).make());
        }
    }
}
