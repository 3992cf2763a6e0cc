package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.local.ChaosReport.Round;
import io.onevault.tracking.migrate.TestDatabase;
import java.io.Reader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The packaged job under a steady load while what it depends on is killed, stopped and cut off. It
 * must leave what an undisturbed run leaves.
 */
@ExtendWith(ClusterExtension.class)
class ChaosClusterIT {

    /** How many rounds of one fault each, or 0: every fault once, in two rounds. */
    private static final int ROUNDS = Integer.getInteger("chaos.rounds", 0);

    private static final String SALTS = "SELECT count(*) FROM auth.site_tracking_salt_s";

    private static final long SEED = Long.getLong("chaos.seed", 20_261_120);
    private static final int OUTAGE_SECONDS = ROUNDS > 0 ? 10 : 5;
    private static final int MOST_MILLIS_BETWEEN = ROUNDS > 0 ? 4_000 : 1_000;
    private static final int PARTITIONS = 2;
    private static final String TOPIC = "chaos";
    private static final String GROUP = "chaos";
    private static final String REFUSED = "REJECTED DATABASE_REFUSED";
    private static final JobRuns.Input INPUT = new JobRuns.Input(TOPIC, PARTITIONS, 2);

    private final Random random = new Random(SEED);

    @Test
    void leavesWhatAnUndisturbedRunLeaves(ClusterStack stack) throws Exception {
        stack.topic(TOPIC, PARTITIONS);
        stack.topic(JobRuns.REJECTED_TOPIC, 1);
        TestDatabase disturbed = vault(stack);
        TestDatabase undisturbed = vault(stack);
        List<Round> rounds = new ArrayList<>();
        try (TcpProxy network = new TcpProxy(stack.postgres().port());
                ChaosLoad load = new ChaosLoad(stack.kafka().bootstrapServers(), TOPIC, SEED)) {
            Path file = stack.jobFile(GROUP, TOPIC, disturbed.through(network.port()));
            Files.writeString(file, ChaosLoad.SMALL_BATCHES, StandardOpenOption.APPEND);
            Disturbed job = new Disturbed(stack, network, load, file, stack.submit(file, 2));
            long taken = 0;
            for (List<ChaosFault> faults : rounds()) {
                long before = records(stack);
                load.start();
                List<Double> seconds = new ArrayList<>();
                for (ChaosFault fault : faults) {
                    job.run(random.nextInt(MOST_MILLIS_BETWEEN));
                    System.out.println("Chaos: " + fault);
                    job.suffer(fault);
                    seconds.add(job.catchUp());
                    // A crash of the database takes the salts; the JobManager puts them back.
                    // Killed before, it would draw new ones, as docs/security.md tells.
                    JobRuns.await(() -> disturbed.number(SALTS) > 0);
                }
                load.stop();
                taken += records(stack) - before;
                // What a broker took and did not say before it went, the producer sends again.
                assertThat(taken).isGreaterThanOrEqualTo(load.sent());
                stack.drain(job.id, INPUT, GROUP, disturbed);
                VaultCopies.salts(disturbed, undisturbed);
                runUndisturbed(stack, file, undisturbed);
                compare(faults, taken, disturbed, undisturbed);
                rounds.add(new Round(faults, seconds, taken, 0, 0));
                new ChaosReport(SEED, rounds, load()).write();
            }
            stack.flink().rest().cancel(job.id);
            assertThat(disturbed.number(ChaosLoad.EVENTS_OF_REUSED_IDS))
                    .as("two events of each id that was used twice")
                    .isEqualTo(2 * load.reusedIds());
        }
        assertThat(VaultRows.ledger(disturbed)).containsKeys("DUPLICATE", REFUSED);
        assertThat(disturbed.texts(ChaosLoad.COOKIELESS_VISITORS))
                .as("the same visitors without cookies on two days, and those known on both")
                .containsExactly(ChaosLoad.AGENTS + " " + ChaosLoad.AGENTS + " 0");
    }

    /** How many records the topic holds, those of the tests' own ends included. */
    private static long records(ClusterStack stack) throws Exception {
        try (Admin admin = stack.kafka().admin();
                Offsets offsets = new Offsets(admin, GROUP, TOPIC, PARTITIONS)) {
            return offsets.ends().values().stream().mapToLong(Long::longValue).sum();
        }
    }

    private static TestDatabase vault(ClusterStack stack) throws Exception {
        TestDatabase vault = stack.postgres().vault(ChaosLoad.TENANTS);
        VaultRows.refuse(vault, ChaosLoad.REFUSED_TYPE, "22003");
        vault.execute(
                """
                INSERT INTO auth.tenant_site_tracking_s
                       (tenant_hk, load_date, time_zone, hash_diff, record_source)
                SELECT tenant_hk, '2026-01-01Z', '%s', util.hash_binary('-'), 'test'
                  FROM auth.tenant_h"""
                        .formatted(ChaosLoad.timeZone()));
        return vault;
    }

