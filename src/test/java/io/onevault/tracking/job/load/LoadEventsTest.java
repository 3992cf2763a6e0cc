package io.onevault.tracking.job.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import io.onevault.tracking.event.Page;
import io.onevault.tracking.job.step.CountingMetrics;
import io.onevault.tracking.job.step.Metrics;
import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.EventLoader;
import io.onevault.tracking.vault.Heartbeat;
import io.onevault.tracking.vault.Layers;
import io.onevault.tracking.vault.TestEvents;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Loads into a database in which the test holds a lock that writing waits for. */
@ExtendWith(PostgresExtension.class)
class LoadEventsTest {

    private static final String SOURCE = "test";
    private static final String LOADED = "SELECT count(*) FROM raw.site_tracking_events_r";

    private static final EnrichedEvent A = TestEvents.event("a").offset(1).enriched();
    private static final EnrichedEvent B = TestEvents.event("b").offset(2).enriched();

    private TestDatabase database;
    private Connection locking;
    private OneInputStreamOperatorTestHarness<List<EnrichedEvent>, EnrichedEvent> harness;
    private CountingMetrics metrics;

    @BeforeEach
    void open(TestPostgres postgres) throws Exception {
        database = postgres.vault();
        locking = database.connect();
        harness = harness(database.url());
        lock();
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
        locking.close();
    }

    private OneInputStreamOperatorTestHarness<List<EnrichedEvent>, EnrichedEvent> harness(
            String url) throws Exception {
        return restored(url, null);
    }

    private OneInputStreamOperatorTestHarness<List<EnrichedEvent>, EnrichedEvent> restored(
            String url, @Nullable OperatorSubtaskState state) throws Exception {
        VaultAccess access =
                new VaultAccess(
                        new DatabaseAccess(url, "", ""),
                        0,
                        new Heartbeat(Layers.PRODUCTION, "load-events", "test", 7, SOURCE));
        metrics = new CountingMetrics();
        var harness =
                new OneInputStreamOperatorTestHarness<>(
                        new LoadEvents(
                                SOURCE, Layers.PRODUCTION, Duration.ofDays(7), false, access),
                        metrics.environment());
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
        return harness;
    }

    private void lock() throws SQLException {
        locking.setAutoCommit(false);
        try (Statement statement = locking.createStatement()) {
            statement.execute("LOCK TABLE raw.site_tracking_events_r IN EXCLUSIVE MODE");
        }
    }

    private void load(EnrichedEvent... batch) throws Exception {
        harness.processElement(new StreamRecord<>(List.of(batch)));
    }

    @Test
    void anEventPassesWhenItIsWritten() throws Exception {
        load(A);
        harness.processWatermark(7);
        database.awaitWaiting(1);
        assertThat(harness.getOutput()).isEmpty();

        locking.rollback();
        harness.getTaskMailbox().take(TaskMailbox.MIN_PRIORITY).run();

        assertThat(database.number(LOADED)).isEqualTo(1);
        assertThat(harness.extractOutputValues()).containsExactly(A);
        assertThat(harness.getOutput()).last().isEqualTo(new Watermark(7));
    }

    @Test
    void batchesPassInTheirOrder() throws Exception {
        load(A);
        locking.rollback();

        load(B);
        harness.prepareSnapshotPreBarrier(1);

        assertThat(harness.extractOutputValues()).containsExactly(A, B);
    }

    @Test
    void nothingIsLeftBehindACheckpointBarrier() throws Exception {
        load(A);
        harness.processWatermark(7);
        locking.rollback();

        harness.prepareSnapshotPreBarrier(1);

        assertThat(database.number(LOADED)).isEqualTo(1);
        assertThat(harness.extractOutputValues()).containsExactly(A);
        assertThat(harness.getOutput()).last().isEqualTo(new Watermark(7));
    }

    @Test
    void aWatermarkPassesWhenNothingIsWritten() throws Exception {
        harness.processWatermark(7);

        assertThat(harness.getOutput()).containsExactly(new Watermark(7));
    }

    @Test
    void aFailureFailsTheTask() throws Exception {
        harness.close();
        harness = harness("jdbc:postgresql://127.0.0.1:1/none");

        load(A);

        assertThatThrownBy(() -> harness.prepareSnapshotPreBarrier(1))
                .isInstanceOf(IOException.class);
        assertThat(harness.getOutput()).isEmpty();
    }

