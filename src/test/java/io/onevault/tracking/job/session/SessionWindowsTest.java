package io.onevault.tracking.job.session;

import static io.onevault.tracking.session.SessionEvents.START;
import static io.onevault.tracking.session.SessionEvents.click;
import static io.onevault.tracking.session.SessionEvents.pageView;
import static io.onevault.tracking.session.SessionEvents.ping;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.session.LinkedEvent;
import io.onevault.tracking.session.SessionEvents;
import io.onevault.tracking.session.SessionKeys;
import io.onevault.tracking.session.SessionStatus;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.Settlement;
import io.onevault.tracking.state.SessionEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionWindowsTest {

    private static final long GAP = 1_800_000;
    private static final Duration LATENESS = Duration.ofHours(3);
    private static final Duration EARLY_FIRING = Duration.ofSeconds(2);
    private static final String FIRST_BK = bk(0);

    private WindowHarness windows;

    @BeforeEach
    void open() throws Exception {
        windows = new WindowHarness(WindowHarness.draw(LATENESS, EARLY_FIRING));
    }

    @AfterEach
    void close() throws Exception {
        windows.close();
    }

    private void receive(SessionEvents event) throws Exception {
        windows.receive(event.make());
    }

    /** The watermark, in milliseconds after the start. */
    private void watermark(long millis) throws Exception {
        windows.watermark(START.toEpochMilli() + millis);
    }

    /** Publishes what is pending, then moves the watermark. */
    private void settle(long millis) throws Exception {
        watermark(millis);
        windows.pass(EARLY_FIRING);
    }

    private static String bk(long millis) {
        return "sess_s1." + (START.toEpochMilli() + millis);
    }

    private static String describe(SessionUpdate update) {
        return update.version().status()
                + " "
                + update.version().counts().events()
                + " "
                + update.sessionBk();
    }

    private List<String> updates() {
        return windows.updates().stream().map(SessionWindowsTest::describe).toList();
    }

    @Test
    void showsAChangedSessionAfterTheEarlyFiringInterval() throws Exception {
        receive(pageView(0));
        windows.pass(EARLY_FIRING.minusMillis(1));
        receive(click(1));
        assertThat(updates()).isEmpty();

        windows.pass(Duration.ofMillis(1));

        assertThat(updates()).containsExactly("OPEN 2 " + FIRST_BK);
    }

    @Test
    void waitsForFurtherChangesWhileTheJobIsBehind() throws Exception {
        Instant appended = pageView(0).make().loadDate();
        windows.pass(Duration.between(Instant.EPOCH, appended.plusSeconds(20)));
        receive(pageView(0));
        windows.pass(Duration.ofMillis(4_900));
        receive(click(1));
        assertThat(updates()).isEmpty();
        windows.pass(Duration.ofMillis(100));
        assertThat(updates()).containsExactly("OPEN 2 " + FIRST_BK);

        windows.pass(Duration.ofHours(1));
        receive(click(2));
        windows.pass(Duration.ofMillis(29_999));
        assertThat(updates()).isEmpty();
        windows.pass(Duration.ofMillis(1));
        assertThat(updates()).containsExactly("OPEN 3 " + FIRST_BK);
    }

    @Test
    void showsASessionAgainOnlyWhenItChanged() throws Exception {
        receive(pageView(0));
        windows.pass(EARLY_FIRING);
        assertThat(updates()).hasSize(1);

        windows.pass(Duration.ofMinutes(10));
        assertThat(updates()).isEmpty();
        receive(click(1));
        windows.pass(EARLY_FIRING);

        List<SessionUpdate> second = windows.updates();
        assertThat(second)
                .extracting(SessionWindowsTest::describe)
                .containsExactly("OPEN 2 " + FIRST_BK);
        assertThat(second.get(0).first()).isFalse();
        assertThat(second.get(0).links())
                .extracting(LinkedEvent::eventBk)
                .containsExactly(click(1).make().eventBk());
    }

    @Test
    void aBusySessionIsShownAtMostOnceAnInterval() throws Exception {
        for (int second = 0; second < 60; second++) {
            receive(click(second * 1_000));
            windows.pass(Duration.ofSeconds(1));
        }

        assertThat(updates()).hasSizeBetween(28, 31);
    }

    @Test
    void closesWhenTheWatermarkPassesTheGap() throws Exception {
        receive(pageView(0));
        windows.pass(EARLY_FIRING);
        watermark(GAP - 2);
        assertThat(updates()).containsExactly("OPEN 1 " + FIRST_BK);

        watermark(GAP - 1);

        assertThat(updates()).containsExactly("CLOSED 1 " + FIRST_BK);
    }

    @Test
    void showsASessionThatChangedAndClosesOnce() throws Exception {
        receive(pageView(0));
        watermark(GAP);
        assertThat(updates()).containsExactly("CLOSED 1 " + FIRST_BK);

        windows.pass(EARLY_FIRING);

        assertThat(updates()).isEmpty();
    }

    @Test
    void aSessionThatGoesOnIsNotShownForTheTimeAtWhichItWouldHaveClosed() throws Exception {
        receive(pageView(0));
        receive(click(GAP / 2));
        watermark(GAP);
        assertThat(updates()).isEmpty();

        watermark(2 * GAP);

        assertThat(updates()).containsExactly("CLOSED 2 " + FIRST_BK);
    }

    @Test
    void closesWithoutAnEarlyFiringWhenTheInputEnds() throws Exception {
        receive(pageView(0));

        windows.watermark(Long.MAX_VALUE);

        assertThat(updates()).containsExactly("CLOSED 1 " + FIRST_BK);
        assertThat(windows.stateEntries()).isZero();
    }

    @Test
    void doesNotShowAClosedSessionAgain() throws Exception {
        receive(pageView(0));
        settle(GAP);
        assertThat(updates()).hasSize(1);

        windows.pass(Duration.ofMinutes(1));
        watermark(GAP + LATENESS.toMillis());

        assertThat(updates()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1799999, 1", "1800000, 1", "1800001, 2"})
    void joinsAfterASilenceOfAtMostTheGap(long silence, int sessions) throws Exception {
        receive(pageView(0));
        receive(pageView(silence));
        settle(10 * GAP);

        assertThat(updates())
                .containsExactlyElementsOf(
                        sessions == 1
                                ? List.of("CLOSED 2 " + FIRST_BK)
                                : List.of("CLOSED 1 " + FIRST_BK, "CLOSED 1 " + bk(silence)));
    }

    @Test
    void aLateEventExtendsItsSession() throws Exception {
        receive(pageView(0));
        settle(2 * GAP);
        windows.updates();

        receive(click(GAP / 2));
        windows.pass(EARLY_FIRING);

        assertThat(updates()).containsExactly("CLOSED 2 " + FIRST_BK);
    }

    @Test
    void aLateEventBeforeTheStartSupersedesTheSession() throws Exception {
        receive(pageView(1_000));
        settle(2 * GAP);
        windows.updates();

        receive(click(0));
        windows.pass(EARLY_FIRING);

        assertThat(updates()).containsExactly("CLOSED 2 " + FIRST_BK, "SUPERSEDED 0 " + bk(1_000));
    }

    @Test
    void aLateEventMergesSessionsAndSupersedesTheLaterOne() throws Exception {
        long later = GAP + 60_000;
        receive(pageView(0));
        receive(pageView(later));
        settle(3 * GAP);
        assertThat(updates()).containsExactly("CLOSED 1 " + FIRST_BK, "CLOSED 1 " + bk(later));

        watermark(LATENESS.toMillis());
        receive(click(GAP / 2));
        windows.pass(EARLY_FIRING);

        List<SessionUpdate> merged = windows.updates();
        assertThat(merged)
                .extracting(SessionWindowsTest::describe)
                .containsExactly("CLOSED 3 " + FIRST_BK, "SUPERSEDED 0 " + bk(later));
        assertThat(merged.get(1).version().successorBks()).containsExactly(FIRST_BK);
        assertThat(merged.get(0).links()).hasSize(2);
    }

    @Test
    void setsAsideWhatIsLaterThanTheLateness() throws Exception {
        watermark(GAP + LATENESS.toMillis() - 2);
        receive(pageView(0));
        SessionEvent late = click(-1).make();
        windows.receive(late);
        windows.pass(EARLY_FIRING);

        assertThat(windows.late()).containsExactly(late);
        assertThat(updates()).containsExactly("CLOSED 1 " + FIRST_BK);
    }

    @Test
    void setsAsideWhatIsLaterThanItsTenantAllows() throws Exception {
        receive(pageView(0));
        settle(GAP + 60_000);
        SessionEvent late = click(0).lateness(60_000).make();
        windows.receive(late);
        receive(click(1).lateness(60_001));
        receive(click(2));
        windows.pass(EARLY_FIRING);

        assertThat(windows.late()).containsExactly(late);
        assertThat(updates()).endsWith("CLOSED 3 " + FIRST_BK);
    }

    /** That one event may be less late does not close its session to the others of the tenant. */
    @Test
    void keepsASessionForThoseThatMayBeLater() throws Exception {
        receive(pageView(0).lateness(60_000));
        receive(click(1).lateness(60_000));
        receive(pageView(3 * GAP));
        settle(2 * GAP);

        receive(click(2));
        windows.pass(EARLY_FIRING);

        assertThat(windows.late()).isEmpty();
        assertThat(updates()).contains("CLOSED 3 " + FIRST_BK);
    }

    @Test
    void anEventThatIsTooLateByItselfJoinsNoSession() throws Exception {
        for (long time = 0; time <= 10 * GAP; time += GAP) {
            receive(click(time));
        }
        settle(GAP + LATENESS.toMillis());
        windows.updates();

        receive(click(1));
        windows.pass(EARLY_FIRING);

        assertThat(windows.late()).hasSize(1);
        assertThat(updates()).isEmpty();
    }

    @Test
    void keepsTenantsAndClientSessionsApart() throws Exception {
        receive(pageView(0));
        receive(pageView(0).tenant("other"));
        receive(pageView(0).session("s2"));
        settle(2 * GAP);

        assertThat(windows.updates())
                .hasSize(3)
                .allSatisfy(update -> assertThat(update.version().counts().events()).isEqualTo(1));
    }

    @Test
    void endsWithTheSameSessionsAfterARestartInTheMiddle() throws Exception {
        Map<String, String> straight = run(false);

        windows.close();
        open();
        Map<String, String> restarted = run(true);

        assertThat(restarted).isEqualTo(straight).hasSize(3);
    }

    private Map<String, String> run(boolean restart) throws Exception {
        List<SessionUpdate> updates = new ArrayList<>();
        receive(pageView(0));
        receive(pageView(2 * GAP));
        windows.pass(EARLY_FIRING);
        receive(click(GAP / 2));
        receive(click(5 * GAP));
        watermark(4 * GAP);
        updates.addAll(windows.updates());
        if (restart) {
            windows.restart();
        }
        receive(click(GAP));
        windows.pass(EARLY_FIRING);
        watermark(20 * GAP);
        updates.addAll(windows.updates());

        Map<String, String> last = new TreeMap<>();
        for (SessionUpdate update : updates) {
            last.put(update.sessionBk(), describe(update));
        }
        return last;
    }

    @Test
    void anEarlyFiringThatWasDueSurvivesARestart() throws Exception {
        receive(pageView(0));
        windows.restart();

        windows.pass(EARLY_FIRING);

        assertThat(updates()).containsExactly("OPEN 1 " + FIRST_BK);
    }

    @Test
    void nothingIsLeftOfAVisitorWhoIsErased() throws Exception {
        receive(pageView(0));
        receive(click(GAP / 2));
        windows.pass(EARLY_FIRING);
        receive(pageView(3 * GAP));
        settle(2 * GAP);
        windows.restart();

        for (long at : new long[] {0, GAP / 2, 3 * GAP}) {
            receive((at == GAP / 2 ? click(at) : pageView(at)).forgotten());
        }

        assertThat(windows.stateEntries()).isZero();
        assertThat(windows.timers()).isZero();
    }

    @Test
    void whatOthersDidInTheSessionOfAnErasedVisitorIsToldAgain() throws Exception {
        receive(pageView(0));
        receive(click(1));
        receive(pageView(2));
        windows.pass(EARLY_FIRING);
        assertThat(updates()).containsExactly("OPEN 3 " + FIRST_BK);

        receive(pageView(0).forgotten());
        windows.pass(EARLY_FIRING);

        assertThat(updates()).containsExactly("OPEN 2 " + bk(1));
        settle(GAP + 2);
        assertThat(updates()).containsExactly("CLOSED 2 " + bk(1));
    }

    /** By which loaders know that it is dissolved, for good. */
    @Test
    void aSessionThatAnotherThanTheErasedVisitorBeganKeepsItsKey() throws Exception {
        receive(pageView(0));
        receive(click(1));
        windows.pass(EARLY_FIRING);
        assertThat(updates()).containsExactly("OPEN 2 " + FIRST_BK);

        receive(click(1).forgotten());
        receive(pageView(2));
        windows.pass(EARLY_FIRING);

        assertThat(updates()).containsExactly("OPEN 2 " + FIRST_BK);
    }

    @Test
    void keepsNothingOfASessionAfterItsLateness() throws Exception {
        receive(pageView(0));
        receive(pageView(2 * GAP));
        windows.pass(EARLY_FIRING);
        receive(click(GAP));
        receive(click(GAP / 2).source("other"));
        windows.pass(EARLY_FIRING);
        watermark(4 * GAP);
        assertThat(windows.stateEntries()).isPositive();
        assertThat(windows.updates())
                .extracting(update -> update.version().status())
                .contains(SessionStatus.SUPERSEDED);

        watermark(4 * GAP + LATENESS.toMillis());

        assertThat(windows.stateEntries()).isZero();
        assertThat(windows.timers()).isZero();
        assertThat(windows.updates()).isEmpty();
    }

    @Test
    void keepsNothingOfClosedPartsOfASessionThatNeverEnds() throws Exception {
        List<String> published = new ArrayList<>();
        for (int event = 0; event < 10 * 24 * 3; event++) {
            receive(click(event * 1_200_000L));
            settle(event * 1_200_000L);
            published.addAll(updates());
        }

        assertThat(windows.kept()).isLessThan(2 * 24 * 3);
        assertThat(published.stream().filter(update -> update.startsWith("CLOSED"))).hasSize(9);
        assertThat(windows.late()).isEmpty();
    }

    @Test
    void boundsWhatIsKeptOfARobot() throws Exception {
        int sent = 1_000_000;
        Map<String, String> last = new TreeMap<>();
        for (int event = 0; event < sent; event++) {
            receive(click(event).key("evt_" + event));
            if (event % 1_000 == 999) {
                windows.pass(EARLY_FIRING);
                windows.updates().forEach(update -> last.put(update.sessionBk(), describe(update)));
            }
        }

        assertThat(windows.kept()).isLessThanOrEqualTo(Settlement.MOST_KEPT);
        assertThat(windows.late()).isEmpty();
        assertThat(last).hasSize(100);
        assertThat(last.values()).allMatch(update -> update.contains(" 10000 "));
        receive(click(0).key("evt_later"));
        windows.pass(EARLY_FIRING);
        assertThat(windows.late()).hasSize(1);
    }

    @Test
    void boundsWhatIsKeptOfPingsWithoutASession() throws Exception {
        for (int event = 0; event < 50_000; event++) {
            receive(ping(event).key("evt_" + event));
        }
        windows.pass(EARLY_FIRING);
        List<SessionUpdate> reserved = windows.updates();

        assertThat(reserved).hasSize(50_000);
        assertThat(reserved).allMatch(update -> update.sessionBk().equals(SessionKeys.NO_SESSION));
        assertThat(windows.kept()).isZero();

        receive(ping(50_000));
        windows.pass(EARLY_FIRING);
        assertThat(windows.updates()).hasSize(1);
        settleAll();
        assertThat(windows.stateEntries()).isZero();
    }

    private void settleAll() throws Exception {
        watermark(Duration.ofDays(2).toMillis());
    }

    @Test
    void linksAPingWithoutASessionWhenItsTimeIsOver() throws Exception {
        receive(ping(0));
        watermark(GAP);

        assertThat(windows.updates())
                .extracting(SessionUpdate::sessionBk)
                .containsExactly(SessionKeys.NO_SESSION);
    }

    @Test
    void linksAPingWithoutASessionOnce() throws Exception {
        receive(ping(0));
        windows.pass(EARLY_FIRING);
        assertThat(windows.updates()).hasSize(1);

        receive(pageView(1_000));
        windows.pass(EARLY_FIRING);

        assertThat(updates()).containsExactly("OPEN 1 " + bk(1_000));
    }
}
