package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.job.SiteTrackingJob;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.reprocess.ReprocessRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The example of docs/reprocessing.md, command by command, on a cluster of separate processes. A
 * TaskManager and the program are killed while history is built, and the program at each step of
 * the switch.
 */
@ExtendWith(ClusterExtension.class)
class ReprocessClusterIT {

    private static final String[] TENANTS = {"acme", "nimbus"};
    private static final String GROUP = "reprocessed";
    private static final String PROGRAM = "io.onevault.tracking.reprocess.Reprocess";
    private static final int SECONDS = 180;
    private static final JobRuns.Input INPUT = new JobRuns.Input(GROUP, 2, 1);

    /** Behind what is noted the program is killed, in this order. */
    private static final List<String> STEPS =
            List.of(
                    "counts ->> 'operation' IS NOT NULL",
                    "shadow_savepoint IS NOT NULL",
                    "counts #>> '{operation,stops}' = live_job",
                    "live_savepoint IS NOT NULL",
                    "counts ->> 'carried' = 'true'");

    private static final String SWITCHED = "state = 'SWITCHED'";

    private static final String UNDO_BEGUN =
            SWITCHED + " AND counts #>> '{operation,command}' = 'undo'";

    private static final int HALT_KEY = 4711;

    /** Whoever notes what comes behind a step waits for the test. */
    private static final String HALT =
            """
            CREATE FUNCTION public.halt() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (SELECT FROM raw.site_tracking_reprocess_r WHERE %s) THEN
                    PERFORM pg_advisory_xact_lock("""
                    + HALT_KEY
                    + """
            );
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER halt BEFORE UPDATE ON raw.site_tracking_reprocess_r
                FOR EACH ROW EXECUTE FUNCTION public.halt()""";

    private static final String WHO_HALTS =
            "FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = " + HALT_KEY;

    private static final String HALTED = "SELECT count(*) " + WHO_HALTS;

    private static final String STOPPED_WITH =
            """
            SELECT unnest(ARRAY[live_savepoint, shadow_savepoint])
              FROM raw.site_tracking_reprocess_r""";

    private static final Duration OLD = Duration.ofMinutes(30);
    private static final Duration NEW = Duration.ofMinutes(20);

    /** Nobody writes the sessions of the shadow as long as somebody has it. */
    private static final String HOLD =
            "LOCK TABLE business_shadow.site_session_details_s IN SHARE MODE";

    /** Who waits for it. */
    private static final String HELD =
            "SELECT count(*) FROM pg_locks WHERE NOT granted"
                    + " AND relation = 'business_shadow.site_session_details_s'::regclass";

    /** Who waits for anybody: what a killed one was about to write is not known before its end. */
    private static final String WAITING =
            """
            SELECT count(*)
              FROM pg_stat_activity
             WHERE datname = current_database()
               AND wait_event_type = 'Lock'""";

    /** Behind what it does before the first pass. */
    private static final String BEFORE_PASS = WAITING + " AND query LIKE '%carry_over%'";

    private static final String IN_PASS = WAITING + " AND query LIKE 'CALL %complete(false)'";

    /** A lock that is no transaction's, and so in nobody's way. */
    private static final String KEEP_OUT =
            "SELECT pg_advisory_lock(hashtextextended('site_tracking_carry_over', 0))";

    private static final String STEP = "SELECT count(*) FROM raw.site_tracking_reprocess_r WHERE ";

    /** A command that works, or whose end the database has not noticed. */
    private static final String WORKING =
            """
            SELECT count(*)
              FROM pg_locks
              JOIN pg_database AS d ON d.oid = database
             WHERE locktype = 'advisory'
               AND datname = current_database()
               AND (classid::bigint << 32) + objid::bigint
                   = hashtextextended('site_tracking_reprocess', 0)""";

    private final Visits visits = new Visits(List.of(TENANTS), 3, 40, 8);