    /** In a cluster of its own that knows of no faults, from where it ended the last time. */
    private static void runUndisturbed(ClusterStack stack, Path jobFile, TestDatabase vault)
            throws Exception {
        Properties settings = new Properties();
        try (Reader reader = Files.newBufferedReader(jobFile)) {
            settings.load(reader);
        }
        Map<String, String> own = new HashMap<>();
        settings.forEach((key, value) -> own.put(key.toString(), value.toString()));
        own.put("kafka.group-id", "undisturbed");
        own.put("kafka.rejected-topic", JobRuns.REJECTED_TOPIC);
        own.put("database.url", vault.url());
        Path folder = stack.flink().home().resolve("undisturbed");
        TopicEnd end = new TopicEnd(stack.kafka().bootstrapServers(), INPUT, "undisturbed");
        JobRuns.run(
                folder,
                INPUT,
                own,
                Map.of("state.backend.type", "rocksdb"),
                job -> end.drain(vault, job::requireAlive));
    }

    private static void compare(
            List<ChaosFault> faults, long taken, TestDatabase disturbed, TestDatabase undisturbed)
            throws Exception {
        Map<String, Long> ledger = VaultRows.ledger(disturbed);
        String events = "SELECT count(*) FROM business.site_event_h";
        assertThat(ledger.get("RECEIVED"))
                .as("records told of those taken, after %s, seed %s", faults, SEED)
                .isEqualTo(taken);
        assertThat(disturbed.number(events) - undisturbed.number(events))
                .as("doubled after %s, seed %s", faults, SEED)
                .isZero();
        assertThat(ledger).isEqualTo(VaultRows.ledger(undisturbed));
        VaultRows.assertSound(disturbed);
        if (!VaultRows.same(disturbed, undisturbed)) {
            VaultRows.assertSame(
                    VaultRows.fingerprint(disturbed), VaultRows.fingerprint(undisturbed));
        }
    }

    private List<List<ChaosFault>> rounds() {
        if (ROUNDS == 0) {
            List<ChaosFault> all = faults(ChaosFault.values().length);
            return List.of(all.subList(0, all.size() / 2), all.subList(all.size() / 2, all.size()));
        }
        return faults(ROUNDS).stream().map(List::of).toList();
    }

    /** Every fault comes equally often, in an order of the seed. */
    private List<ChaosFault> faults(int count) {
        List<ChaosFault> faults = new ArrayList<>();
        while (faults.size() < count) {
            List<ChaosFault> deck = new ArrayList<>(List.of(ChaosFault.values()));
            Collections.shuffle(deck, random);
            faults.addAll(deck);
        }
        return faults.subList(0, count);
    }

    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    /** The job and what can happen to it. */
    private static final class Disturbed {

        private final ClusterStack stack;
        private final TcpProxy network;
        private final ChaosLoad load;
        private final Path file;
        private String id;
        private int killed;

        Disturbed(ClusterStack stack, TcpProxy network, ChaosLoad load, Path file, String id) {
            this.stack = stack;
            this.network = network;
            this.load = load;
            this.file = file;
            this.id = id;
        }

        /** Lets the job run undisturbed; resumable by a checkpoint. */
        void run(int millis) throws Exception {
            String running = id;
            FlinkRest rest = stack.flink().rest();
            JobRuns.await(() -> rest.latestCheckpoint(running).isPresent());
            TimeUnit.MILLISECONDS.sleep(millis);
        }

        void suffer(ChaosFault fault) throws Exception {
            switch (fault) {
                case TASK_MANAGER_KILLED -> {
                    List<String> running = stack.flink().taskManagers();
                    stack.flink().kill(running.get(killed % running.size()));
                    killed++;
                    stack.flink().startTaskManager("taskmanager-again-" + killed);
                }
                case JOB_MANAGER_KILLED -> {
                    stack.flink().kill("jobmanager");
                    // Asked before, it might tell one that is replaced by then.
                    Path checkpoint = new ResumePoints(stack.flink().home()).newest().orElseThrow();
                    stack.flink().startJobManager();
                    stack.flink().awaitTaskManagers(2);
                    id = stack.submit(file, 2, "--fromSavepoint", checkpoint.toString());
                }
                case DATABASE_DOWN -> {
                    stack.postgres().stopImmediately();
                    TimeUnit.SECONDS.sleep(OUTAGE_SECONDS);
                    stack.postgres().start();
                }
                case DATABASE_BACKEND_KILLED -> stack.postgres().killBackend();
                case BROKER_DOWN -> {
                    stack.kafka().stop();
                    TimeUnit.SECONDS.sleep(OUTAGE_SECONDS);
                    stack.kafka().start();
                }
                case NETWORK_CUT -> {
                    network.cut();
                    TimeUnit.SECONDS.sleep(OUTAGE_SECONDS);
                    network.mend();
                }
                case BATCH_REFUSED -> load.sendRefused();
            }
        }

        /** Seconds until everything is committed that is in the topic now. */
        double catchUp() throws Exception {
            long start = System.nanoTime();
            try (Admin admin = stack.kafka().admin();
                    Offsets offsets = new Offsets(admin, GROUP, TOPIC, PARTITIONS)) {
                var ends = offsets.ends();
                JobRuns.await(() -> offsets.lag(ends) == 0, () -> offsets.lags(ends));
            }
            return Math.round((System.nanoTime() - start) / 1e8) / 10.0;
        }
    }
}
