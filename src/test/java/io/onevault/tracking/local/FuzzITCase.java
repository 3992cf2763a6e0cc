package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Hostile records through the real job: none restarts it, none gets lost. */
@ExtendWith(PostgresExtension.class)
class FuzzITCase {

    private static final int RECORDS = Integer.getInteger("fuzz.events", 100_000);
    private static final long SEED = Long.getLong("fuzz.seed", 20_261_120);

    @TempDir Path folder;

    /** Refused events that may not be kept in full would be counted only. */
    private static final String KEEP_ALL =
            """
            INSERT INTO auth.tenant_site_tracking_s
                   (tenant_hk, load_date, consent_policy, hash_diff, record_source)
            SELECT tenant_hk, '2026-01-01Z', 'IGNORE', util.hash_binary('-'), 'test'
              FROM auth.tenant_h""";

    @Test
    void everyHostileRecordIsAccountedFor(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, HostileRecords.TENANTS);
        database.execute(KEEP_ALL);
        try (JobRuns runs = new JobRuns(folder)) {
            JobRuns.Input input = runs.topic(new HostileRecords(SEED)::next, RECORDS);
            long start = System.nanoTime();
            runs.runOnce("fuzz", input, database);

            Map<String, Long> ledger = VaultRows.ledger(database);
            report(ledger, (System.nanoTime() - start) / 1_000_000_000);
            assertThat(ledger.get("RECEIVED")).isEqualTo(RECORDS);
            assertThat(outcomes(ledger, "ACCEPTED", "DUPLICATE", "REJECTED")).isEqualTo(RECORDS);
            assertThat(ledger).containsKeys("DUPLICATE", "LATE", "REJECTED TOO_DEEP");
            assertThat(runs.rejectedCount()).isEqualTo(outcomes(ledger, "REJECTED"));
        }
        VaultRows.assertSound(database);
    }

    private static long outcomes(Map<String, Long> ledger, String... outcomes) {
        long sum = 0;
        for (Map.Entry<String, Long> entry : ledger.entrySet()) {
            for (String outcome : outcomes) {
                sum += entry.getKey().split(" ")[0].equals(outcome) ? entry.getValue() : 0;
            }
        }
        return sum;
    }

    private static void report(Map<String, Long> ledger, long seconds) throws Exception {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("seed", SEED);
        report.put("records", RECORDS);
        report.put("restarts", 0);
        report.put("ledger", ledger);
        report.put("seconds", seconds);
        String json = new ObjectMapper().writeValueAsString(report);
        Files.writeString(Path.of("target", "fuzz-report.json"), json + '\n');
        System.out.println(json);
    }
}
