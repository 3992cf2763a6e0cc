package io.onevault.tracking.collector;

import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the door of a path, and makes an answer of whatever goes wrong behind it. */
final class Doors extends Handler.Abstract {

    private static final Logger LOG = LoggerFactory.getLogger(Doors.class);

    /** What browsers are told of every answer. */
    private static final HttpFields HEADERS =
            HttpFields.build()
                    .add("X-Content-Type-Options", "nosniff")
                    .add("Referrer-Policy", "no-referrer")
                    .asImmutable();

    private final CollectorMetrics metrics;
    private final Map<String, Handler> byPath = new LinkedHashMap<>();
    private final Map<String, Handler> byPrefix = new LinkedHashMap<>();

    Doors(CollectorMetrics metrics) {
        this.metrics = metrics;
    }

    /** Adds a door; a path that ends in a slash stands for all below it. */
    Doors add(String path, Handler door) {
        (path.endsWith("/") ? byPrefix : byPath).put(path, door);
        return this;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        HEADERS.forEach(field -> response.getHeaders().put(field));
        long began = System.nanoTime();
        String path = Request.getPathInContext(request);
        Map.Entry<String, Handler> door = find(path);
        Request.addCompletionListener(
                request,
                failure ->
                        metrics.served(
                                door == null ? "none" : door.getKey(), System.nanoTime() - began));
        try {
            if (door == null) {
                throw Refused.because(404, "NOT_FOUND", "There is nothing here.");
            }
            return door.getValue().handle(request, response, callback);
        } catch (Refused e) {
            metrics.refused(e.code());
            Answers.refuse(request, response, callback, e);
        } catch (RuntimeException e) {
            LOG.error("Request {} failed", Answers.requestId(request), e);
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
            Answers.refuse(
                    request,
                    response,
                    callback,
                    Refused.because(500, "INTERNAL_ERROR", "The log has the reason."));
        }
        return true;
    }

    private Map.@Nullable Entry<String, Handler> find(String path) {
        Handler exact = byPath.get(path);
        if (exact != null) {
            return Map.entry(path, exact);
        }
        for (Map.Entry<String, Handler> door : byPrefix.entrySet()) {
            if (path.startsWith(door.getKey())) {
                return door;
            }
        }
        return null;
    }
}