    @Test
    void theExampleOfThePageSurvivesKills(ClusterStack stack) throws Exception {
        stack.topic(INPUT.topic(), INPUT.partitions());
        TestDatabase vault = stack.postgres().vault(TENANTS);
        Path jobFile = stack.jobFile(GROUP, INPUT.topic(), vault);
        // What is sent after a silence tells of the past: else a partition that is read first makes
        // the other late.
        Files.writeString(jobFile, "watermark.idle-grace=1 h\n", StandardOpenOption.APPEND);
        String live = stack.submit(jobFile, 1);
        Runbook page = runbook(stack, jobFile, live);
        send(stack, 0, visits.before(1) / 2);
        new TopicEnd(stack.kafka().bootstrapServers(), INPUT, GROUP)
                .await(() -> stack.checkpoint(live));

        killWhileBuilding(stack, vault, () -> page.run("Example", Map.of()));
        String savepoint =
                vault.texts("SELECT savepoint FROM raw.site_tracking_reprocess_r").get(0);
        String[] again = {"build", "--savepoint", savepoint, "--set", "session.gap=20m"};
        assertThat(reprocess(stack, jobFile, again).await(SECONDS))
                .contains("events read", "is where production is");

        send(stack, visits.before(1) / 2, visits.before(2));
        stack.drain(live, INPUT, GROUP, vault);
        page.run("Compare", Map.of());
        killAtEachStep(stack, jobFile, vault);
        page.run("Switch", Map.of());
        assertThat(vault.texts(STOPPED_WITH).stream().map(ReprocessRun::kind))
                .containsExactly("native savepoint", "native savepoint");
        drain(stack, vault);
        awaitSessions(vault, 2, NEW);

        killBehind(UNDO_BEGUN, "undo", stack, jobFile, vault);
        page.run("Undo", Map.of());
        send(stack, visits.before(2), visits.before(3));
        drain(stack, vault);
        awaitSessions(vault, 3, OLD);
        VaultRows.assertSound(vault);
        page.run("End", Map.of());
        assertThat(page.rest()).isEmpty();
        stack.flink().rest().cancel(job(stack));
    }

    private static Runbook runbook(ClusterStack stack, Path jobFile, String job)
            throws IOException {
        StandaloneCluster flink = stack.flink();
        Map<String, String> variables = new TreeMap<>();
        variables.put("PATH", flink.bin() + ":" + System.getenv("PATH"));
        variables.put("JAR", ClusterStack.jar().toString());
        variables.put("JOB_CONFIG", jobFile.toString());
        variables.put("JOBMANAGER", flink.address());
        variables.put("PARALLELISM", "1");
        variables.put("JOB", job);
        Path folder = flink.home().resolve("reprocess");
        return new Runbook(Path.of("docs", "reprocessing.md"), variables, folder);
    }

    private void send(ClusterStack stack, int from, int to) throws IOException {
        JobRuns.send(stack.kafka().bootstrapServers(), INPUT, visits.lines(from, to));
    }

    /** Events are loaded, sessions are not: first a TaskManager is killed, then the program. */
    private static void killWhileBuilding(
            ClusterStack stack, TestDatabase vault, Callable<String> build) throws Exception {
        ExecutorService others = Executors.newSingleThreadExecutor();
        try (Connection holder = vault.connect();
                Statement statement = holder.createStatement()) {
            Migration.makeShadow(holder, applied -> {});
            holder.setAutoCommit(false);
            statement.execute(HOLD);
            Future<String> building = others.submit(build);
            JobRuns.await(() -> building.isDone() || vault.number(HELD) > 0);
            StandaloneCluster flink = stack.flink();
            flink.kill(taskManager(stack, "site-tracking reprocess build"));
            flink.startTaskManager("taskmanager-again");
            JobRuns.await(() -> building.isDone() || vault.number(WAITING) > 1);
            killProgram("build");
            assertThatThrownBy(building::get).hasMessageContainingAll("137", "begins anew");
        } finally {
            others.shutdownNow();
        }
    }

    /** The one that works for the job. */
    private static String taskManager(ClusterStack stack, String name) throws Exception {
        String path = "/jobs/" + job(stack, name);
        FlinkRest rest = stack.flink().rest();
        for (JsonNode vertex : rest.get(path).get("vertices")) {
            if (vertex.get("tasks").get("RUNNING").asInt() > 0) {
                String id = vertex.get("id").asText();
                return rest.get(path + "/vertices/" + id)
                        .get("subtasks")
                        .get(0)
                        .get("taskmanager-id")
                        .asText();
            }
        }
        throw new IOException("no task of " + name + " runs");
    }

    /** What a script has started. */
    private static void killProgram(String command) throws IOException {
        for (ProcessHandle process : ProcessHandle.current().descendants().toList()) {
            Path line = Path.of("/proc", Long.toString(process.pid()), "cmdline");
            if (Files.readString(line).contains(PROGRAM + "\0")
                    && Files.readString(line).contains("\0" + command + "\0")) {
                process.destroyForcibly();
                return;
            }
        }
        throw new IOException("no program runs " + command);
    }

