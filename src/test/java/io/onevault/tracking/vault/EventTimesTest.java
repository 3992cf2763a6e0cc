package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.TestEvents.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Deliveries of events that tell other times. */
@ExtendWith(PostgresExtension.class)
class EventTimesTest {

    private LoadedVault vault;

    @BeforeEach
    void open(TestPostgres postgres) throws SQLException {
        vault = new LoadedVault(postgres);
    }

    @AfterEach
    void close() throws SQLException {
        vault.close();
    }

    private static EnrichedEvent untimed(String id, Instant at) {
        return TestEvents.event(id).untimed().occurredAt(at).enriched();
    }

    private static EnrichedEvent timed(String id, Instant at) {
        return TestEvents.event(id).occurredAt(at).enriched();
    }

    /** As by a loader that knows nothing of what came before. */
    private List<EnrichedEvent> kept(EnrichedEvent... batch) throws SQLException {
        return new EventTimes().keep(vault.connection(), List.of(batch));
    }

    private void load(EnrichedEvent... batch) throws SQLException {
        vault.write(new EventLoader("test"), kept(batch));
    }

    private long kept() throws SQLException {
        return vault.database().number("SELECT count(*) FROM raw.site_tracking_event_time_r");
    }

    @Test
    void anEventOccursWhenItsFirstDeliverySaid() throws SQLException {
        EnrichedEvent delivered = untimed("x", START);
        EnrichedEvent again = untimed("x", START.plusSeconds(40));
        EnrichedEvent other = untimed("y", START.plusSeconds(40));

        assertThat(kept(delivered)).containsExactly(delivered);

        assertThat(kept(other, again)).containsExactly(other, again.at(START));
        assertThat(kept(delivered, other)).containsExactly(delivered, other);
    }

    @Test
    void itDoesSoWhereOnlyAnotherDeliveryWasCorrected() throws SQLException {
        EnrichedEvent right = timed("x", START);
        EnrichedEvent corrected = right.at(START.plusSeconds(3_600));

        assertThat(kept(corrected)).containsExactly(corrected);
        assertThat(kept(right)).containsExactly(corrected);
    }

    @Test
    void aCorrectionChangesNoEventThatIsThere() throws SQLException {
        EnrichedEvent right = timed("x", START);
        load(right);

        assertThat(kept(right.at(START.plusSeconds(3_600)))).containsExactly(right);
        assertThat(kept()).isZero();
    }

    @Test
    void nothingIsKeptOfEventsAtTheirOwnTime() throws SQLException {
        EnrichedEvent event = timed("x", START);

        assertThat(kept(event)).containsExactly(event);
        assertThat(kept()).isZero();
    }

    @Test
    void anEventHasOneRowInWhateverOrderItsDeliveriesAreLoaded() throws SQLException {
        EnrichedEvent right = timed("x", START);
        for (int days : new int[] {400, 0, -3}) {
            load(right.at(START.plusSeconds(days * 86_400L)), timed("y" + days, START));
        }

        assertThat(vault.count(EventTables.EVENT_HUB)).isEqualTo(4);
        assertThat(vault.count(EventTables.RAW)).isEqualTo(4);
    }
}
