package io.onevault.tracking.session;

import static io.onevault.tracking.session.SessionEvents.START;
import static io.onevault.tracking.session.SessionEvents.click;
import static io.onevault.tracking.session.SessionEvents.pageView;
import static io.onevault.tracking.session.SessionEvents.ping;
import static io.onevault.tracking.session.SessionEvents.purchase;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.state.SessionEvent;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionizerTest {

    private static final long GAP = 1_800_000;
    private static final long DAY = Duration.ofDays(1).toMillis();

    private List<Session> sessions(SessionEvents... events) {
        return outcome(events).sessions();
    }

    private Sessions outcome(SessionEvents... events) {
        List<SessionEvent> made = new ArrayList<>();
        for (SessionEvents event : events) {
            made.add(event.make());
        }
        return Sessionizer.sessionize(made);
    }

    @ParameterizedTest
    @CsvSource({"1799999,1", "1800000,1", "1800001,2"})
    void joinsUpToTheGapAndNotBeyond(long silence, int expected) {
        assertThat(sessions(pageView(0), pageView(silence))).hasSize(expected);
    }

    @Test
    void namesASessionByItsFirstEvent() {
        Session session = sessions(pageView(5_000), click(9_000)).get(0);

        assertThat(session.bk()).isEqualTo("sess_s1." + (START.toEpochMilli() + 5_000));
        assertThat(session.start()).isEqualTo(START.plusMillis(5_000));
        assertThat(session.end()).isEqualTo(START.plusMillis(9_000));
        assertThat(session.durationSeconds()).isEqualTo(4);
        assertThat(session.loadDate()).isEqualTo(click(9_000).make().loadDate());
    }

    @Test
    void takesEntryAndExitFromPageViewsInOrderOfTimeThenKey() {
        Session session =
                sessions(
                                pageView(10).key("evt_b").url("/b"),
                                pageView(10).key("evt_a").url("/a"),
                                click(20),
                                pageView(15).url("/c"))
                        .get(0);

        assertThat(session.entryPageUrl()).isEqualTo("/a");
        assertThat(session.exitPageUrl()).isEqualTo("/c");
        assertThat(session.pageViews()).isEqualTo(3);
        assertThat(session.interactiveEvents()).isEqualTo(1);
    }

    @Test
    void endsADayAfterItsStartAndNamesThePredecessor() {
        List<SessionEvents> events = new ArrayList<>();
        for (long at = 0; at <= DAY; at += GAP) {
            events.add(pageView(at));
        }
        events.add(pageView(DAY + 1));

        List<Session> sessions = sessions(events.toArray(SessionEvents[]::new));

        assertThat(sessions).hasSize(2);
        assertThat(sessions.get(0).end()).isEqualTo(START.plusMillis(DAY));
        assertThat(sessions.get(0).predecessorBk()).isNull();
        assertThat(sessions.get(1).predecessorBk()).isEqualTo(sessions.get(0).bk());
    }

    @Test
    void endsWithTheGreatestNumberOfEvents() {
        SessionEvents[] events = new SessionEvents[10_001];
        for (int i = 0; i < events.length; i++) {
            events[i] = click(i);
        }

        List<Session> sessions = sessions(events);

        assertThat(sessions).extracting(s -> s.events().size()).containsExactly(10_000, 1);
        assertThat(sessions.get(1).predecessorBk()).isEqualTo(sessions.get(0).bk());
    }

    @Test
    void aLandingFromAnotherCampaignBeginsASession() {
        assertThat(sessions(pageView(0).source("a"), pageView(1).source("b"))).hasSize(2);
        assertThat(sessions(pageView(0), pageView(1).source("b"))).hasSize(2);
        assertThat(sessions(pageView(0).source("a"), pageView(1).source(" A "))).hasSize(1);
        assertThat(sessions(pageView(0).source("a"), pageView(1))).hasSize(1);
        assertThat(sessions(pageView(0), pageView(1).source("b").internal())).hasSize(1);
    }

    @Test
    void tellsSessionsOfTheSameMillisecondApart() {
        List<Session> sessions =
                sessions(
                        pageView(0).key("evt_1").source("a"),
                        pageView(0).key("evt_2").source("b"),
                        pageView(0).key("evt_3").source("c"));

        String bk = "sess_s1." + START.toEpochMilli();
        assertThat(sessions).extracting(Session::bk).containsExactly(bk, bk + ".2", bk + ".3");
    }

    @Test
    void aPingExtendsASessionButNeverOpensOne() {
        Sessions outcome =
                outcome(ping(0), pageView(GAP), ping(2 * GAP), click(3 * GAP), ping(5 * GAP));

        assertThat(outcome.sessions()).hasSize(1);
        assertThat(outcome.sessions().get(0).start()).isEqualTo(START.plusMillis(GAP));
        assertThat(outcome.sessions().get(0).end()).isEqualTo(START.plusMillis(3 * GAP));
        assertThat(outcome.unassigned())
                .extracting(SessionEvent::occurredAt)
                .containsExactly(START, START.plusMillis(5 * GAP));
    }

    @Test
    void bouncesWithOnePageViewAndNothingElse() {
        assertThat(sessions(pageView(0)).get(0).bounce()).isTrue();
        assertThat(sessions(pageView(0), ping(5_000)).get(0).bounce()).isTrue();
        assertThat(sessions(pageView(0), ping(5_000), ping(15_000)).get(0).bounce()).isFalse();
        assertThat(sessions(pageView(0), pageView(1)).get(0).bounce()).isFalse();
        assertThat(sessions(pageView(0), click(1)).get(0).bounce()).isFalse();
        assertThat(sessions(click(0)).get(0).bounce()).isNull();
    }

    @Test
    void countsEngagedTimeInBucketsOfPings() {
        assertThat(sessions(pageView(0)).get(0).engagedSeconds()).isZero();
        assertThat(sessions(pageView(0), ping(1_000)).get(0).engagedSeconds()).isEqualTo(5);
        assertThat(sessions(pageView(0), ping(1_000), ping(9_999)).get(0).engagedSeconds())
                .isEqualTo(5);
        assertThat(sessions(pageView(0), ping(1_000), ping(10_000)).get(0).engagedSeconds())
                .isEqualTo(15);
    }

    @Test
    void countsEngagedTimeOfEachPageViewApart() {
        Session byId =
                sessions(
                                pageView(0).pageViewId("p1"),
                                ping(1_000).pageViewId("p1"),
                                ping(1_001).pageViewId("p2"))
                        .get(0);
        Session byRun = sessions(pageView(0), ping(1_000), pageView(2_000), ping(3_000)).get(0);

        assertThat(byId.engagedSeconds()).isEqualTo(10);
        assertThat(byRun.engagedSeconds()).isEqualTo(10);
    }

    @Test
    void countsATransactionOnceAndSumsRevenueByCurrency() {
        Session session =
                sessions(
                                purchase(0, "t1", "10.50"),
                                purchase(1, "t1", "10.50"),
                                purchase(2, "t2", "4.50"),
                                purchase(3, null, "1.00"))
                        .get(0);

        assertThat(session.conversions()).isEqualTo(3);
        assertThat(session.revenue()).isEqualTo(Map.of("EUR", new BigDecimal("16.00")));
    }
}
