package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.TestEvents.START;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import io.onevault.tracking.event.LedgerTotals;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.state.RunMark;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Which events of a micro-batch a run of the job takes for news, and what it makes of the ledger.
 */
@ExtendWith(PostgresExtension.class)
class RunMarksTest {

    private static final String SOURCE = "test";
    private static final Duration MEMORY = Duration.ofDays(7);
    private static final long DAY = START.getEpochSecond() / 86_400;
    private static final List<EnrichedEvent> EVENTS = List.of(made("a"), made("b"), made("c"));

    private final SetClock clock = new SetClock();
    private LoadedVault vault;

    /** A clock that stands until it is set. */
    private static final class SetClock extends Clock {
        private Instant now = START.plusSeconds(3_600);

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }

        void go(Duration on) {
            now = now.plus(on);
        }
    }

    /** A run of the job as its loader sees it. */
    private final class Run {
        private final RunMarks marks;
        private final EventLoader loader;

        Run(String id, List<RunMark> state) {
            marks = new RunMarks(id, SOURCE, MEMORY, state, clock);
            loader = new EventLoader(SOURCE, marks);
        }

        Run after() {
            return new Run("another", marks.marks());
        }

        Map<EnrichedEvent, Repeated> load(List<EnrichedEvent> events) throws SQLException {
            assertThat(loader.load(vault.connection(), events)).isEmpty();
            return loader.takeLoaded().repeated();
        }
    }

    @BeforeEach
    void open(TestPostgres postgres) throws SQLException {
        vault = new LoadedVault(postgres);
    }

    @AfterEach
    void close() throws SQLException {
        vault.close();
    }

    private static EnrichedEvent made(String id) {
        return event(id)
                .tenant("acme")
                .url("https://shop.example/")
                .offset(id.charAt(0))
                .enriched();
    }

    private Run run(String id) {
        return new Run(id, List.of());
    }

    @Test
    void whatIsWrittenAgainAfterAFailureIsNews() throws SQLException {
        Run run = run("first");
        assertThat(run.load(EVENTS)).isEmpty();

        assertThat(run.load(EVENTS)).isEmpty();
        assertThat(run.after().load(EVENTS)).isEmpty();
        assertThat(run("first").load(EVENTS)).as("before its first checkpoint").isEmpty();
    }

    @Test
    void afterALossOfStateWhatIsThereIsADuplicateAndGoesOn() throws SQLException {
        run("first").load(EVENTS.subList(0, 2));

        Run second = run("second");
        var repeated = second.load(EVENTS);

        assertThat(repeated).containsOnlyKeys(EVENTS.get(0), EVENTS.get(1));
        assertThat(repeated.values()).allMatch(Repeated::forgotten);
        assertThat(repeated.get(EVENTS.get(0)).event().admitted().session().repeated()).isTrue();
        assertThat(vault.count(EventTables.EVENT_HUB)).isEqualTo(3);
        assertThat(second.after().load(EVENTS)).as("not its own row").hasSize(2);
        assertThat(run("second").load(EVENTS)).as("before its first checkpoint").hasSize(2);
    }

    @Test
    void whatTheArchiveForgotIsADuplicateAndDoesNotGoOn() throws SQLException {
        Run run = run("first");
        run.load(EVENTS.subList(0, 1));
        clock.go(Duration.ofDays(1));
        run.load(EVENTS.subList(1, 2));
        clock.go(MEMORY);

        var repeated = run.after().load(EVENTS);

        // The last day's events are counted, too, but no mark was made after them.
        assertThat(repeated).containsOnlyKeys(EVENTS.get(0));
        assertThat(repeated.get(EVENTS.get(0)).forgotten()).isFalse();
    }

    @Test
    void marksStayFew() throws SQLException {
        Run run = run("first");
        run.load(EVENTS);
        for (int hour = 0; hour < 24 * 30; hour++) {
            clock.go(Duration.ofHours(1));
            run.load(List.of(made("e" + hour)));
        }

        List<RunMark> marks = run.marks.marks();
        List<RunMark> ofAll = new ArrayList<>();
        for (int subtask = 0; subtask < 10; subtask++) {
            ofAll.addAll(marks);
        }
        assertThat(marks).hasSizeLessThan(70).isSortedAccordingTo(RunMarksTest::byTransaction);
        assertThat(new Run("x", ofAll).marks.marks()).isEqualTo(marks);
        assertThat(run.load(List.of(made("e0")))).hasSize(1);
        assertThat(run.load(List.of(made("e700")))).isEmpty();
    }

    private static int byTransaction(RunMark a, RunMark b) {
        return Long.compare(a.transaction(), b.transaction());
    }

    @Test
    void nothingIsToldOfRowsThatWereRestoredFromADump() throws SQLException {
        Run run = run("first");
        run.load(EVENTS);
        List<RunMark> elsewhere = new ArrayList<>();
        for (RunMark mark : run.marks.marks()) {
            elsewhere.add(new RunMark(mark.server() + 1, mark.atMillis(), 1L << 40));
        }

        assertThat(new Run("first", elsewhere).load(EVENTS)).isEmpty();
    }

    @Test
    void afterALossOfStateAnotherDeliveryIsADuplicateAtTheTimeOfTheFirst() throws SQLException {
        run("first").load(List.of(untimed(START)));

        var repeated = run("second").load(List.of(untimed(START.plusSeconds(40)), EVENTS.get(0)));

        assertThat(repeated.values())
                .containsExactly(
                        new Repeated(untimed(START.plusSeconds(40)).at(START).repeated(), true));
        assertThat(vault.count(EventTables.EVENT_HUB)).isEqualTo(2);
    }

    @Test
    void soItIsWhenTheArchiveHasForgottenTheFirst() throws SQLException {
        Run run = run("first");
        run.load(List.of(untimed(START)));
        clock.go(Duration.ofDays(1));
        run.load(EVENTS);
        clock.go(MEMORY);

        var repeated = run.after().load(List.of(untimed(START.plusSeconds(40))));

        assertThat(repeated.values())
                .containsExactly(
                        new Repeated(untimed(START.plusSeconds(40)).at(START).repeated(), false));
        assertThat(vault.count(EventTables.RAW)).isEqualTo(4);
    }

    /** It occurred when it was delivered. */
    private static EnrichedEvent untimed(Instant at) {
        return event("x").tenant("acme").untimed().occurredAt(at).enriched();
    }

    private void count(String run, LedgerEntry... totals) throws SQLException {
        vault.write(
                new LedgerLoader(SOURCE), List.of(new LedgerTotals(List.of(totals), run, START)));
    }

    private static LedgerEntry total(Outcome outcome, long count) {
        return new LedgerEntry(DAY, TestEvents.tenantHk("acme"), outcome, "", count);
    }

    private List<String> ledger() throws SQLException {
        return vault.database()
                .texts(
                        "SELECT concat_ws(' ', received, loaded, duplicates, rejected, late, balanced)"
                                + " FROM raw.site_tracking_ledger_v ORDER BY ledger_date");
    }

    @Test
    void theLedgerOfALostRunIsSettledWithItsRowsOnce() throws SQLException {
        run("first").load(EVENTS);
        count(
                "first",
                total(Outcome.RECEIVED, 9),
                total(Outcome.ACCEPTED, 1),
                total(Outcome.REJECTED, 1),
                total(Outcome.DUPLICATE, 2));

        Run second = run("second");
        second.load(EVENTS);
        assertThat(ledger()).containsExactly("6 3 2 1 0 t");

        count("second", total(Outcome.RECEIVED, 3), total(Outcome.DUPLICATE, 3));
        run("second").load(EVENTS);
        assertThat(ledger()).containsExactly("9 3 5 1 0 t");
    }

    /** It counts what it receives before its loaders have begun. */
    @Test
    void theLedgerOfTheRunThatBeginsIsNotSettled() throws SQLException {
        run("first").load(EVENTS);
        count("first", total(Outcome.RECEIVED, 9), total(Outcome.ACCEPTED, 1));
        count("second", total(Outcome.RECEIVED, 2));

        run("second").load(EVENTS);
        assertThat(ledger()).containsExactly("5 3 0 0 0 f");

        count("second", total(Outcome.RECEIVED, 3), total(Outcome.DUPLICATE, 3));
        assertThat(ledger()).containsExactly("6 3 3 0 0 t");
    }

    @Test
    void aLedgerThatWasNeverWrittenIsSettled() throws SQLException {
        run("first").load(EVENTS);

        run("second").load(EVENTS);

        assertThat(ledger()).containsExactly("3 3 0 0 0 t");
    }
}
