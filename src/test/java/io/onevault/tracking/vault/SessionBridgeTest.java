package io.onevault.tracking.vault;

import static io.onevault.tracking.session.SessionEvents.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.Campaign;
import io.onevault.tracking.event.Device;
import io.onevault.tracking.event.Referrer;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.migrate.VaultChecks;
import io.onevault.tracking.session.Publications;
import io.onevault.tracking.session.SessionEvents;
import io.onevault.tracking.session.SessionPublisher;
import io.onevault.tracking.session.SessionStatus;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.SessionVersion;
import io.onevault.tracking.session.SessionVersion.Counts;
import io.onevault.tracking.session.Sessionizer;
import io.onevault.tracking.state.PublishedSession;
import io.onevault.tracking.state.SessionEvent;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever happens to sessions, bridge and rollups are what the checks recompute. */
@ExtendWith(PostgresExtension.class)
class SessionBridgeTest {

    private static final Set<String> CHECKS = Set.of("session_bridge_current", "rollups_add_up");
    private static final String BRIDGED =
            """
            SELECT session_bk || ' ' || s.session_status || ' ' || s.total_events
              FROM business.site_sessions(decode(repeat('00', 32), 'hex'),
                                              '-infinity', 'infinity') s
              JOIN business.site_session_h USING (session_hk)
             ORDER BY 1""";

    private static final String ELSEWHERE =
            """
            INSERT INTO auth.tenant_site_tracking_s (tenant_hk, load_date, time_zone, hash_diff, record_source)
            SELECT DISTINCT tenant_hk, now(), 'Asia/Kathmandu', sha256('h'), 'test'
              FROM business.site_session_b""";

    private LoadedVault vault;

    @BeforeEach
    void open(TestPostgres postgres) throws SQLException {
        vault = new LoadedVault(postgres);
    }

    @AfterEach
    void close() throws SQLException {
        vault.close();
    }

    private void write(List<SessionUpdate> updates) throws SQLException {
        vault.write(new SessionLoader("test"), updates);
    }

    private void assertExact() throws SQLException {
        assertThat(VaultChecks.run(vault.connection(), 5))
                .filteredOn(result -> CHECKS.contains(result.check()))
                .hasSize(CHECKS.size())
                .allSatisfy(result -> assertThat(result.violations()).isEmpty());
    }

    /** A version of one of few sessions, of one of few visitors, somewhere in three days. */
    private static SessionUpdate randomVersion(Random random) {
        int session = random.nextInt(12);
        Instant start = START.plusSeconds(session * 20_000L).plusNanos(random.nextInt(3) * 1_000L);
        SessionStatus status = SessionStatus.values()[random.nextInt(3)];
        boolean lives = status != SessionStatus.SUPERSEDED;
        int events = lives ? 1 + random.nextInt(5) : 0;
        SessionVersion version =
                new SessionVersion(
                        status,
                        start,
                        start.plusSeconds(60),
                        START.plusSeconds(300_000 + random.nextInt(6)),
                        "s" + session,
                        "vis_" + (random.nextInt(5) == 0 ? 9 : session % 3),
                        new Counts(events, lives ? random.nextInt(3) : 0, 0, events / 3, 7, 60),
                        random.nextInt(3) == 0 ? null : random.nextBoolean(),
                        lives && random.nextBoolean()
                                ? Map.of("EUR", new BigDecimal("1.5"), "USD", BigDecimal.ONE)
                                : Map.of(),
                        lives && random.nextBoolean()
                                ? Map.of("EUR", new BigDecimal("0.5"), "JPY", BigDecimal.TEN)
                                : Map.of(),
                        random.nextBoolean() ? "https://a.example/" + random.nextInt(3) : null,
                        random.nextBoolean() ? "https://a.example/" + random.nextInt(3) : null,
                        Referrer.NONE,
                        "direct",
                        random.nextBoolean() ? Campaign.NONE : campaign(random.nextInt(2)),
                        device(random.nextInt(6) == 0),
                        null,
                        null,
                        null,
                        List.of(),
                        List.of());
        String tenant = TestEvents.tenantHk(session % 4 == 0 ? "other" : "acme");
        String bk = "sess_s" + session + '.' + start.toEpochMilli();
        return new SessionUpdate(tenant, bk, false, version, List.of(), false, null, null);
    }

    private static Campaign campaign(int number) {
        return new Campaign("source" + number, "cpc", "c" + number, null, null, null, null);
    }

