package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.job.SiteTrackingJob;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.reprocess.ReprocessRun;
import io.onevault.tracking.reprocess.flink.FlinkConnection;
import io.onevault.tracking.reprocess.flink.FlinkJobs;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A reprocess by another gap beside a job that runs, while events come: built, followed, compared,
 * switched to and undone. The sessions are those of a count by brute force.
 */
@ExtendWith(PostgresExtension.class)
class ReprocessSwitchITCase {

    private static final String GROUP = "live";
    private static final String[] TENANTS = {"acme", "lantern", "nimbus"};
    private static final Duration OLD = Duration.ofMinutes(30);
    private static final Duration NEW = Duration.ofMinutes(20);

    private static final String EVENTS = "SELECT count(*) FROM business.site_event_h";

    private static final String PASS_WAITS =
            """
            SELECT count(*)
              FROM pg_stat_activity
             WHERE datname = current_database()
               AND query LIKE '%carry_over%'
               AND wait_event_type = 'Lock'""";

    private static final String UNDER_WAY =
            "SELECT coalesce(live_savepoint, shadow_savepoint, counts ->> 'operation')"
                    + " FROM raw.site_tracking_reprocess_r";

    /** Of a second run that was stopped, as the one of the live job was not. */
    private static final String LEFT =
            """
            SELECT raw.site_tracking_reprocess_note(jsonb_build_object(
                'live_job', '%s', 'shadow_savepoint', %s,
                'counts', '{"operation": {"command": "switch", "done": false, "starts": "%s"}}'::jsonb))""";

    private static final String JOBS =
            """
            SELECT unnest(ARRAY[live_job, shadow_job])
              FROM raw.site_tracking_reprocess_r
             WHERE state <> 'DROPPED'""";

    private static final String NATIVE = "native savepoint of the hashmap backend";

    private static final String LIVE_RULE =
            """
            SELECT counts #>> '{rules,live,record-source}'
              FROM raw.site_tracking_reprocess_r""";

    private static final String STOPPED_WITH =
            """
            SELECT unnest(ARRAY[live_savepoint, shadow_savepoint])
              FROM raw.site_tracking_reprocess_r""";

    private static final String FOLLOWS =
            """
            SELECT concat_ws(' ', told ->> 'phase', told ->> 'is_alive')
              FROM (SELECT api.get_tracking_system_status('acme') #> '{data,reprocess}') AS status (told)
             WHERE 5 = (SELECT count(*) FROM raw.site_tracking_heartbeat_r WHERE program = 'SHADOW')""";

    private static final String COUNTED =
            """
            SELECT api.get_session_analytics('%s',
                       '{"from": "2026-11-20", "to": "2026-11-22", "include_bots": true}')
                   #>> '{data,visits}'""";

    private final Visits visits = new Visits(List.of(TENANTS), 5, 40, 8);

    private TestDatabase database;
    private JobRuns runs;
    private FlinkCluster flink;
    private JobRuns.Input input;
    private Map<String, String> settings;
    private int sent;
    private ForgottenUser gone;

    @BeforeEach
    void start(TestPostgres postgres, @TempDir Path folder) throws Exception {
        database = postgres.vault();
        VaultRows.register(database, TENANTS);
        Map<String, String> options =
                Map.of("parallelism.default", "2", "execution.checkpointing.interval", "500 ms");
        runs = new JobRuns(folder);
        flink = FlinkCluster.start(folder.resolve("flink"), 0, options);
        input = runs.topic(List.of(), 2, 2);
        settings = settings();
        gone = new ForgottenUser(database, TENANTS[0]);
    }

    @AfterEach
    void stop() throws Exception {
        flink.close();
        runs.close();
    }

