package io.onevault.tracking.collector;

import java.nio.channels.Selector;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.eclipse.jetty.io.ManagedSelector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the thread that reads connections do what others hand it, which must not wait. It is woken
 * once for all that is due: Kafka acknowledges many events at once, and each answer has its
 * connection read on.
 */
final class ReadingThread implements Executor, ManagedSelector.SelectorUpdate {

    private static final Logger LOG = LoggerFactory.getLogger(ReadingThread.class);

    private final Consumer<ManagedSelector.SelectorUpdate> waking;
    private final Queue<Runnable> due = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean isWoken = new AtomicBoolean();

    /**
     * @param waking has the thread do something as soon as it can
     */
    ReadingThread(Consumer<ManagedSelector.SelectorUpdate> waking) {
        this.waking = waking;
    }

    @Override
    public void execute(Runnable task) {
        due.add(task);
        wake();
    }

    private void wake() {
        if (isWoken.compareAndSet(false, true)) {
            waking.accept(this);
        }
    }

    @Override
    public void update(Selector woken) {
        for (Runnable task = due.poll(); task != null; task = due.poll()) {
            run(task);
        }
        isWoken.set(false);
        // What came after the last look found it woken.
        if (!due.isEmpty()) {
            wake();
        }
    }

    /** What fails must not keep the others from their answers. */
    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A connection can't go on", e);
        }
    }
}
