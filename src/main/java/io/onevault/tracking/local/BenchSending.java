package io.onevault.tracking.local;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The thread that generates and sends. It lives until it is closed: the CPU time of a thread that
 * has ended can't be read.
 */
final class BenchSending implements AutoCloseable {

    private final FutureTask<Void> task;
    private final CountDownLatch closed = new CountDownLatch(1);

    private BenchSending(Callable<Void> work) {
        task = new FutureTask<>(work);
    }

    static BenchSending start(Callable<Void> work) {
        BenchSending sending = new BenchSending(work);
        startDaemon(sending::run, BenchThreads.GENERATOR_THREAD);
        return sending;
    }

    static Thread startDaemon(Runnable work, String name) {
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

    boolean isDone() {
        return task.isDone();
    }

    /** Throws what made the sending fail, if anything did. */
    void requireWell() throws ExecutionException, InterruptedException {
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
