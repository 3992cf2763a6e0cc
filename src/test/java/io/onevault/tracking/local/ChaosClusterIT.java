package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.local.ChaosReport.Round;
import io.onevault.tracking.migrate.TestDatabase;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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

    private static final int ROUNDS = Integer.getInteger("chaos.rounds", 3);
    private static final long SEED = Long.getLong("chaos.seed", System.nanoTime());
    private static final int OUTAGE_SECONDS = 10;
    private static final int PARTITIONS = 2;
    private static final String TOPIC = "chaos";
    private static final String GROUP = "chaos";
    private static final JobRuns.Input INPUT = new JobRuns.Input(TOPIC, PARTITIONS, 2);

    private final Random random = new Random(SEED);

    @Test
    void leavesWhatAnUndisturbedRunLeaves(ClusterStack stack) throws Exception {
        stack.topic(TOPIC, PARTITIONS);
        TestDatabase disturbed = vault(stack);
        List<Round> rounds = disturb(stack, disturbed);
        TestDatabase undisturbed = vault(stack);
        Path file = stack.jobFile("undisturbed", TOPIC, undisturbed);
        String job = stack.submit(file, 2);
        stack.drain(job, INPUT, "undisturbed", undisturbed);
        stack.flink().rest().cancel(job);

        long records = records(stack);
        long lost = records - VaultRows.ledger(disturbed).get("RECEIVED");
        String events = "SELECT count(*) FROM business.site_event_h";
        long doubled = disturbed.number(events) - undisturbed.number(events);
        new ChaosReport(SEED, rounds, records, lost, doubled, load()).write();
        assertThat(lost).isZero();
        assertThat(VaultRows.ledger(disturbed))
                .isEqualTo(VaultRows.ledger(undisturbed))
                .containsKeys("DUPLICATE", "REJECTED DATABASE_REFUSED");
        VaultRows.assertSound(disturbed);
        VaultRows.assertSame(VaultRows.fingerprint(disturbed), VaultRows.fingerprint(undisturbed));
    }

    private static TestDatabase vault(ClusterStack stack) throws Exception {
        TestDatabase vault = stack.postgres().vault(ChaosLoad.TENANTS);
        VaultRows.refuse(vault, ChaosLoad.REFUSED_TYPE, "22003");
        return vault;
    }

    private List<Round> disturb(ClusterStack stack, TestDatabase vault) throws Exception {
        List<Round> rounds = new ArrayList<>();
        try (TcpProxy network = new TcpProxy(stack.postgres().port());
                ChaosLoad load = new ChaosLoad(stack.kafka().bootstrapServers(), TOPIC, SEED)) {
            Path file = stack.jobFile(GROUP, TOPIC, vault.through(network.port()));
            Disturbed job = new Disturbed(stack, network, file, stack.submit(file, 2));
            load.start();
            for (ChaosFault fault : faults()) {
                job.run(random.nextInt(4_000));
                System.out.println("Chaos: " + fault);
                job.suffer(fault);
                rounds.add(new Round(fault, job.catchUp()));
            }
            load.stop();
            stack.drain(job.id, INPUT, GROUP, vault);
            stack.flink().rest().cancel(job.id);
        }
        return rounds;
    }

    /** Every fault comes equally often, in an order of the seed. */
    private List<ChaosFault> faults() {
        List<ChaosFault> faults = new ArrayList<>();
        while (faults.size() < ROUNDS) {
            List<ChaosFault> deck = new ArrayList<>(List.of(ChaosFault.values()));
            Collections.shuffle(deck, random);
            faults.addAll(deck);
        }
        return faults.subList(0, ROUNDS);
    }

    private static long records(ClusterStack stack) {
        return TopicReader.records(stack.kafka().bootstrapServers(), TOPIC, PARTITIONS);
    }

    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    /** The job and what can happen to it. */
    private static final class Disturbed {

        private final ClusterStack stack;
        private final TcpProxy network;
        private final Path file;
        private String id;
        private int killed;

        Disturbed(ClusterStack stack, TcpProxy network, Path file, String id) {
            this.stack = stack;
            this.network = network;
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
                    String checkpoint = stack.flink().rest().latestCheckpoint(id).orElseThrow();
                    stack.flink().kill("jobmanager");
                    stack.flink().startJobManager();
                    stack.flink().awaitTaskManagers(2);
                    id = stack.submit(file, 2, "--fromSavepoint", checkpoint);
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
            }
        }

        /** Seconds until everything is committed that is in the topic now. */
        double catchUp() throws Exception {
            long start = System.nanoTime();
            try (Admin admin = stack.kafka().admin();
                    Offsets offsets = new Offsets(admin, GROUP, TOPIC, PARTITIONS)) {
                var ends = offsets.ends();
                JobRuns.await(() -> offsets.lag(ends) == 0);
            }
            return Math.round((System.nanoTime() - start) / 1e8) / 10.0;
        }
    }
}