    private static Device device(boolean bot) {
        return new Device(
                bot ? "bot" : "desktop",
                "Firefox",
                "140",
                "Linux",
                null,
                bot,
                bot ? "robot" : "browser",
                bot ? "search" : null);
    }

    @RepeatedTest(3)
    void followsRandomVersionsInAnyOrderAndRepetition(RepetitionInfo repetition)
            throws SQLException {
        Random random = new Random(repetition.getCurrentRepetition());
        List<SessionUpdate> updates = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            updates.add(randomVersion(random));
        }

        for (int i = 0; i < updates.size(); i += 7) {
            write(updates.subList(i, Math.min(i + 7, updates.size())));
            if (i == 28) {
                vault.database().execute(ELSEWHERE);
            }
        }
        assertExact();
        List<String> rows = vault.rows();
        write(updates);
        assertThat(vault.rows()).isEqualTo(rows);
        Collections.shuffle(updates, random);
        write(updates.subList(0, 40));
        assertExact();
    }

    @Test
    void dropsASupersededSessionAndTakesTheMergedOne() throws SQLException {
        List<SessionEvent> arrived = new ArrayList<>();
        Map<String, PublishedSession> published = new HashMap<>();
        long[][] portions = {{0, 3_000_000}, {1_500_000}};
        for (long[] portion : portions) {
            for (long millis : portion) {
                arrived.add(SessionEvents.pageView(millis).appended(arrived.size()).make());
            }
            var sessions = Sessionizer.sessionize(arrived);
            var publication =
                    SessionPublisher.publish(sessions, published, START.toEpochMilli(), 0);
            write(publication.updates());
            published = Publications.after(published, publication);
            assertExact();
        }

        assertThat(vault.database().texts(BRIDGED))
                .containsExactly("sess_s1." + START.toEpochMilli() + " OPEN 3");
    }

    @Test
    void followsAnErasureOutsideTheLoader() throws Exception {
        Random random = new Random(7);
        for (int i = 0; i < 40; i++) {
            write(List.of(randomVersion(random)));
        }

        vault.database()
                .execute(
                        """
                        BEGIN;
                        CREATE TEMPORARY TABLE erased AS
                        SELECT tenant_hk, session_hk, (extract(epoch FROM session_start) * 1000000)::int8 micros
                          FROM business.site_session_b ORDER BY session_hk LIMIT 4;
                        DELETE FROM business.site_session_details_s
                         WHERE session_hk IN (SELECT session_hk FROM erased);
                        DO $$
                        DECLARE
                            gone record;
                        BEGIN
                            SELECT array_agg(tenant_hk) tenants, array_agg(micros) starts,
                                   array_agg(session_hk) sessions INTO gone FROM erased;
                            CALL business.site_refresh_sessions(
                                gone.tenants, gone.starts, gone.sessions);
                        END $$;
                        COMMIT""");

        assertExact();
    }

    @Test
    void rebuildingChangesNothing() throws SQLException {
        Random random = new Random(3);
        for (int i = 0; i < 40; i++) {
            write(List.of(randomVersion(random)));
        }
        String held = "SELECT t::text FROM business.site_rollup_b t WHERE visits <> 0 ORDER BY 1";
        List<String> rows = vault.database().texts(held);

        vault.database().execute("CALL business.site_rebuild_sessions()");

        assertThat(vault.database().texts(held)).isEqualTo(rows);
        assertExact();
    }

    @Test
    void staysExactWhenLoadersMeet() throws Exception {
        ExecutorService loaders = Executors.newFixedThreadPool(3);
        List<Future<Void>> done = new ArrayList<>();
        for (int loader = 0; loader < 3; loader++) {
            done.add(loaders.submit(loader(loader)));
        }
        for (Future<Void> each : done) {
            each.get();
        }
        loaders.shutdown();

        assertExact();
    }

    /** Different loaders have different sessions, but the same visitors and tenants. */
    private Callable<Void> loader(int number) {
        return () -> {
            SessionLoader loader = new SessionLoader("test");
            Random random = new Random(number);
            try (Connection connection = vault.database().connect()) {
                for (int i = 0; i < 40; i++) {
                    List<SessionUpdate> batch = new ArrayList<>();
                    for (int drawn = 0; drawn < 15; drawn++) {
                        SessionUpdate update = randomVersion(random);
                        if (update.version().start().toEpochMilli() / 20_000_000 % 3 == number) {
                            batch.add(update);
                        }
                    }
                    LoadedVault.write(loader, connection, batch);
                }
            }
            return null;
        };
    }
}
