package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Sessions of a topic in which nothing comes any more: no event and no tick. */
@ExtendWith(PostgresExtension.class)
class SilenceITCase {

    private static final int VISITORS = 10;
    private static final Map<String, String> SHORT_GRACE =
            Map.of("watermark.idle-grace", "1 s", "watermark.out-of-orderness", "1 s");
    private static final Map<String, String> LONG_GRACE = Map.of("watermark.idle-grace", "1 h");

    @TempDir Path folder;
    private TestDatabase database;

    @BeforeEach
    void registerATenantWithShortSessions(TestPostgres postgres) throws Exception {
        database = postgres.vault();
        VaultRows.register(database, "acme");
        database.execute(
                """
                INSERT INTO auth.tenant_site_tracking_s
                       (tenant_hk, load_date, session_gap_ms, hash_diff, record_source)
                VALUES (util.hash_binary('acme'), now(), 2000, util.hash_binary('-'), 'test')""");
    }

    @Test
    void closesTheSessions() throws Exception {
        try (JobRuns runs = new JobRuns(folder)) {
            JobRuns.Input input = runs.topic(events(), 2, 2);

            runs.run("silence", input, database, SHORT_GRACE, job -> awaitSessions(job, "CLOSED"));
        }
        VaultRows.assertSound(database);
    }

    @Test
    void closesTheSessionsOfTheRunBefore() throws Exception {
        try (JobRuns runs = new JobRuns(folder)) {
            JobRuns.Input input = runs.topic(events(), 2, 2);
            runs.run("restart", input, database, LONG_GRACE, job -> awaitSessions(job, "OPEN"));
            assertThat(sessions("CLOSED")).isZero();

            runs.run("restart", input, database, SHORT_GRACE, job -> awaitSessions(job, "CLOSED"));
        }
        VaultRows.assertSound(database);
    }

    private static List<byte[]> events() {
        List<byte[]> events = new ArrayList<>();
        for (int visitor = 0; visitor < VISITORS; visitor++) {
            events.add(
                    JobRuns.utf8(
                            """
                            {"tenantId":"acme","evt_type":"page_view","session_id":"s%1$d",\
                            "page_url":"https://shop.example/","event_timestamp":%2$d}"""
                                    .formatted(visitor, 1_763_632_800_000L + visitor)));
        }
        return events;
    }

    private void awaitSessions(RunningJob job, String status) throws Exception {
        JobRuns.await(
                () -> {
                    job.requireAlive();
                    return sessions(status) == VISITORS;
                });
    }

    private long sessions(String status) throws Exception {
        return database.number(
                "SELECT count(*) FROM business.site_session_details_current_v"
                        + " WHERE session_status = '"
                        + status
                        + "'");
    }
}
