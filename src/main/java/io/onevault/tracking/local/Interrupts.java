package io.onevault.tracking.local;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Requests to stop, by Ctrl-C or by a kill, so that the main thread stops the stack in order. With
 * a shutdown hook instead, Flink's own hooks would pull the files away at the same time. A second
 * request ends the process at once.
 */
public final class Interrupts {

    private static final int EXIT_INTERRUPTED = 130;

    /** Some programs send a signal to a process and to its group, which makes two of one. */
    private static final Duration SAME_REQUEST = Duration.ofSeconds(1);

    private final CountDownLatch asked = new CountDownLatch(1);
    private long askedAt;

    /** Turns the signals of this process into requests. */
    void listen() {
        for (String signal : List.of("INT", "TERM")) {
            handle(signal);
        }
    }

    /** The handler's type is no part of Java's API, so it is only named at run time. */
    private void handle(String name) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object onSignal =
                    Proxy.newProxyInstance(
                            Interrupts.class.getClassLoader(),
                            new Class<?>[] {handler},
                            (proxy, method, arguments) -> {
                                request();
                                return null;
                            });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), onSignal);
        } catch (ReflectiveOperationException unsupported) {
            // Such a JVM ends at once; the next run recovers from the last checkpoint.
            return;
        }
    }

    synchronized void request() {
        long now = System.nanoTime();
        if (!isAsked()) {
            askedAt = now;
            asked.countDown();
        } else if (now - askedAt > SAME_REQUEST.toNanos()) {
            Runtime.getRuntime().halt(EXIT_INTERRUPTED);
        }
    }

    public boolean isAsked() {
        return asked.getCount() == 0;
    }

    /** Waits for a request, but no longer than given; returns whether there is one. */
    boolean await(Duration atMost) throws InterruptedException {
        return asked.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    void await() throws InterruptedException {
        asked.await();
    }

    /** Lets the caller go on only while nobody has asked to stop. */
    public void pause(Duration pause) throws InterruptedException {
        if (await(pause)) {
            throw new StopRequestedException();
        }
    }
}
