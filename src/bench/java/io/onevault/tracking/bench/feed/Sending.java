package io.onevault.tracking.bench.feed;

import io.onevault.tracking.bench.gauge.ThreadGroups;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The thread that generates and sends. It lives until it is closed: the CPU time of a thread that
 * has ended can't be read.
 */
public final class Sending implements AutoCloseable {

    private final FutureTask<Void> task;
    private final CountDownLatch closed = new CountDownLatch(1);

    private Sending(Callable<Void> work) {
        task = new FutureTask<>(work);
    }

    public static Sending start(Callable<Void> work) {
        Sending sending = new Sending(work);
        startDaemon(sending::run, ThreadGroups.GENERATOR_THREAD);
        return sending;
    }

    public static Thread startDaemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void run() {
        task.run();
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public boolean isDone() {
        return task.isDone();
    }

    /** Throws what made the sending fail, if anything did. */
    public void requireWell() throws ExecutionException, InterruptedException {
        if (task.isDone()) {
            task.get();
        }
    }

    /** Ends the thread once all is sent. */
    @Override
    public void close() {
        closed.countDown();
    }
}
