package io.onevault.tracking.job.admit;

import io.onevault.tracking.event.Tenant;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.apache.flink.util.clock.Clock;
import org.apache.flink.util.concurrent.ExecutorThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tenants that one subtask knows. A thread of its own reads them, so that no database, however
 * slow, holds up those that are known; when reading fails, they stay valid.
 */
final class TenantDirectory implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TenantDirectory.class);

    /** Who is new may be asked for often; one reading answers all who asked before it. */
    private static final Duration PACE = Duration.ofSeconds(1);

    /**
     * What the last successful reading found.
     *
     * @param readAtMillis when it began, by the relative clock
     */
    private record Snapshot(Tenants tenants, long readAtMillis) {}

    // -- configuration
    private final TenantReader reader;
    private final SaltMemory memory;
    private final Duration mostWait;
    private final Clock clock;

    // -- runtime
    private final TenantReadings readings;
    private final Thread thread;
    private volatile Snapshot snapshot = new Snapshot(Tenants.NONE, 0);
    private volatile @Nullable Exception failure;

    /**
     * @param refresh how often tenants are read when no unknown one is asked for
     * @param mostWait how long {@link #await} waits at most
     */
    TenantDirectory(
            TenantReader reader,
            SaltMemory memory,
            Duration refresh,
            Duration mostWait,
            Clock clock) {
        this.reader = reader;
        this.memory = memory;
        this.mostWait = mostWait;
        this.clock = clock;
        this.readings = new TenantReadings(refresh, PACE, clock);
        this.thread = new ExecutorThreadFactory("site-tracking-tenants").newThread(this::run);
    }

    /**
     * Waits for the first reading: without it, nobody could be told from nobody.
     *
     * @throws Exception when it fails
     */
    void open() throws Exception {
        thread.start();
        readings.awaitFirst();
        Exception failed = failure;
        if (failed != null) {
            throw failed;
        }
    }

    /** The tenant of the given business key, or null when none or several are known. */
    @Nullable Tenant find(String tenantBk) {
        return snapshot.tenants().byBk().get(tenantBk);
    }

    boolean isAmbiguous(String tenantBk) {
        return snapshot.tenants().ambiguous().contains(tenantBk);
    }

    boolean knows(String tenantBk) {
        return find(tenantBk) != null || isAmbiguous(tenantBk);
    }

    /** The salt of cookieless visitors on a day, or null when it is gone. */
    byte @Nullable [] salt(LocalDate day) {
        return snapshot.tenants().salts().get(day);
    }

    /** Asks for a reading that begins later than now, and returns its number. */
    long ask() {
        return readings.ask();
    }

    /** Whether what is known is at least as new as the reading of that number. */
    boolean answered(long number) {
        return readings.succeeded(number);
    }

    /** Waits a moment for the reading of that number, unless the database is slow or away. */
    void await(long number) throws InterruptedException {
        readings.await(number, mostWait);
    }

    /** How long ago what is known was read, in milliseconds. */
    long ageMillis() {
        return clock.relativeTimeMillis() - snapshot.readAtMillis();
    }

    @Override
    public void close() {
        readings.close();
        thread.interrupt();
    }

    private void run() {
        try {
            while (readings.begin()) {
                read();
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        } catch (Throwable fatal) {
            // The job's classes may be gone when a reading outlives its task; else the process
            // ends.
            if (!readings.isClosed()) {
                throw fatal;
            }
        }
    }

    private void read() throws InterruptedException {
        long now = clock.relativeTimeMillis();
        try {
            snapshot = new Snapshot(reader.read(memory), now);
            if (failure != null) {
                LOG.info("Tenants are read again");
            }
            failure = null;
        } catch (InterruptedException closing) {
            throw closing;
        } catch (Exception e) {
            if (failure == null) {
                LOG.warn("Tenants could not be read, those known stay valid: {}", e.getMessage());
            }
            failure = e;
            forgetSalts();
        }
        readings.end(failure == null);
    }

    /** They die in time, whether a database tells so or not. */
    private void forgetSalts() {
        Instant now = Instant.ofEpochMilli(clock.absoluteTimeMillis());
        LocalDate first = LocalDate.ofInstant(now, ZoneOffset.UTC).minusDays(1);
        Snapshot known = snapshot;
        snapshot = new Snapshot(known.tenants().withoutSaltsBefore(first), known.readAtMillis());
        try {
            memory.forgetBefore(first);
        } catch (IOException e) {
            LOG.warn("The JobManager could not be told to forget salts: {}", e.getMessage());
        }
    }
}
