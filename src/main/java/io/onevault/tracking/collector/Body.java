package io.onevault.tracking.collector;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads bodies of requests.
 *
 * @param most bytes that one may have
 * @param patience how long one may be on its way
 */
record Body(int most, Duration patience) {

    private static final Logger LOG = LoggerFactory.getLogger(Body.class);

    /** Reads the request's, and tells why where that is not possible. */
    void read(
            Request request, Response response, Consumer<byte[]> taken, Consumer<Refused> failed) {
        Scheduler.Task cut = cutLater(request);
        Content.Source.asByteArrayAsync(
                request,
                most,
                Promise.Invocable.from(
                        Invocable.InvocationType.BLOCKING,
                        body -> {
                            cut.cancel();
                            taken.accept(body);
                        },
                        failure -> {
                            cut.cancel();
                            // What is left of the body must not be taken for another request.
                            response.getHeaders().put(HttpHeader.CONNECTION, "close");
                            failed.accept(unread(failure));
                        }));
    }

    /** A body that trickles would hold its connection for ever. */
    private Scheduler.Task cutLater(Request request) {
        return request.getComponents()
                .getScheduler()
                .schedule(
                        () -> request.fail(new TimeoutException("the body came too slowly")),
                        patience.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private static Refused unread(Throwable failure) {
        LOG.debug("A body could not be read", failure);
        if (failure instanceof IllegalStateException) {
            return Refused.unread(413);
        }
        return failure instanceof TimeoutException
                ? Refused.unread(408)
                : Refused.because(400, "BODY_UNREADABLE", "The body could not be read.");
    }
}