    /** Of one reprocess: a build that goes on has to be by the same. */
    private Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>(runs.settings(GROUP, database));
        settings.put("kafka.topic", input.topic());
        // What is sent after a pause tells of the past: else a partition that is read first makes
        // the other late.
        settings.put("watermark.idle-grace", "1 h");
        return settings;
    }

    @Test
    void theSessionsAreThoseOfTheNewGapAndAfterAnUndoThoseOfTheOld() throws Exception {
        RunningJob live = live();
        // Sessions are open at the savepoint, and events come after it and while it is read.
        send(visits.before(1) / 2);
        awaitSessions("business", OLD);
        String savepoint = rememberAndForget(live);
        assertRefused("NOT_IN_STATE", "switch");
        assertRefused("NOT_IN_STATE", "undo");
        assertRefused("NOT_IN_STATE", "drop");
        send(visits.before(1) * 3 / 4);
        whileEventsCome(
                visits.before(1),
                () -> operate("build", "--savepoint", savepoint, "--set", "session.gap=20 min"));
        drain(live, GROUP);
        drain(live, GROUP + "-reprocess");
        assertThat(database.texts(LIVE_RULE)).containsExactly("by hand");
        awaitSessions("business", OLD);
        awaitSessions("business_shadow", NEW);
        gone.assertCounted("_shadow");
        assertDiffTellsTheRecounts();
        JobRuns.await(() -> database.texts(FOLLOWS).contains("FOLLOWING true"));
        assertRefused("NOT_IN_STATE", "undo");
        assertRefused("LIVE_JOB_NOT_RUNNING", "switch", "--job", "0".repeat(32));

        assertNothingIsStoppedBesideAReader();
        leaveASwitchWithTheSecondRunStopped(live);
        whileEventsCome(visits.before(2), this::switchAnew);
        drain(live, GROUP);
        assertProductionHas(NEW);
        gone.awaitForgottenBy(live);
        assertUndoNeedsTheFormerSavepoint();
        assertThat(database.texts(STOPPED_WITH).stream().map(ReprocessRun::kind))
                .containsExactly(NATIVE, NATIVE);

        // The file has the gap by now that switch says to put there; the former job has its own.
        String[] undo = {"undo", "--set", "session.gap=20 min"};
        whileEventsCome(visits.before(3), () -> operate(undo));
        drain(live, GROUP);
        assertProductionHas(OLD);
        gone.awaitForgottenBy(live);
        switchOnceMoreAndUndo(live, savepoint);
        operate("drop");
        RunningJob resumed = resume(live, savepoint);
        assertProductionHas(OLD);
        gone.awaitForgottenBy(resumed);
    }

    /** A savepoint with open sessions of a user who is erased then, while events come. */
    private String rememberAndForget(RunningJob live) throws Exception {
        runs.append(input, gone.remembered(visits, sent));
        gone.awaitRemembered();
        String savepoint = live.savepoint();
        gone.assertIn(savepoint);
        runs.append(input, gone.shownLater(visits, sent));
        gone.awaitShownLater();
        gone.forget(this::sendOne);
        gone.assertCounted("");
        gone.awaitForgottenBy(live);
        return savepoint;
    }

    /** Who begins to read in the midst of the first pass, and goes on. */
    private void assertNothingIsStoppedBesideAReader() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Connection reader = database.connect();
                Statement reads = reader.createStatement()) {
            reads.execute(
                    "SELECT pg_advisory_lock(hashtextextended('site_tracking_carry_over', 0))");
            Future<ReprocessRun> switching =
                    other.submit(
                            () -> ReprocessRun.of(settings, onCluster("switch", "--wait", "5")));
            JobRuns.await(() -> switching.isDone() || database.number(PASS_WAITS) > 0);
            reader.setAutoCommit(false);
            reads.execute(EVENTS);
            reads.execute("SELECT pg_advisory_unlock_all()");

            ReprocessRun run = switching.get();

            assertThat(run.errors())
                    .singleElement()
                    .asString()
                    .startsWith("Failed: ST025: somebody is in the way: process ");
            assertThat(run.output())
                    .contains("Carrying over")
                    .doesNotContain("Stopping", "The switch is not done");
        } finally {
            other.shutdownNow();
        }
        assertThat(database.texts(UNDER_WAY)).containsOnlyNulls();
    }

    /** As one that is killed there, after which the live job goes on. */
    private void leaveASwitchWithTheSecondRunStopped(RunningJob live) throws Exception {
        String savepoint = new FlinkRest(address()).stop(database.texts(JOBS).get(1));
        leave(live.graph().getJobID().toHexString(), "'" + savepoint + "'");
    }

    private void leave(String live, String shadowSavepoint) throws Exception {
        database.execute(LEFT.formatted(live, shadowSavepoint, "0".repeat(32)));
    }

    /** The second run goes on from where the undo has stopped it. */
    private void switchOnceMoreAndUndo(RunningJob live, String savepoint) throws Exception {
        operate("build", "--savepoint", savepoint, "--set", "session.gap=20 min");
        drain(live, GROUP + "-reprocess");
        awaitSessions("business_shadow", NEW);
        // As one that is killed before its first step.
        leave(database.texts(JOBS).get(0), "NULL");
        whileEventsCome(visits.before(4), this::switchAnew);
        drain(live, GROUP);
        assertProductionHas(NEW);
        operate("undo");
        drain(live, GROUP);
        assertProductionHas(OLD);
    }

    /** Long after the one that was left. */
    private Void switchAnew() {
        assertThat(operate("switch"))
                .containsSubsequence(
                        "The shadow is where production is",
                        "Production is where the shadow was",
                        "What ended before 2026-11-2",
                        "Carrying over",
                        "The shadow is where production is",
                        "Stopping job",
                        "of the shadow",
                        "Stopping job",
                        "The tables are exchanged");
        return null;
    }

    /** From the savepoint with the erased user, as after a loss of everything since. */
    private RunningJob resume(RunningJob live, String savepoint) throws Exception {
        new FlinkRest(address()).cancel(live.graph().getJobID().toHexString());
        Path metadata = Path.of(URI.create(savepoint)).resolve("_metadata");
        Files.setLastModifiedTime(metadata, FileTime.from(Instant.now().plusSeconds(60)));
        RunningJob resumed = live();
        JobRuns.await(() -> Checkpoints.resumed(resumed).equals(Optional.of(metadata.getParent())));
        // Behind all that it reads again.
        send(visits.before(5));
        drain(resumed, GROUP);
        return resumed;
    }

    /** Of two tenants not a byte changes, and nothing of what the live job may still change. */
    @Test
    void oneTenantIsCarriedOverWhileTheLiveJobGoesOn() throws Exception {
        RunningJob live = live();
        send((visits.before(2) + visits.before(3)) / 2);
        awaitSessions("business", OLD);
        String savepoint = live.savepoint();
        String gap = "session.gap=20 min";
        assertThat(operate("plan", "--savepoint", savepoint)).contains("lantern");
        operate("build", "--savepoint", savepoint, "--tenant", "acme", "--set", gap);
        send(visits.before(3));
        drain(live, GROUP);
        List<String> others = ofOthers();

        operate("switch");

        assertThat(ofOthers()).isEqualTo(others);
        assertAcmeAlone();
        assertRefused("NO_UNDO", "undo");
        send(visits.before(4));
        drain(live, GROUP);
        assertAcmeAlone();
        assertThat(VaultRows.ledger(database)).containsEntry("ACCEPTED", (long) sent);
        operate("drop");
        repeatASwitchAfterAnUndo(live);
        assertNothingGoesOnWithoutItsRecords(live, savepoint);
    }

    /** No second run followed; the shadow has nothing, so that all is carried over. */
    private void repeatASwitchAfterAnUndo(RunningJob live) throws Exception {
        try (Connection connection = database.connect()) {
            Migration.makeShadow(connection, applied -> {});
        }
        database.execute(
                "UPDATE raw.site_tracking_reprocess_r SET state = 'UNDONE' WHERE state = 'PREPARED'");
        operate("switch");
        drain(live, GROUP);
        assertAcmeAlone();
    }

    private void assertNothingGoesOnWithoutItsRecords(RunningJob live, String savepoint)
            throws Exception {
        runs.append(input, visits.beside(sent, 2 * ForgottenUser.VIEWS, TENANTS[0], "gone"));
        drain(live, GROUP);
        forgetRecords();
        assertRefused("RECORDS_GONE", "undo");
        dropWhileABuildIsLeft();
        assertRefused("RECORDS_GONE", "build", "--savepoint", savepoint);
        assertThat(database.texts("SELECT to_regnamespace('raw_shadow')::text"))
                .containsOnlyNulls();
    }

    /** Whose program was killed: or else it would write into the next shadow. */
    private void dropWhileABuildIsLeft() throws Exception {
        try (FlinkJobs jobs = FlinkConnection.open(address())) {
            StreamExecutionEnvironment env = jobs.environment();
            env.fromSequence(0, Long.MAX_VALUE).sinkTo(new DiscardingSink<>());
            JobID left = env.executeAsync(ReprocessRun.BUILD).getJobID();
            operate("drop");
            assertThat(jobs.isAlive(left)).isFalse();
        }
    }

    /** As Kafka's retention does. */
    private void forgetRecords() throws Exception {
        Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
        for (int partition = 0; partition < 2; partition++) {
            all.put(new TopicPartition(input.topic(), partition), RecordsToDelete.beforeOffset(-1));
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", runs.bootstrapServers()))) {
            admin.deleteRecords(all).all().get();
        }
    }

    /**
     * What is settled as the new gap has it, what is not as the live job's, and all else as it was.
     */
    private void assertAcmeAlone() throws Exception {
        VaultRows.assertSound(database);
        Instant settled =
                Instant.parse(
                        database.texts(
                                        "SELECT to_char(settled_before AT TIME ZONE 'UTC',"
                                                + " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
                                                + " FROM raw.site_tracking_reprocess_r"
                                                + " WHERE settled_before IS NOT NULL")
                                .get(0));
        List<String> old = visits.sessions(sent, OLD);
        List<String> unsettled = new ArrayList<>(old);
        unsettled.removeIf(session -> Instant.parse(session.split(" ")[3]).isBefore(settled));
        List<String> stored = Visits.stored(database, "business");
        assertThat(of("acme", stored))
                .containsAll(of("acme", visits.sessions(visits.before(1), NEW)))
                .containsAll(of("acme", unsettled));
        for (String tenant : List.of("lantern", "nimbus")) {
            assertThat(of(tenant, stored)).isEqualTo(of(tenant, old));
        }
    }

    private static List<String> of(String tenant, List<String> sessions) {
        return sessions.stream().filter(session -> session.startsWith(tenant)).toList();
    }

    private List<String> ofOthers() throws Exception {
        List<String> rows = VaultRows.ofTenant(database, "lantern");
        rows.addAll(VaultRows.ofTenant(database, "nimbus"));
        return rows;
    }

    /** Nothing has changed then. */
    private void assertUndoNeedsTheFormerSavepoint() throws Exception {
        Path former =
                Path.of(
                        URI.create(
                                database.texts(
                                                "SELECT live_savepoint"
                                                        + " FROM raw.site_tracking_reprocess_r")
                                        .get(0)));
        Path away = former.resolveSibling("away");
        Files.move(former, away);
        assertRefused("SAVEPOINT_NOT_FOUND", "undo");
        Files.move(away, former);
    }

    private void assertRefused(String code, String... command) throws Exception {
        String noted = "SELECT t::text FROM raw.site_tracking_reprocess_r AS t";
        List<String> before = database.texts(noted);

        ReprocessRun run = ReprocessRun.of(settings, onCluster(command));

        assertThat(run.errors()).hasSize(1).first().asString().startsWith("Failed: " + code + ":");
        assertThat(run.exitCode()).isEqualTo(Program.FAILED);
        assertThat(database.texts(noted)).isEqualTo(before);
    }

    private RunningJob live() throws Exception {
        // As on its command line: the file does not say so.
        JobSettings job = JobSettings.of(settings).with(Map.of("record-source", "by hand"));
        RunningJob live =
                flink.submit(SiteTrackingJob.NAME, env -> SiteTrackingJob.define(env, job));
        JobRuns.await(live::runs);
        return live;
    }

    /** Does something while views come and a reader asks without end. */
    private void whileEventsCome(int until, Callable<?> action) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService others = Executors.newFixedThreadPool(2);
        try {
            Future<?> streaming = others.submit(() -> stream(until));
            Future<Duration> reading = others.submit(() -> ask(over));
            action.call();
            streaming.get();
            over.set(true);
            System.out.println("Longest wait of a reader: " + reading.get().toMillis() + " ms");
        } finally {
            others.shutdownNow();
        }
    }

    private Void stream(int until) throws Exception {
        while (sent < until) {
            send(Math.min(until, sent + 4));
        }
        return null;
    }

    private void send(int until) throws Exception {
        runs.append(input, visits.lines(sent, until));
        sent = until;
    }

    /** As long as there are any for then. */
    private Void sendOne() throws Exception {
        send(Math.min(visits.before(1) * 3 / 4, sent + 1));
        return null;
    }

    /** There are some, whichever tables they are read from. */
    private Duration ask(AtomicBoolean over) throws Exception {
        Duration longest = Duration.ZERO;
        while (!over.get()) {
            long began = System.nanoTime();
            long events = database.number(EVENTS);
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            assertThat(events).isPositive();
            longest = took.compareTo(longest) > 0 ? took : longest;
        }
        return longest;
    }

    private void drain(RunningJob job, String group) throws Exception {
        new TopicEnd(runs.bootstrapServers(), input, group).drain(database, job::requireAlive);
    }

    private void assertProductionHas(Duration gap) throws Exception {
        awaitSessions("business", gap);
        gone.assertCounted("");
        for (String tenant : TENANTS) {
            long counted =
                    visits.sessions(sent, gap).stream()
                            .filter(session -> session.startsWith(tenant))
                            .count();
            assertThat(database.number(COUNTED.formatted(tenant))).isEqualTo(counted);
        }
        VaultRows.assertSound(database);
        assertThat(VaultRows.ledger(database))
                .containsEntry("ACCEPTED", (long) sent + ForgottenUser.events());
        gone.assertGone();
    }

    private void awaitSessions(String layer, Duration gap) throws Exception {
        List<String> expected = visits.sessions(sent, gap);
        JobRuns.await(
                () -> difference(layer, expected).isNone(), () -> difference(layer, expected));
    }

    private SessionDifference difference(String layer, List<String> expected) throws Exception {
        return new SessionDifference(database, layer, Visits.stored(database, layer), expected);
    }

    /** By tenant, client and start, as its key says. */
    private void assertDiffTellsTheRecounts() throws Exception {
        List<String> before = visits.sessions(sent, OLD);
        List<String> after = visits.sessions(sent, NEW);
        Map<String, List<String>> expected = new TreeMap<>();
        expected.put("added", minus(keys(after), keys(before)));
        expected.put("removed", minus(keys(before), keys(after)));
        List<String> changed = new ArrayList<>(keys(minus(after, before)));
        changed.removeAll(expected.get("added"));
        expected.put("changed", changed);

        JsonNode diff =
                new ObjectMapper().readTree(reprocess("diff", "--json", "--examples", "1000000"));

        Map<String, List<String>> told = new TreeMap<>();
        expected.keySet().forEach(verdict -> told.put(verdict, new ArrayList<>()));
        for (JsonNode example : diff.get("examples")) {
            String[] session = Visits.named(example.get("session").asText()).split("[_.]");
            Instant start = Instant.ofEpochMilli(Long.parseLong(session[2]));
            told.get(example.get("verdict").asText())
                    .add(example.get("tenant").asText() + ' ' + session[1] + ' ' + start);
        }
        told.values().forEach(list -> list.sort(null));
        assertThat(told).isEqualTo(expected);
        assertThat(diff.get("equal").asBoolean()).isFalse();
    }

    private static List<String> keys(List<String> sessions) {
        return sessions.stream().map(one -> one.replaceFirst("(\\S+ \\S+ \\S+) .*", "$1")).toList();
    }

    private static List<String> minus(List<String> some, List<String> others) {
        List<String> rest = new ArrayList<>(some);
        rest.removeAll(others);
        return rest;
    }

    /** On the stack's cluster; a diff needs none. */
    private String operate(String... command) {
        return reprocess(onCluster(command));
    }

    private String[] onCluster(String... command) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of("--jobmanager", address()));
        return all.toArray(new String[0]);
    }

    private String address() {
        return flink.webUi().replaceFirst("http://", "");
    }

    private String reprocess(String... command) {
        ReprocessRun run = ReprocessRun.of(settings, command);
        assertThat(run.errors()).isEmpty();
        assertThat(run.exitCode()).isIn(Program.OK, Program.VIOLATED);
        run.output().lines().filter(line -> line.contains("paused")).forEach(System.out::println);
        return run.output();
    }
}
