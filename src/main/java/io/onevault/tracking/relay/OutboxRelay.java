package io.onevault.tracking.relay;

import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves events from the outbox to Kafka until it is closed: in order per key, each at least once. A
 * row is deleted in the transaction that locks out other relays, after the broker has acknowledged
 * it; so whatever fails is sent again, by this relay or another one.
 */
public final class OutboxRelay implements Runnable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OutboxRelay.class);
    private static final Duration RETRY = Duration.ofSeconds(2);
    private static final int LOOKS_APART = 10;

    /** What the relay stands between. */
    private enum Side {
        DATABASE,
        BROKER
    }

    // -- configuration
    private final RelaySettings settings;

    // -- runtime
    private final Rota rota;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Set<Side> failing = EnumSet.noneOf(Side.class);

    OutboxRelay(RelaySettings settings) {
        this.settings = settings;
        this.rota = new Rota(settings.batchSize());
    }

    /** Starts a relay in a thread of its own; closing it waits until the thread has ended. */
    public static OutboxRelay start(RelaySettings settings) {
        OutboxRelay relay = new OutboxRelay(settings);
        Thread thread = new Thread(relay, "outbox-relay");
        thread.setDaemon(true);
        thread.start();
        return relay;
    }

    @Override
    public void run() {
        LOG.info("Relay starts: {}", settings);
        List<PartByPart> chores =
                List.of(
                        PartByPart.erasures(settings),
                        PartByPart.retention(settings),
                        PartByPart.alerts(settings),
                        PartByPart.calls(settings));
        try (Broker broker = new Broker(settings)) {
            broker.prepare();
            while (isOpen()) {
                serve(broker);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            chores.forEach(PartByPart::close);
            closed.countDown();
            LOG.info("Relay stopped");
        }
    }

    /** Works on one connection to the database, as long as it lasts. */
    private void serve(Broker broker) throws InterruptedException {
        try (Outbox outbox = Outbox.connect(settings)) {
            recovered(Side.DATABASE);
            while (isOpen()) {
                work(outbox, broker);
            }
        } catch (SQLException e) {
            failed(Side.DATABASE, e);
            pause();
        }
    }

    private void work(Outbox outbox, Broker broker) throws SQLException, InterruptedException {
        try {
            long began = System.nanoTime();
            boolean isIdle = outbox.isIdle();
            long lookNanos = System.nanoTime() - began;
            if (isIdle || !relay(outbox, broker)) {
                rest(lookNanos);
            }
        } catch (BrokerException e) {
            failed(Side.BROKER, e);
            pause();
        }
    }

    /**
     * Sends one batch, unless another relay is at work.
     *
     * @return whether more may be waiting
     */
    private boolean relay(Outbox outbox, Broker broker)
            throws SQLException, BrokerException, InterruptedException {
        if (!outbox.lock()) {
            outbox.commit();
            return false;
        }
        Batch batch = rota.next(outbox);
        if (!batch.events().isEmpty()) {
            try {
                broker.send(batch.events());
            } catch (BrokerException e) {
                outbox.beat(false);
                outbox.commit();
                throw e;
            }
            outbox.delete(batch.events());
        }
        outbox.beat(true);
        outbox.commit();
        recovered(Side.BROKER);
        return batch.isCut();
    }

    /** Says so once, not at every attempt. */
    private void failed(Side side, Exception failure) {
        if (failing.add(side)) {
            LOG.warn("Events stay in the outbox, {} fails: {}", side, failure.getMessage());
        }
    }

    private void recovered(Side side) {
        if (failing.remove(side)) {
            LOG.info("Relay works again with {}", side);
        }
    }

    private boolean isOpen() {
        return closing.getCount() > 0;
    }

    /**
     * Sleeps until it is time to look again; longer where looking is slow, as in a table full of
     * dead rows, so that the relay keeps no core busy by it.
     */
    private void rest(long lookNanos) throws InterruptedException {
        long nanos = Math.max(settings.poll().toNanos(), LOOKS_APART * lookNanos);
        if (closing.await(nanos, TimeUnit.NANOSECONDS)) {
            LOG.debug("Relay ends with nothing to do");
        }
    }

    private void pause() throws InterruptedException {
        if (closing.await(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.info("Relay ends while {} fails", failing);
        }
    }

    /** Lets the batch at hand come to its end; what is not acknowledged by then stays. */
    @Override
    public void close() {
        closing.countDown();
        try {
            if (!closed.await(2 * settings.ackWait().toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("Relay does not end; its transaction will be rolled back");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
