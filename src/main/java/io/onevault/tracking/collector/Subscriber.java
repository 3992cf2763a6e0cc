package io.onevault.tracking.collector;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** An open answer; what comes while the one before is on its way is left out. */
final class Subscriber {

    private static final long IDLE = Long.MIN_VALUE;

    private final Content.Sink sink;
    private final Callback end;
    private final Consumer<Throwable> cut;
    private final BooleanSupplier mayRead;
    private final Refusing refused;
    private boolean isBegun;
    private final AtomicLong busySince = new AtomicLong(System.nanoTime());

    /** Tells whoever looks why there are no more events. */
    interface Refusing {

        /** In place of events. */
        void answer(Refusal refusal);

        /** The same with what only its request knows, for the last event. */
        Refusal of(Refusal refusal);
    }

    /**
     * @param end ends the answer, well or not
     * @param cut gives up what is on its way
     * @param refused tells of a refusal
     */
    Subscriber(
            Content.Sink sink,
            Callback end,
            Consumer<Throwable> cut,
            BooleanSupplier mayRead,
            Refusing refused) {
        this.refused = refused;
        this.sink = sink;
        this.end = end;
        this.cut = cut;
        this.mayRead = mayRead;
    }

    boolean mayRead() {
        return mayRead.getAsBoolean();
    }

    /**
     * @param failure why it ends, unless that is well
     */
    void end(@Nullable Throwable failure) {
        if (failure == null) {
            end.succeeded();
        } else {
            end.failed(failure);
        }
    }

    /**
     * Sends the first event, if there is one; none is sent before.
     *
     * @param failed is told when it can't be sent
     */
    void begin(byte @Nullable [] event, Consumer<Throwable> failed) {
        if (event == null) {
            busySince.set(IDLE);
        } else {
            write(event, failed);
        }
    }

    /** Sends an event, but for who still reads the one before; cuts who does so for too long. */
    void push(byte[] event, Duration patience, Consumer<Throwable> failed) {
        if (isFree(patience)) {
            write(event, failed);
        }
    }

    /** Whether what comes may be sent; who sends it must do so. */
    boolean isFree(Duration patience) {
        long now = System.nanoTime();
        if (busySince.compareAndSet(IDLE, now)) {
            return true;
        }
        long since = busySince.get();
        if (since != IDLE && now - since > patience.toNanos()) {
            cut.accept(new TimeoutException("what is sent is not read"));
        }
        return false;
    }

    /** Ends by a refusal: it is the answer itself, or the last event where there were others. */
    void refuse(Refusal refusal) {
        if (isBegun) {
            String event = "event: error\ndata: " + refused.of(refusal).body() + "\n\n";
            sink.write(true, ByteBuffer.wrap(event.getBytes(StandardCharsets.UTF_8)), end);
        } else {
            refused.answer(refusal);
        }
    }

    private void write(byte[] event, Consumer<Throwable> failed) {
        isBegun = true;
        sink.write(false, ByteBuffer.wrap(event), Callback.from(() -> busySince.set(IDLE), failed));
    }
}
