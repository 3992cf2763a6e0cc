package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.reprocess.ReprocessRun;
import io.onevault.tracking.sample.SampleTraffic;
import java.nio.file.Path;
import java.util.ArrayList;
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

    private static final String[] TENANTS = SampleTraffic.tenants();

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

    /** Of these it is a matter of time which event was the first to tell; fingerprints know it. */
    private static final List<String> FIRST_TOLD =
            List.of(
                    "business.site_visitor_h",
                    "business.site_page_h",
                    "business.business_item_h",
                    "business.visitor_business_item_l",
                    "business.site_user_visitor_b",
                    "business.site_visitor_details_s",
                    "business.site_page_details_s",
                    "business.business_item_details_s");

    private static final List<String> SUMS =
            List.of(
                    "business.site_rollup_b",
                    "business.site_return_b",
                    "business.site_cohort_b",
                    "business.site_item_return_b");

    /** What a session was counted as on the way may have left a sum of nothing. */
    private static final String NOT_ZERO =
            """
            SELECT t::text
              FROM $table t
             WHERE EXISTS (SELECT
                             FROM jsonb_each(to_jsonb(t)) AS sums (name, sum)
                            WHERE jsonb_typeof(sum) = 'number' AND name <> 'item' AND sum <> '0')
             ORDER BY 1""";

    private static final String EVENTS = "SELECT count(*) FROM business.site_event_h";

    /** By which a plan tells how long a build takes. */
    private static final String BUILT =
            """
            SELECT (counts #>> '{batch,events}')::bigint
              FROM raw.site_tracking_reprocess_r
             WHERE state <> 'DROPPED'
               AND (counts #>> '{batch,seconds}')::float8 > 0""";

    private static final String BRIDGE = "business.site_session_b";

    /**
     * A version that only lost a transaction comes a microsecond later where it was published
     * before.
     */
    private static final String BRIDGE_ROWS =
            "SELECT (to_jsonb(b) - 'load_date')::text FROM business.site_session_b b ORDER BY 1";

    private static final String TYPES = "business.site_event_type_b";
    private static final String PATHS = "business.site_session_path_b";

    /** Types have characters in the order in which they were met, which is a matter of time. */
    private static final String TYPE_ROWS =
            "SELECT tenant_hk || evt_type FROM business.site_event_type_b ORDER BY 1";

    private static final String SPELLED =
            """
            SELECT jsonb_agg(t.evt_type ORDER BY place)
              FROM regexp_split_to_table(p.$types, '') WITH ORDINALITY AS coded (code, place)
              JOIN business.site_event_type_b AS t
                ON t.tenant_hk = p.tenant_hk AND t.code = coded.code""";

    private static final String PATH_ROWS =
            """
            SELECT (to_jsonb(p) || jsonb_build_object('types', (%s), 'type_way', (%s)))::text
              FROM business.site_session_path_b AS p
             ORDER BY 1"""
                    .formatted(
                            SPELLED.replace("$types", "types"),
                            SPELLED.replace("$types", "type_way"));

    private static final Map<String, String> INCREMENTAL =
            Map.of(
                    "state.backend.type", "rocksdb",
                    "execution.checkpointing.incremental", "true",
                    "restart-strategy.type", "none");

    @TempDir static Path folder;
    private static JobRuns runs;
    private JobRuns.Input input;

    @BeforeAll
    static void start() throws Exception {
        runs = new JobRuns(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        runs.close();
    }

    @Test
    void historyGivesTheSameVaultAgain(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, TENANTS);
        input = runs.topic(inTime());
        assertThatThrownBy(() -> live(input, database, ReprocessITCase::die))
                .isInstanceOf(KilledException.class);
        long events = database.number(EVENTS);
        Map<String, List<String>> before = rows(database);
        String checkpoint = newest();

        ReprocessRun plan = reprocess(database, "plan", "--savepoint", checkpoint);
        assertThat(plan.errors()).isEmpty();
        assertThat(plan.output())
                .contains("incremental checkpoint, ")
                .containsPattern("acme-shop +2026-11-20 ")
                .containsPattern(String.format(Locale.ROOT, "all +%,d +0 ", events));

        rebuild(database, before, "--savepoint", checkpoint);
        rebuild(database, before, "--no-savepoint");
        live(input, database, job -> {});
        rebuild(database, before, "--savepoint", newest(), "--no-raw");
        VaultRows.assertSound(database);
    }

    /** With the state backend that makes incremental checkpoints. */
    private static void live(JobRuns.Input input, TestDatabase database, JobRuns.While meanwhile)
            throws Exception {
        Map<String, String> settings = new HashMap<>(runs.settings("live", database));
        settings.putAll(JobRuns.OF_THE_PAST);
        JobRuns.While drained =
                job -> {
                    new TopicEnd(runs.bootstrapServers(), input, "live")
                            .drain(database, job::requireAlive);
                    meanwhile.act(job);
                };
        JobRuns.run(folder.resolve("live"), input, settings, INCREMENTAL, drained);
    }

    /** Leaves a checkpoint of everything. */
    private static void die(RunningJob job) throws Exception {
        long before = Checkpoints.completed(job);
        JobRuns.await(() -> Checkpoints.completed(job) > before + 1);
        throw new KilledException();
    }

    /** What ends a run without a savepoint. */
    private static final class KilledException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static String newest() throws Exception {
        return new ResumePoints(folder.resolve("live")).newest().orElseThrow().toString();
    }

    private void rebuild(TestDatabase database, Map<String, List<String>> before, String... source)
            throws Exception {
        String tables = String.join(", ", database.texts(BUSINESS));
        database.execute("TRUNCATE " + tables + ", staging.site_tracking_events_s");
        List<String> command = new ArrayList<>(List.of(source));
        command.addAll(0, List.of("build", "--no-follow"));

        ReprocessRun build = reprocess(database, command.toArray(new String[0]));
        assertThat(build.errors()).isEmpty();
        database.switchToShadow();
        VaultRows.assertSame(rows(database), before);
        assertThat(database.number(BUILT)).isEqualTo(database.number(EVENTS));
        while (database.number("SELECT raw.site_tracking_reprocess_drop()") > 0) {
            // Some tables at a time.
        }
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
        rows.put(TYPES, database.texts(TYPE_ROWS));
        rows.put(PATHS, database.texts(PATH_ROWS));
        for (String sums : SUMS) {
            rows.put(sums, database.texts(NOT_ZERO.replace("$table", sums)));
        }
        List<String> tables = database.texts(BUSINESS);
        tables.removeAll(VaultRows.OF_SESSIONS);
        tables.removeAll(List.of(BRIDGE, TYPES, PATHS));
        tables.removeAll(SUMS);
        tables.removeAll(FIRST_TOLD);
        rows.putAll(VaultRows.rows(database, tables));
        return rows;
    }

    private ReprocessRun reprocess(TestDatabase database, String... arguments) {
        Map<String, String> settings = new HashMap<>(runs.settings("reprocess", database));
        settings.putAll(JobRuns.OF_THE_PAST);
        settings.put("kafka.topic", input.topic());
        return ReprocessRun.of(settings, arguments);
    }
}