    private void killAtEachStep(ClusterStack stack, Path jobFile, TestDatabase vault)
            throws Exception {
        killInFirstPass(stack, jobFile, vault);
        for (String step : STEPS) {
            killBehind(step, "switch", stack, jobFile, vault);
        }
        // The one step behind which nothing is noted before a job is started.
        try (ChildProcess program = reprocess(stack, jobFile, "switch")) {
            JobRuns.await(() -> !program.isAlive() || vault.number(STEP + SWITCHED) > 0);
            program.kill();
        }
        assertThat(vault.number(STEP + SWITCHED)).isEqualTo(1);
        assertSound(vault);
    }

    /** What it did since the step, such as to stop a job, it has not noted. */
    private void killBehind(
            String step, String command, ClusterStack stack, Path jobFile, TestDatabase vault)
            throws Exception {
        try (Connection holder = vault.connect();
                Statement statement = holder.createStatement()) {
            statement.execute(HALT.formatted(step));
            statement.execute("SELECT pg_advisory_lock(" + HALT_KEY + ")");
            try (ChildProcess program = reprocess(stack, jobFile, command)) {
                JobRuns.await(() -> !program.isAlive() || vault.number(HALTED) > 0);
                assertThat(program.isAlive()).as(step + ": " + program.lastWords()).isTrue();
                program.kill();
            }
            // It would go on without its program.
            statement.execute("SELECT pg_terminate_backend(pid) " + WHO_HALTS);
            JobRuns.await(() -> vault.number(HALTED) == 0);
            statement.execute("DROP FUNCTION public.halt() CASCADE");
        }
        assertThat(vault.number(STEP + step)).as(step).isEqualTo(1);
        assertSound(vault);
    }

    /** In the midst of a statement, which then goes on no longer, whoever holds it up. */
    private void killInFirstPass(ClusterStack stack, Path jobFile, TestDatabase vault)
            throws Exception {
        try (Connection holder = vault.connect();
                Statement statement = holder.createStatement()) {
            statement.execute(KEEP_OUT);
            try (ChildProcess program = reprocess(stack, jobFile, "switch")) {
                JobRuns.await(() -> !program.isAlive() || vault.number(BEFORE_PASS) > 0);
                holder.setAutoCommit(false);
                statement.execute(HOLD);
                statement.execute("SELECT pg_advisory_unlock_all()");
                JobRuns.await(() -> !program.isAlive() || vault.number(IN_PASS) > 0);
                assertThat(program.isAlive()).as(program.lastWords()).isTrue();
                program.kill();
            }
            assertSound(vault);
        }
        assertThat(vault.number(STEP + "counts ->> 'operation' IS NULL")).isEqualTo(1);
    }

    /** Of the old history or the new one, once the database has missed who was killed. */
    private void assertSound(TestDatabase vault) throws Exception {
        JobRuns.await(() -> vault.number(WORKING) == 0);
        Duration gap = vault.number(STEP + "state = 'SWITCHED'") > 0 ? NEW : OLD;
        assertThat(Visits.stored(vault, "business"))
                .isEqualTo(visits.sessions(visits.before(2), gap));
        VaultRows.assertSound(vault);
    }

    private static ChildProcess reprocess(ClusterStack stack, Path jobFile, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(stack.flink().bin().resolve("flink").toString());
        command.addAll(List.of("run", "--jobmanager", stack.flink().address()));
        command.addAll(List.of("--parallelism", "1", "--class", PROGRAM));
        command.add(ClusterStack.jar().toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("--config", jobFile.toString()));
        return ChildProcess.start(stack.flink().home().resolve("reprocess.log"), Map.of(), command);
    }

    /** The job of the name, which a switch has started anew. */
    private static String job(ClusterStack stack) throws Exception {
        return job(stack, SiteTrackingJob.NAME);
    }

    private static String job(ClusterStack stack, String name) throws Exception {
        for (JsonNode job : stack.flink().rest().get("/jobs/overview").get("jobs")) {
            if (job.get("name").asText().equals(name)
                    && job.get("state").asText().equals("RUNNING")) {
                return job.get("jid").asText();
            }
        }
        throw new IOException("no job " + name + " runs");
    }

    private static void drain(ClusterStack stack, TestDatabase vault) throws Exception {
        String job = job(stack);
        stack.awaitRunning(job);
        stack.drain(job, INPUT, GROUP, vault);
    }

    private void awaitSessions(TestDatabase vault, int parts, Duration gap) throws Exception {
        List<String> expected = visits.sessions(visits.before(parts), gap);
        JobRuns.await(
                () -> Visits.stored(vault, "business").equals(expected),
                () -> Visits.stored(vault, "business").hashCode());
    }
}
