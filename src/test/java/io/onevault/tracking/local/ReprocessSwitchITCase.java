package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.job.SiteTrackingJob;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.reprocess.ReprocessRun;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private static final String[] TENANTS = {"acme", "nimbus"};
    private static final Duration OLD = Duration.ofMinutes(30);
    private static final Duration NEW = Duration.ofMinutes(20);

    private static final String EVENTS = "SELECT count(*) FROM business.site_event_h";

    private static final String COUNTED =
            """
            SELECT api.get_session_analytics('%s',
                       '{"from": "2026-11-20", "to": "2026-11-22", "include_bots": true}')
                   #>> '{data,visits}'""";

    private final Visits visits = new Visits(List.of(TENANTS), 4, 40, 8);

    private TestDatabase database;
    private JobRuns runs;
    private FlinkCluster flink;
    private JobRuns.Input input;
    private int sent;

    @BeforeEach
    void start(TestPostgres postgres, @TempDir Path folder) throws Exception {
        database = postgres.vault();
        VaultRows.register(database, TENANTS);
        Map<String, String> options =
                Map.of("parallelism.default", "2", "execution.checkpointing.interval", "500 ms");
        runs = new JobRuns(folder);
        flink = FlinkCluster.start(folder.resolve("flink"), 0, options);
        input = runs.topic(List.of(), 2, 2);
    }

    @AfterEach
    void stop() throws Exception {
        flink.close();
        runs.close();
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>(runs.settings(GROUP, database));
        settings.put("kafka.topic", input.topic());
        return settings;
    }

    @Test
    void theSessionsAreThoseOfTheNewGapAndAfterAnUndoThoseOfTheOld() throws Exception {
        JobSettings job = JobSettings.of(settings());
        RunningJob live =
                flink.submit(SiteTrackingJob.NAME, env -> SiteTrackingJob.define(env, job));
        JobRuns.await(live::runs);
        // Sessions are open at the savepoint, and events come after it and while it is read.
        send(visits.before(1) / 2);
        awaitSessions("business", OLD);
        String savepoint = live.savepoint();
        send(visits.before(1) * 3 / 4);
        whileEventsCome(
                1, () -> operate("build", "--savepoint", savepoint, "--set", "session.gap=20 min"));
        drain(live, GROUP);
        drain(live, GROUP + "-reprocess");
        awaitSessions("business", OLD);
        awaitSessions("business_shadow", NEW);
        assertDiffTellsTheRecounts();

        whileEventsCome(2, () -> operate("switch"));
        drain(live, GROUP);
        assertProductionHas(NEW);

        whileEventsCome(3, () -> operate("undo"));
        drain(live, GROUP);
        assertProductionHas(OLD);
        operate("drop");
        assertProductionHas(OLD);
    }

    /** Does something while the views of a part come and a reader asks without end. */
    private void whileEventsCome(int part, Callable<?> action) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService others = Executors.newFixedThreadPool(2);
        try {
            Future<?> streaming = others.submit(() -> stream(visits.before(part)));
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

    /** What is counted never gets less, whichever tables it is read from. */
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
        for (String tenant : TENANTS) {
            long counted =
                    visits.sessions(sent, gap).stream()
                            .filter(session -> session.startsWith(tenant))
                            .count();
            assertThat(database.number(COUNTED.formatted(tenant))).isEqualTo(counted);
        }
        VaultRows.assertSound(database);
        assertThat(VaultRows.ledger(database)).containsEntry("ACCEPTED", (long) sent);
    }

    private void awaitSessions(String layer, Duration gap) throws Exception {
        List<String> expected = visits.sessions(sent, gap);
        JobRuns.await(
                () -> Visits.stored(database, layer).equals(expected),
                () -> layer + " with " + Visits.stored(database, layer).hashCode());
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
            String[] session = example.get("session").asText().split("[_.]");
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
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of("--jobmanager", flink.webUi().replaceFirst("http://", "")));
        return reprocess(all.toArray(new String[0]));
    }

    private String reprocess(String... command) {
        ReprocessRun run = ReprocessRun.of(settings(), command);
        assertThat(run.errors()).isEmpty();
        assertThat(run.exitCode()).isIn(Program.OK, Program.VIOLATED);
        run.output().lines().filter(line -> line.contains("paused")).forEach(System.out::println);
        return run.output();
    }
}
