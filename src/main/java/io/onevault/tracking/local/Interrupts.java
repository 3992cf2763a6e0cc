package io.onevault.tracking.local;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Waits for Ctrl-C, so that the main thread stops the stack in order. With a shutdown hook instead,
 * Flink's own hooks would pull the files away at the same time. A second Ctrl-C ends at once.
 */
final class Interrupts {

    private static final int EXIT_INTERRUPTED = 130;

    private final CountDownLatch asked = new CountDownLatch(1);

    /** From now on Ctrl-C and a kill are requests to stop. */
    static Interrupts install() {
        Interrupts interrupts = new Interrupts();
        for (String signal : List.of("INT", "TERM")) {
            interrupts.handle(signal);
        }
        return interrupts;
    }

    /** The handler's type is no part of Java's API, so it is only named at run time. */
    private void handle(String name) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler onSignal =
                    (proxy, method, arguments) ->
                            switch (method.getName()) {
                                case "handle" -> request();
                                case "equals" -> proxy == arguments[0];
                                case "hashCode" -> System.identityHashCode(proxy);
                                default -> method.getName();
                            };
            Object proxy =
                    Proxy.newProxyInstance(
                            Interrupts.class.getClassLoader(), new Class<?>[] {handler}, onSignal);
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException | IllegalArgumentException unsupported) {
            Runtime.getRuntime().addShutdownHook(new Thread(this::request));
        }
    }

    private Object request() {
        if (isAsked()) {
            Runtime.getRuntime().halt(EXIT_INTERRUPTED);
        }
        asked.countDown();
        return asked;
    }

    boolean isAsked() {
        return asked.getCount() == 0;
    }

    void await() throws InterruptedException {
        asked.await();
    }
}
