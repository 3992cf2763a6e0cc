package io.onevault.tracking.local;

import static io.onevault.tracking.vault.TestEvents.START;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.migrate.VaultChecks;
import io.onevault.tracking.vault.Layers;
import io.onevault.tracking.vault.TestEvents;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Orders that are told on both sides of the beginning of what is reprocessed. */
@ExtendWith(PostgresExtension.class)
class ReprocessedOrdersTest {

    private static final Duration OLD = Duration.ofMinutes(30);
    private static final Duration NEW = Duration.ofMinutes(20);
    private static final Instant LATER = START.plusSeconds(100_000);

    private static final String CONVERSIONS =
            "SELECT sum(conversions) FROM business%s.site_session_details_current_v";

    private static final String CURRENT =
            """
            SELECT concat_ws(' ', session_bk, total_events)
              FROM business.site_session_details_current_v
              JOIN business.site_session_h USING (session_hk)""";

    /** Of vaults made by hand: without a ledger, of events that carry no times. */
    private static final Set<String> NOT_OF_A_TEST =
            Set.of("event_key_recomputed", "ledger_matches_events", "salts_forgotten");

    private TestDatabase database;

    @BeforeEach
    void install(TestPostgres postgres) throws Exception {
        database = postgres.shadowedVault();
        VaultRows.register(database, "acme");
    }

    @Test
    void countOnceWhereOneIsNotReprocessed() throws Exception {
        build(List.of(order("first", START), order("again", LATER)), 1);
        note("");
        assertThat(database.number(CONVERSIONS.formatted("_shadow"))).isEqualTo(1);

        database.execute("CALL raw.site_tracking_reprocess_complete()");
        database.switchToShadow();

        assertThat(database.number(CONVERSIONS.formatted(""))).isEqualTo(1);
        assertSound();
    }

    @Test
    void countOnceWhereOneTenantIsMerged() throws Exception {
        build(List.of(order("first", START), order("again", LATER)), 1);
        note("");

        database.execute("CALL raw.site_tracking_reprocess_merge('acme')");

        assertThat(database.number(CONVERSIONS.formatted(""))).isEqualTo(1);
        assertSound();
    }

    /** Of a session that it may still change its own version is the last one. */
    @Test
    void leaveToTheSecondRunWhatItGoesOnWith() throws Exception {
        build(
                List.of(
                        event("view").occurredAt(START).appendedAt(START),
                        order("first", START.plusSeconds(60)),
                        order("again", LATER),
                        event("last").occurredAt(LATER.plusSeconds(1_500)).appendedAt(LATER)),
                1);
        note(
                ", 'shadow_job', repeat('0', 32), 'settled_before', timestamptz '%s'"
                        .formatted(LATER.minusSeconds(1)));

        database.execute("CALL raw.site_tracking_reprocess_complete()");
        database.switchToShadow();

        assertThat(database.texts(CURRENT))
                .containsExactlyInAnyOrder(
                        "sess_s1." + START.toEpochMilli() + " 2",
                        "sess_s1." + LATER.toEpochMilli() + " 1",
                        "sess_s1." + LATER.plusSeconds(1_500).toEpochMilli() + " 1");
        assertSound();
    }

    private static TestEvents order(String id, Instant at) {
        return event(id)
                .type(EventType.PURCHASE)
                .purchase(new Purchase("t1", BigDecimal.TEN, "EUR"))
                .conversion()
                .occurredAt(at)
                .appendedAt(at.plusSeconds(1));
    }

    /**
     * @param forgotten how many of them, from the first, the shadow lacks
     */
    private void build(List<TestEvents> events, int forgotten) throws Exception {
        LoadedSessions.load(database, under(OLD, events.stream()));
        LoadedSessions.load(database, Layers.SHADOW, under(NEW, events.stream().skip(forgotten)));
    }

    private static List<EnrichedEvent> under(Duration gap, Stream<TestEvents> events) {
        SessionRules d = SessionRules.DEFAULT;
        SessionRules rules =
                new SessionRules(
                        gap.toMillis(),
                        d.maxMillis(),
                        d.maxEvents(),
                        d.campaignSplit(),
                        null,
                        false);
        return events.map(event -> event.rules(rules).enriched()).toList();
    }

    private void note(String details) throws SQLException {
        database.execute(
                "SELECT raw.site_tracking_reprocess_note(jsonb_build_object('state', 'BUILT'%s))"
                        .formatted(details));
    }

    private void assertSound() throws SQLException {
        try (Connection connection = database.connect()) {
            assertThat(VaultChecks.run(connection, 5))
                    .filteredOn(check -> !NOT_OF_A_TEST.contains(check.check()))
                    .allMatch(VaultChecks.Result::passed);
        }
    }
}
