package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.reprocess.ReprocessRun;
import io.onevault.tracking.sample.SampleTraffic;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is stored of events gives the vault again that the streaming job made of them. */
@ExtendWith(PostgresExtension.class)
class ReprocessITCase {

    private static final String[] TENANTS = {"acme-shop", "nimbus-saas", "daily-lantern"};

    /** Who sent events of the sample too late. */
    private static final List<String> LATE =
            List.of("s-tptkxt5qerzw", "s-qwp0ppt7cfz6", "s-t6nr2aft504w", "odd-41");

    /** Tables of the schema, each once. */
    private static final String BUSINESS =
            """
            SELECT c.oid::regclass::text
              FROM pg_class c
             WHERE relnamespace = 'business'::regnamespace
               AND relkind IN ('r', 'p')
               AND NOT relispartition
             ORDER BY 1""";

    /**
     * Which event was the first to tell of a thing is a matter of time; their keys are compared.
     */
    private static final List<String> FIRST_TOLD =
            List.of(
                    "business.site_visitor_h",
                    "business.site_page_h",
                    "business.business_item_h",
                    "business.visitor_business_item_l");

    private static final String BRIDGE = "business.site_session_b";

    /**
     * A version that only lost a transaction comes a microsecond later where it was published
     * before.
     */
    private static final String BRIDGE_ROWS =
            "SELECT (to_jsonb(b) - 'load_date')::text FROM business.site_session_b b ORDER BY 1";

    @TempDir static Path folder;
    private static JobRuns runs;

    @BeforeAll
    static void start() throws Exception {
        runs = new JobRuns(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        runs.close();
    }

    @Test
    void aSavepointOrRawAloneGivesTheSameVaultAgain(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, TENANTS);
        runs.run("live", runs.topic(inTime()), database, JobRuns.OF_THE_PAST);
        long events = database.number("SELECT count(*) FROM business.site_event_h");
        Map<String, List<String>> before = rows(database);
        Path savepoint = new ResumePoints(folder.resolve("live")).newest().orElseThrow();

        ReprocessRun plan = reprocess(database, "plan", "--savepoint", savepoint.toString());
        assertThat(plan.errors()).isEmpty();
        assertThat(plan.output())
                .contains("canonical savepoint, ")
                .containsPattern("acme-shop +2026-11-20 ")
                .containsPattern(String.format(Locale.ROOT, "all +%,d +0 ", events));

        truncate(database);
        ReprocessRun build = reprocess(database, "build", "--no-savepoint");
        assertThat(build.errors()).isEmpty();
        VaultRows.assertSame(rows(database), before);

        truncate(database);
        database.execute("TRUNCATE raw.site_tracking_events_r");
        build = reprocess(database, "build", "--savepoint", savepoint.toString(), "--no-raw");
        assertThat(build.errors()).isEmpty();
        VaultRows.assertSame(rows(database), before);
        VaultRows.assertSound(database);
    }

    /**
     * The sample without what came too late for its session, which joins it when it is replayed.
     */
    private static List<byte[]> inTime() {
        return SampleTraffic.lines().stream()
                .filter(line -> LATE.stream().noneMatch(line::contains))
                .map(JobRuns::utf8)
                .toList();
    }

    private static Map<String, List<String>> rows(TestDatabase database) throws Exception {
        Map<String, List<String>> rows = new HashMap<>(VaultRows.fingerprint(database));
        rows.put(BRIDGE, database.texts(BRIDGE_ROWS));
        List<String> tables = database.texts(BUSINESS);
        tables.removeAll(VaultRows.OF_SESSIONS);
        tables.remove(BRIDGE);
        tables.removeAll(FIRST_TOLD);
        rows.putAll(VaultRows.rows(database, tables));
        return rows;
    }

    private static void truncate(TestDatabase database) throws Exception {
        String tables = String.join(", ", database.texts(BUSINESS));
        database.execute("TRUNCATE " + tables + ", staging.site_tracking_events_s");
    }

    private static ReprocessRun reprocess(TestDatabase database, String... arguments) {
        Map<String, String> settings = new HashMap<>(runs.settings("reprocess", database));
        settings.putAll(JobRuns.OF_THE_PAST);
        return ReprocessRun.of(settings, arguments);
    }
}
