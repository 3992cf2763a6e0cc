package io.onevault.tracking.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whose events are sent next, by the outbox of a real database. */
@ExtendWith(PostgresExtension.class)
class RotaTest {

    private final TestDatabase database;
    private final Outbox outbox;

    RotaTest(TestPostgres postgres) throws Exception {
        database = postgres.vault();
        RelaySettings settings =
                new RelaySettings(
                        new DatabaseAccess(database.url(), "postgres", ""),
                        KafkaAccess.plain("nowhere:1"),
                        "tracked",
                        1,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        false);
        outbox = Outbox.connect(settings);
    }

    @AfterEach
    void close() throws SQLException {
        outbox.close();
    }

    @Test
    void oneEventIsInTheNextBatchWhateverOthersHaveWaiting() throws Exception {
        Rota rota = new Rota(1_000);
        wait("flood", 20_000);
        assertThat(counts(rota.next(outbox))).isEqualTo(Map.of("flood", 1_000));
        wait("quiet", 1);
        wait("small", 3);

        Batch batch = rota.next(outbox);

        assertThat(counts(batch)).isEqualTo(Map.of("flood", 996, "quiet", 1, "small", 3));
        assertThat(batch.isCut()).isTrue();
    }

    @Test
    void whatSomeLeaveOthersShare() throws Exception {
        wait("a", 5_000);
        wait("b", 5_000);
        wait("c", 10);

        assertThat(counts(new Rota(1_000).next(outbox)))
                .isEqualTo(Map.of("a", 495, "b", 495, "c", 10));
    }

    @Test
    void tenantsBeyondABatchTakeTurns() throws Exception {
        Rota rota = new Rota(3);
        for (String tenant : List.of("a", "b", "c", "d", "e", "f", "g")) {
            wait(tenant, 10);
        }

        Set<String> served = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            Batch batch = rota.next(outbox);
            assertThat(batch.isCut()).isTrue();
            served.addAll(counts(batch).keySet());
        }

        assertThat(served).hasSize(7);
    }

    @Test
    void everyEventIsInOneBatchAndThoseOfATenantStayInOrder() throws Exception {
        Rota rota = new Rota(50);
        int waiting = 0;
        for (int tenant = 0; tenant < 60; tenant++) {
            wait("t" + tenant, tenant * 7 % 40);
            waiting += tenant * 7 % 40;
        }

        List<OutboxEvent> sent = new ArrayList<>();
        for (Batch batch = rota.next(outbox);
                !batch.events().isEmpty();
                batch = rota.next(outbox)) {
            assertThat(batch.events()).hasSizeLessThanOrEqualTo(50);
            sent.addAll(batch.events());
            outbox.delete(batch.events());
            outbox.commit();
        }

        assertThat(sent).hasSize(waiting);
        Map<String, Long> last = new HashMap<>();
        for (OutboxEvent event : sent) {
            Long before = last.put(key(event), event.id());
            assertThat(before == null || before < event.id()).isTrue();
        }
        assertThat(database.number("SELECT count(*) FROM raw.site_tracking_outbox_r")).isZero();
    }

    private void wait(String tenant, int events) throws SQLException {
        database.execute(
                """
                INSERT INTO raw.site_tracking_outbox_r (tenant_hk, record_key, payload, created_at)
                SELECT sha256('%1$s'), '%1$s|s', '{}', now() FROM generate_series(1, %2$d)"""
                        .formatted(tenant, events));
    }

    private static Map<String, Integer> counts(Batch batch) {
        Map<String, Integer> counts = new HashMap<>();
        for (OutboxEvent event : batch.events()) {
            counts.merge(key(event).replace("|s", ""), 1, Integer::sum);
        }
        return counts;
    }

    private static String key(OutboxEvent event) {
        return new String(event.key(), StandardCharsets.UTF_8);
    }
}
