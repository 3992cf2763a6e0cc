package io.onevault.tracking.session;

import static io.onevault.tracking.session.SessionEvents.START;
import static io.onevault.tracking.session.SessionEvents.click;
import static io.onevault.tracking.session.SessionEvents.pageView;
import static io.onevault.tracking.session.SessionEvents.ping;
import static io.onevault.tracking.session.SessionEvents.purchase;
import static io.onevault.tracking.session.SessionEvents.refund;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.state.SessionEvent;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
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
    void takesALandingBehindAnotherFirstEventAsEntry() {
        List<Session> sessions =
                sessions(click(0), pageView(400).source("news"), click(900), pageView(2_000));

        assertThat(sessions).hasSize(1);
        assertThat(sessions.get(0).entry().campaign().source()).isEqualTo("news");
        assertThat(sessions.get(0).predecessorBk()).isNull();
    }

    @Test
    void splitsAtALandingWhenTheFirstEventHasAnotherCampaign() {
        assertThat(sessions(click(0).source("post"), pageView(400).source("news"))).hasSize(2);
        assertThat(sessions(click(0).source("news"), pageView(400).source("news"))).hasSize(1);
    }

    @Test
    void keepsTheFirstEventsSourceBehindAPageViewThatTheSiteLedTo() {
        List<Session> sessions =
                sessions(
                        click(0).source("news"),
                        pageView(400).url("/a").internal(),
                        pageView(800).url("/b").source("news"),
                        click(900));

        assertThat(sessions).hasSize(1);
        assertThat(sessions.get(0).entry().campaign().source()).isEqualTo("news");
        assertThat(sessions.get(0).entryPageUrl()).isEqualTo("/a");
        assertThat(
                        sessions(
                                click(0).source("news"),
                                pageView(400).internal(),
                                pageView(800).source("post")))
                .hasSize(2);
        assertThat(sessions(click(0), pageView(400).internal(), pageView(800).source("news")))
                .hasSize(2);
        assertThat(
                        sessions(
                                        click(0).referrer("search.example"),
                                        pageView(400).referrer("acme.example").internal())
                                .get(0)
                                .entry()
                                .referrer()
                                .host())
                .isEqualTo("search.example");
    }

    @Test
    void takesThePageViewOfWhatNamesNoSourceAsEntry() {
        SessionEvents inside = pageView(400).referrer("acme.example").internal();

        assertThat(sessions(click(0), inside).get(0).entry().referrer().internal()).isTrue();
    }

    @Test
    void splitsAtASecondLandingAlthoughTheFirstWasTakenAsEntry() {
        assertThat(sessions(click(0), pageView(400).source("a"), pageView(800).source("b")))
                .hasSize(2);
    }

    @Test
    void takesTheFirstLandingAsEntryWhereReferrersSplit() {
        SessionRules rules = new SessionRules(GAP, DAY, SessionRules.MOST_EVENTS, true, null, true);

        assertThat(
                        sessions(
                                click(0).rules(rules),
                                pageView(400).rules(rules).referrer("search.example")))
                .hasSize(1);
        assertThat(
                        sessions(
                                click(0).rules(rules),
                                pageView(400).rules(rules).referrer("search.example"),
                                pageView(800).rules(rules).referrer("news.example")))
                .hasSize(2);
    }

    @Test
    void countsPageViewsOfOneIdOnce() {
        Session session =
                sessions(
                                pageView(0).pageViewId("pv1").url("/a"),
                                pageView(10).pageViewId("pv1").url("/again"),
                                pageView(20).url("/b"),
                                pageView(30).url("/b"))
                        .get(0);

        assertThat(session.pageViews()).isEqualTo(3);
        assertThat(session.entryPageUrl()).isEqualTo("/a");
        assertThat(session.events()).hasSize(4);
    }

    @Test
    void callsAPageViewThatIsToldTwiceABounce() {
        Session session = sessions(pageView(0).pageViewId("p"), pageView(9).pageViewId("p")).get(0);

        assertThat(session.bounce()).isTrue();
        assertThat(session.exitPageUrl()).isEqualTo(session.entryPageUrl());
    }

    @Test
    void ordersEventsOfOneInstantBySequenceThenKey() {
        Session session =
                sessions(
                                pageView(10).key("evt_a").sequence(2).url("/last"),
                                pageView(10).key("evt_c").sequence(1).url("/middle"),
                                pageView(10).key("evt_d").sequence(1).url("/later"),
                                pageView(10).key("evt_e").url("/first"))
                        .get(0);

        assertThat(session.events())
                .extracting(SessionEvent::pageUrl)
                .containsExactly("/first", "/middle", "/later", "/last");
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
    void onlyALandingSplitsByItsCampaign() {
        assertThat(sessions(pageView(0).source("a"), click(1).source("b"))).hasSize(1);
        assertThat(
                        sessions(
                                pageView(0).source("a").rules(rules("UTC", false)),
                                pageView(1).source("b").rules(rules("UTC", false))))
                .hasSize(2);
        SessionRules together = new SessionRules(GAP, DAY, 10_000, false, null, false);
        assertThat(
                        sessions(
                                pageView(0).source("a").rules(together),
                                pageView(1).source("b").rules(together)))
                .hasSize(1);
    }

    @Test
    void aPageViewThatIsToldAgainIsNoLanding() {
        SessionRules rules = rules(null, true);
        SessionEvent view = pageView(0).pageViewId("v").source("news").rules(rules).make();
        SessionEvent campaign = pageView(500).pageViewId("v").source("ads").rules(rules).make();
        SessionEvent referred =
                pageView(900).pageViewId("v").referrer("other.example").rules(rules).make();
        SessionEvent next = pageView(950).pageViewId("w").source("ads").rules(rules).make();

        List<Session> sessions =
                Sessionizer.sessionize(List.of(view, campaign, referred, next)).sessions();

        assertThat(sessions).extracting(Session::pageViews).containsExactly(1, 1);
        assertThat(sessions.get(0).repeatedViews()).containsExactly(campaign, referred);
        assertThat(sessions.get(0).entry()).isEqualTo(view);
    }

    private static SessionRules rules(String midnightZone, boolean referrerSplit) {
        return new SessionRules(GAP, DAY, 10_000, true, midnightZone, referrerSplit);
    }

    /**
     * The start, 10:00 UTC, is on a Friday; midnight in Berlin is at 23:00 UTC, in summer 22:00.
     */
    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin, 2026-11-20T22:50:00Z, 2026-11-20T22:59:59.999Z, 1",
        "Europe/Berlin, 2026-11-20T22:50:00Z, 2026-11-20T23:00:00Z, 2",
        "Europe/Berlin, 2026-07-20T21:50:00Z, 2026-07-20T22:00:00Z, 2",
        "Europe/Berlin, 2026-10-24T21:50:00Z, 2026-10-24T22:00:00Z, 2",
        "Europe/Berlin, 2026-10-25T21:50:00Z, 2026-10-25T22:00:00Z, 1",
        "Europe/Berlin, 2026-10-25T22:50:00Z, 2026-10-25T23:00:00Z, 2",
        "Europe/Berlin, 2026-10-25T00:50:00Z, 2026-10-25T01:10:00Z, 1",
        "America/Sao_Paulo, 2018-11-04T02:50:00Z, 2018-11-04T03:00:00Z, 2",
        "Asia/Kolkata, 2026-11-20T18:20:00Z, 2026-11-20T18:30:00Z, 2",
        "UTC, 2026-11-20T23:50:00Z, 2026-11-21T00:00:00Z, 2"
    })
    void splitsAtTheTenantsMidnightWhenAsked(
            String zone, Instant first, Instant second, int expected) {
        long a = Duration.between(START, first).toMillis();
        long b = Duration.between(START, second).toMillis();

        assertThat(sessions(pageView(a), pageView(b))).hasSize(1);
        List<Session> split =
                sessions(
                        pageView(a).rules(rules(zone, false)),
                        ping(b).rules(rules(zone, false)),
                        pageView(b).rules(rules(zone, false)));
        assertThat(split).hasSize(expected);
        assertThat(split.get(0).events()).hasSize(expected == 1 ? 3 : 2);
        assertThat(split.get(expected - 1).predecessorBk())
                .isEqualTo(expected == 1 ? null : split.get(0).bk());
    }

    @Test
    void splitsByTheReferringSiteWhenAsked() {
        SessionRules asked = rules(null, true);

        assertThat(sessions(pageView(0), pageView(1).referrer("news.example"))).hasSize(1);
        assertThat(
                        sessions(
                                pageView(0).rules(asked),
                                pageView(1).rules(asked).referrer("news.example"),
                                pageView(2).rules(asked).referrer("news.example"),
                                pageView(3).rules(asked).referrer("acme.example").internal(),
                                pageView(4).rules(asked)))
                .extracting(session -> session.events().size())
                .containsExactly(1, 4);
    }

    @Test
    void endsByTheTenantsOwnCaps() {
        SessionRules own = new SessionRules(60_000, 120_000, 3, true, null, false);

        assertThat(
                        sessions(
                                click(0).rules(own),
                                click(1).rules(own),
                                click(2).rules(own),
                                click(3).rules(own),
                                click(60_003).rules(own),
                                click(120_004).rules(own)))
                .extracting(session -> session.events().size())
                .containsExactly(3, 2, 1);
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
    void countsTheRestOfAViewThatIsLeftAndNoMore() {
        assertThat(engagedSeconds(ping(3_000).leave(3_900))).isEqualTo(3);
        assertThat(engagedSeconds(ping(5_000), ping(12_000).leave(12_000))).isEqualTo(12);
        assertThat(engagedSeconds(ping(5_000), ping(12_000).leave(12_000), ping(60_000)))
                .as("seen again")
                .isEqualTo(15);
        assertThat(engagedSeconds(ping(5_000), ping(8_000).leave(8_000), ping(9_000).leave(9_000)))
                .isEqualTo(9);
        assertThat(engagedSeconds(ping(5_000), ping(6_000).leave(1_000))).isEqualTo(5);
        assertThat(engagedSeconds(ping(5_000), ping(6_000).leave(Long.MAX_VALUE)))
                .as("more than there was time for")
                .isEqualTo(6);
        assertThat(engagedSeconds(ping(5_000), ping(60_000).leave(Long.MAX_VALUE)))
                .as("more than the pings allow")
                .isEqualTo(15);
    }

    /** Seen for a minute, and, after the gap, from two seconds before the click on. */
    @Test
    void countsOfAViewThatGoesOnInALaterSessionWhatIsSureToBeOfThatSession() {
        long back = 60_000 + GAP + 1;
        List<Session> sessions =
                sessions(
                        pageView(0).pageViewId("p1"),
                        ping(60_000).pageViewId("p1").leave(60_000),
                        click(back + 2_000).pageViewId("p1"),
                        ping(back + 4_000).pageViewId("p1").leave(64_000));

        assertThat(sessions).extracting(Session::engagedSeconds).containsExactly(10L, 2L);
    }

    /** Back after a minute, the next ping is due nine seconds after the click. */
    @Test
    void countsOfAViewThatGoesOnAllThatItIsSeenFromTheSessionsBeginningOn() {
        long back = 60_000 + GAP + 1;
        List<Session> sessions =
                sessions(
                        pageView(0).pageViewId("p1"),
                        ping(55_000).pageViewId("p1"),
                        ping(56_000).pageViewId("p1").leave(56_000),
                        click(back).pageViewId("p1"),
                        ping(back + 9_000).pageViewId("p1"),
                        ping(back + 18_000).pageViewId("p1").leave(74_000));

        assertThat(sessions.get(1).engagedSeconds()).isEqualTo(18);
    }

    /** Another page began the session; of this one nothing tells before its ping. */
    @Test
    void countsOfAViewThatGoesOnFiveSecondsBeforeAPingThatComesFirst() {
        long back = 15_000 + GAP + 1;
        List<Session> sessions =
                sessions(
                        pageView(0).pageViewId("p1"),
                        ping(5_000).pageViewId("p1"),
                        ping(15_000).pageViewId("p1"),
                        pageView(back).pageViewId("p2"),
                        ping(back + 1_000).pageViewId("p1"),
                        ping(back + 5_000).pageViewId("p1").leave(29_000));

        assertThat(sessions.get(1).engagedSeconds()).isEqualTo(9);
    }

    /**
     * Pings are ten seconds of the view apart; what was longer was not seen, or its pings are lost.
     */
    @Test
    void countsOfAViewThatGoesOnTenSecondsAtMostBeforeItsFirstPing() {
        long back = 5_000 + GAP + 1;
        List<Session> sessions =
                sessions(
                        pageView(0).pageViewId("p1"),
                        ping(5_000).pageViewId("p1"),
                        click(back).pageViewId("p1"),
                        ping(back + 60_000).pageViewId("p1"),
                        ping(back + 64_000).pageViewId("p1").leave(19_000));

        assertThat(sessions.get(1).engagedSeconds()).isEqualTo(14);
    }

    /** What a page tells of seconds that there were none of, or takes back, counts as nothing. */
    @Test
    void countsOfAViewThatGoesOnNoMoreThanThereWasTimeFor() {
        long back = 5_000 + GAP + 1;
        List<Session> sessions =
                sessions(
                        pageView(0).pageViewId("p1"),
                        ping(5_000).pageViewId("p1"),
                        click(back).pageViewId("p1"),
                        ping(back + 1_000).pageViewId("p1").leave(100_000),
                        ping(back + 3_000).pageViewId("p1").leave(900_000),
                        ping(back + 4_000).pageViewId("p1").leave(1_000));

        assertThat(sessions.get(1).engagedSeconds()).isEqualTo(3);
    }

    /** As core.js tells of one; five seconds stand for any first part of ten. */
    @Test
    void countsOfAViewThatGoesOnByItsPingsAloneWhereNoLeaveTells() {
        long back = 5_000 + GAP + 1;
        List<Session> sessions =
                sessions(
                        pageView(0).pageViewId("p1"),
                        ping(5_000).pageViewId("p1"),
                        click(back).pageViewId("p1"),
                        ping(back + 9_000).pageViewId("p1"));

        assertThat(sessions.get(1).engagedSeconds()).isEqualTo(5);
    }

    /** Most of the time it was hidden, and then told less than there had been time for. */
    @Test
    void countsOfAViewThatGoesOnNoMoreThanItsLeaveTells() {
        long back = 5_000 + GAP + 1;
        List<Session> sessions =
                sessions(
                        pageView(0).pageViewId("p1"),
                        click(back).pageViewId("p1"),
                        ping(back + 50_000).pageViewId("p1").leave(3_000));

        assertThat(sessions.get(1).engagedSeconds()).isEqualTo(3);
        assertThat(engagedSeconds(ping(9_000).leave(9_000), ping(9_500).leave(1_000))).isEqualTo(9);
    }

    private long engagedSeconds(SessionEvents... pings) {
        List<SessionEvents> events = new ArrayList<>(List.of(pageView(0)));
        events.addAll(List.of(pings));
        return sessions(events.toArray(SessionEvents[]::new)).get(0).engagedSeconds();
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
    void countsEngagedTimeOfAPageViewThatIsToldAgainOnce() {
        Session told =
                sessions(
                                pageView(0).pageViewId("p1"),
                                ping(5_000),
                                ping(15_000),
                                pageView(16_000).pageViewId("p1"),
                                ping(25_000))
                        .get(0);
        Session named =
                sessions(pageView(0).pageViewId("p1"), ping(5_000), ping(6_000).pageViewId("p1"))
                        .get(0);

        assertThat(told.engagedSeconds()).isEqualTo(25);
        assertThat(named.engagedSeconds()).isEqualTo(5);
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
        assertThat(session.refunds()).isEmpty();
    }

    @Test
    void sumsEveryRefundOfATransactionApartFromRevenue() {
        Session session =
                sessions(
                                purchase(0, "t1", "10.50"),
                                refund(1, "t1", "4.00"),
                                refund(2, "t1", "4.00"),
                                purchase(3, "t1", "10.50"))
                        .get(0);

        assertThat(session.conversions()).isEqualTo(1);
        assertThat(session.revenue()).isEqualTo(Map.of("EUR", new BigDecimal("10.50")));
        assertThat(session.refunds()).isEqualTo(Map.of("EUR", new BigDecimal("8.00")));
    }
}
