package io.onevault.tracking.job.session;

import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.state.SessionEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Plays events of several partitions through the session windows into a {@link SessionVault}, with
 * failures between the steps: a failure rolls the windows back to a snapshot, and what came after
 * it is delivered again, the partitions interleaved anew. What the vault has got meanwhile stays.
 */
final class SessionReplay {

    private static final int PARTITIONS = 3;
    private static final int MOST_FAILURES = 3;
    private static final int GAP_MILLIS = 1_800_000;

    private final List<SessionEvent> events;
    private final int[] partition;
    private final Random random;
    private final WindowHarness windows;
    private final SessionVault vault;
    private final List<SessionUpdate> unwritten = new ArrayList<>();

    /** What was read of the topic, by partition: its records in order. */
    private int[] read = new int[PARTITIONS];

    private long watermark = Long.MIN_VALUE;
    private int failures;
    private Snapshot snapshot;

    private record Snapshot(WindowHarness.Kept state, int[] read, long watermark) {}

    /**
     * @param events in the order in which they are appended
     */
    SessionReplay(
            List<SessionEvent> events,
            WindowHarness.Drawing drawing,
            SessionVault vault,
            Random random)
            throws Exception {
        this.events = events;
        this.random = random;
        this.vault = vault;
        windows = new WindowHarness(drawing);
        partition = new int[events.size()];
        for (int i = 0; i < partition.length; i++) {
            partition[i] = random.nextInt(PARTITIONS);
        }
        snapshot = new Snapshot(windows.keep(), read.clone(), watermark);
    }

    /** Plays all of it and closes every session. */
    void run(Duration earlyFiring, long endMillis) throws Exception {
        for (int appended = 1; appended <= events.size(); appended++) {
            readAllOf(appended);
            if (failures < MOST_FAILURES && random.nextInt(12) == 0) {
                fail();
                readAllOf(appended);
            }
            // Silence: time goes on while there is nothing to read.
            if (random.nextInt(4) == 0) {
                advance(greatest(appended) + GAP_MILLIS - random.nextInt(2 * GAP_MILLIS));
            }
        }
        if (random.nextBoolean()) {
            fail();
            readAllOf(events.size());
        }
        windows.pass(earlyFiring);
        advance(endMillis);
        flush(true);
        windows.close();
    }

    int failures() {
        return failures;
    }

    private void readAllOf(int appended) throws Exception {
        List<Integer> open = open(appended);
        while (!open.isEmpty()) {
            int from = open.get(random.nextInt(open.size()));
            SessionEvent event = events.get(positions(from, appended).get(read[from]));
            read[from]++;
            windows.receive(event);
            if (random.nextInt(10) == 0) {
                windows.receive(event);
            }
            step(appended);
            open = open(appended);
        }
    }

    /** What may happen between any two events. */
    private void step(int appended) throws Exception {
        if (random.nextInt(3) == 0) {
            windows.pass(Duration.ofMillis(random.nextInt(3_000)));
        }
        if (random.nextInt(3) == 0) {
            advance(slowest(appended));
        }
        flush(false);
        if (random.nextInt(6) == 0) {
            // Whatever was made before a snapshot is written before it.
            flush(true);
            snapshot = new Snapshot(windows.keep(), read.clone(), watermark);
        }
    }

    private void fail() throws Exception {
        failures++;
        unwritten.clear();
        windows.goBack(snapshot.state());
        read = snapshot.read().clone();
        watermark = Long.MIN_VALUE;
        advance(snapshot.watermark());
    }

    private void flush(boolean all) {
        unwritten.addAll(windows.written());
        // A micro-batch is full between any two updates.
        int full = random.nextInt(unwritten.size() + 1);
        vault.write(List.copyOf(unwritten.subList(0, full)));
        unwritten.subList(0, full).clear();
        if (all) {
            vault.write(List.copyOf(unwritten));
            unwritten.clear();
        }
    }

    private void advance(long millis) throws Exception {
        if (millis > watermark) {
            watermark = millis;
            windows.watermark(millis);
        }
    }

    /** Partitions that are not at their end. */
    private List<Integer> open(int appended) {
        List<Integer> open = new ArrayList<>();
        for (int one = 0; one < PARTITIONS; one++) {
            if (read[one] < positions(one, appended).size()) {
                open.add(one);
            }
        }
        return open;
    }

    private List<Integer> positions(int one, int appended) {
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < appended; i++) {
            if (partition[i] == one) {
                positions.add(i);
            }
        }
        return positions;
    }

    /** The time of the partition that is furthest behind, of those that are not at their end. */
    private long slowest(int appended) {
        long slowest = Long.MAX_VALUE;
        for (int one : open(appended)) {
            long greatest = Long.MIN_VALUE;
            for (int position : positions(one, appended).subList(0, read[one])) {
                greatest = Math.max(greatest, millis(position));
            }
            slowest = Math.min(slowest, greatest);
        }
        return slowest == Long.MAX_VALUE ? greatest(appended) : slowest;
    }

    private long greatest(int appended) {
        long greatest = Long.MIN_VALUE;
        for (int i = 0; i < appended; i++) {
            greatest = Math.max(greatest, millis(i));
        }
        return greatest;
    }

    private long millis(int position) {
        return events.get(position).occurredAt().toEpochMilli();
    }

    /** Events that came too late since the last start. */
    List<SessionEvent> late() {
        return windows.late();
    }

    @Override
    public String toString() {
        return "partitions " + Arrays.toString(partition) + ", failures " + failures;
    }
}