    @Test
    void whatAnotherRunLoadedIsADuplicateThatGoesOn() throws Exception {
        locking.rollback();
        locking.setAutoCommit(true);
        new EventLoader(SOURCE).load(locking, List.of(A));

        load(A, B);
        harness.prepareSnapshotPreBarrier(1);

        assertThat(harness.extractOutputValues()).containsExactly(A.repeated(), B);
        assertThat(outcomes()).containsExactly(Outcome.DUPLICATE, Outcome.ACCEPTED);
        assertThat(database.number(LOADED)).isEqualTo(2);
    }

    @Test
    void whatItLoadedItselfIsNewsAfterAFailure() throws Exception {
        locking.rollback();
        locking.setAutoCommit(true);
        new EventLoader(SOURCE).load(locking, List.of(B));
        load(B);
        harness.prepareSnapshotPreBarrier(1);
        OperatorSubtaskState state = harness.snapshot(1, 1);
        load(A);
        harness.prepareSnapshotPreBarrier(2);
        harness.close();

        harness = restored(database.url(), state);
        load(A);
        harness.prepareSnapshotPreBarrier(3);

        assertThat(harness.extractOutputValues()).containsExactly(A);
        assertThat(outcomes()).containsExactly(Outcome.ACCEPTED);
    }

    /** What comes of the event later is what the vault has, and the same after a restart. */
    @Test
    void valuesBeyondTheCapPassAsOther() throws Exception {
        locking.rollback();
        database.execute(
                """
                INSERT INTO auth.tenant_site_tracking_s
                       (tenant_hk, load_date, max_new_pages, hash_diff, record_source)
                VALUES (util.hash_binary('acme'), now(), 1, util.hash_binary('-'), 'test')""");
        EnrichedEvent c = TestEvents.event("c").offset(3).url("/beyond").enriched();
        load(A, c, B);
        harness.prepareSnapshotPreBarrier(1);
        assertThat(metrics.count(Metrics.KIND, "page", Metrics.CAPPED)).isEqualTo(1);
        assertThat(harness.extractOutputValues())
                .extracting(event -> event.page())
                .containsExactly(A.page(), Page.OTHER, B.page());
        harness.close();

        harness = harness(database.url());
        load(c);
        harness.prepareSnapshotPreBarrier(2);

        assertThat(harness.extractOutputValues())
                .extracting(event -> event.page())
                .containsExactly(Page.OTHER);
        assertThat(outcomes()).containsExactly(Outcome.DUPLICATE);
        assertThat(database.number("SELECT count(*) FROM business.event_page_l")).isEqualTo(3);
        assertThat(database.texts("SELECT page_bk FROM business.site_page_h"))
                .containsExactlyInAnyOrder("https://shop.example/start", "(other)");
    }

    /** The ledger has it once, and sessions never. */
    @Test
    void whatIsSentAgainAfterItsErasureIsADuplicate() throws Exception {
        locking.rollback();
        database.execute(
                """
                INSERT INTO raw.site_tracking_tombstone_r (tenant_hk, visitor_hk, erasure_id, erased_before)
                SELECT tenant_hk, business.site_hash_key(tenant_hk, 'vis_1'), 'erasure', '%s'
                  FROM (SELECT util.hash_binary('acme') AS tenant_hk) AS acme"""
                        .formatted(TestEvents.START.plusSeconds(60)));

        load(A);
        load(
                TestEvents.event("a")
                        .offset(3)
                        .appendedAt(TestEvents.START.plusSeconds(90))
                        .enriched());
        harness.prepareSnapshotPreBarrier(1);

        assertThat(harness.extractOutputValues()).isEmpty();
        assertThat(outcomes()).containsExactly(Outcome.ACCEPTED, Outcome.DUPLICATE);
        assertThat(database.number(LOADED)).isZero();
    }

    private List<Outcome> outcomes() {
        List<Outcome> outcomes = new ArrayList<>();
        harness.getSideOutput(SideOutputs.LEDGER)
                .forEach(entry -> outcomes.add(entry.getValue().outcome()));
        return outcomes;
    }

    @Test
    void closingEndsWhatIsBeingWritten() throws Exception {
        load(A);
        database.awaitWaiting(1);

        harness.getOperator().close();
        locking.rollback();

        database.awaitWaiting(0);
        assertThat(database.number(LOADED)).isZero();
    }
}
