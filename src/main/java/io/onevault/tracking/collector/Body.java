package io.onevault.tracking.collector;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads bodies of requests.
 *
 * @param most bytes that one may have
 * @param least bytes that each takes of the budget, as what it is unpacked to
 * @param patience how long one may be on its way
 * @param budget of all doors
 */
record Body(int most, int least, Duration patience, BodyBudget budget) {

    private static final Logger LOG = LoggerFactory.getLogger(Body.class);

    /**
     * Reads the request's, and tells why where that is not possible. Its bytes are the address's
     * until the request is answered.
     *
     * @throws Refused when it is not read at all
     */
    void read(
            Request request,
            Response response,
            String address,
            Consumer<byte[]> taken,
            Consumer<Refused> failed) {
        long told = request.getLength();
        if (told < 0) {
            throw Refused.withoutLength();
        }
        if (told > most) {
            throw Refused.tooLong(most);
        }
        int length = (int) told;
        int held = Math.max(least, length);
        String sender = budget.take(address, held);
        Request.addCompletionListener(request, failure -> budget.giveBack(sender, held));
        new Reading(
                        request,
                        new byte[length],
                        patience,
                        taken,
                        failure -> {
                            // What is left of the body must not be taken for another request.
                            response.getHeaders().put(HttpHeader.CONNECTION, "close");
                            failed.accept(unread(failure));
                        })
                .run();
    }

    private static Refused unread(Throwable failure) {
        LOG.debug("A body could not be read", failure);
        return failure instanceof TimeoutException
                ? Refused.unread(408)
                : Refused.because(400, "BODY_UNREADABLE", "The body could not be read.");
    }

    /**
     * A body on its way. It is copied into what its length takes, for a piece that is kept keeps
     * the whole buffer that it came in, however short it is.
     */
    private static final class Reading implements Runnable {

        private final Request request;
        private final byte[] body;
        private final Duration patience;
        private final Consumer<byte[]> taken;
        private final Consumer<Throwable> failed;
        private int read;
        private Scheduler.@Nullable Task cut;

        private Reading(
                Request request,
                byte[] body,
                Duration patience,
                Consumer<byte[]> taken,
                Consumer<Throwable> failed) {
            this.request = request;
            this.body = body;
            this.patience = patience;
            this.taken = taken;
            this.failed = failed;
        }

        @Override
        public void run() {
            Content.Chunk chunk = request.read();
            while (chunk != null) {
                if (Content.Chunk.isFailure(chunk)) {
                    end();
                    failed.accept(chunk.getFailure());
                    return;
                }
                read += chunk.get(body, read, body.length - read);
                chunk.release();
                if (chunk.isLast()) {
                    end();
                    taken.accept(body);
                    return;
                }
                chunk = request.read();
            }
            if (cut == null) {
                cut = cutLater();
            }
            request.demand(this);
        }

        /** A body that trickles would hold its connection for ever; most are there at once. */
        private Scheduler.Task cutLater() {
            return request.getComponents()
                    .getScheduler()
                    .schedule(
                            () -> request.fail(new TimeoutException("the body came too slowly")),
                            patience.toMillis(),
                            TimeUnit.MILLISECONDS);
        }

        private void end() {
            if (cut != null) {
                cut.cancel();
            }
        }
    }
}
