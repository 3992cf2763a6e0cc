package io.onevault.tracking.collector;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Finds the door of a path, and makes an answer of whatever goes wrong behind it. A request that
 * needs not wait is handled by the thread that has read it, which no other one has to be woken for.
 */
final class Doors extends Handler.Abstract.NonBlocking {

    private static final List<String> READING = List.of("GET", "HEAD");

    /**
     * What says who comes and how the body is read; who looks at another one sees another thing.
     */
    private static final Set<HttpHeader> ONCE =
            EnumSet.of(
                    HttpHeader.AUTHORIZATION,
                    HttpHeader.ORIGIN,
                    HttpHeader.CONTENT_TYPE,
                    HttpHeader.CONTENT_ENCODING);

    private final CollectorMetrics metrics;
    private final Executor threads;
    private final Map<String, Door> byPath = new HashMap<>();
    private final Map<String, Door> byPrefix = new LinkedHashMap<>();

    /** What is behind a path, by which methods it may be asked, and whether it may have to wait. */
    private record Door(
            String path, List<String> methods, Handler handler, Predicate<Request> mayWait) {}

    /**
     * @param threads for requests that may have to wait, as for the database
     */
    Doors(CollectorMetrics metrics, Executor threads) {
        this.metrics = metrics;
        this.threads = threads;
    }

    /**
     * Adds a door that is only read; a path that ends in a slash stands for all below it, but for
     * the root, which stands for itself.
     */
    Doors add(String path, Handler door) {
        return add(path, READING, door);
    }

    Doors add(String path, List<String> methods, Handler door) {
        return add(path, methods, door, request -> true);
    }

    /**
     * Adds a door.
     *
     * @param mayWait tells of requests that may have to wait; of others it must be sure
     */
    Doors add(String path, List<String> methods, Handler door, Predicate<Request> mayWait) {
        boolean isPrefix = path.endsWith("/") && path.length() > 1;
        (isPrefix ? byPrefix : byPath).put(path, new Door(path, methods, door, mayWait));
        return this;
    }

    /** Adds a folder of pages, which is found without its slash, too. */
    Doors addPages(String folder, FileDoor pages) {
        return add(folder, pages)
                .add(folder.substring(0, folder.length() - 1), new RedirectDoor(folder));
    }

    /**
     * The path as it was written. Nothing is decoded nor left out of it: whoever stands before the
     * collector and guards a path must see the one that counts here.
     */
    static String path(Request request) {
        String path = request.getHttpURI().getPath();
        return path == null ? "" : path;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        long began = System.nanoTime();
        Answers.closeToOthers(response);
        Door door = find(path(request));
        Request.addCompletionListener(
                request,
                failure ->
                        metrics.served(
                                door == null ? "none" : door.path(), System.nanoTime() - began));
        try {
            Door open = require(door, request, response);
            if (open.mayWait().test(request)) {
                threads.execute(() -> enter(open, request, response, callback));
            } else {
                enter(open, request, response, callback);
            }
        } catch (Throwable e) {
            Answers.fail(new Exchange(request, response, callback), e, metrics);
        }
        return true;
    }

    private void enter(Door door, Request request, Response response, Callback callback) {
        try {
            door.handler().handle(request, response, callback);
        } catch (Throwable e) {
            Answers.fail(new Exchange(request, response, callback), e, metrics);
        }
    }

    private static Door require(@Nullable Door door, Request request, Response response) {
        if (request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)) {
            // Most ways to smuggle a request are oddly cut chunks, and no sender needs them.
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
            throw Refused.inChunks();
        }
        if (isRepeated(request.getHeaders())) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
            throw Refused.unread(400);
        }
        if (door == null) {
            throw Refused.because(404, "NOT_FOUND", "There is nothing here.");
        }
        if (!door.methods().contains(request.getMethod())) {
            String methods = String.join(", ", door.methods());
            response.getHeaders().put(HttpHeader.ALLOW, methods);
            throw Refused.because(405, "METHOD_NOT_ALLOWED", "This is done by " + methods + ".");
        }
        return door;
    }

    private static boolean isRepeated(HttpFields headers) {
        Set<HttpHeader> seen = EnumSet.noneOf(HttpHeader.class);
        for (HttpField field : headers) {
            HttpHeader header = field.getHeader();
            if (header != null && ONCE.contains(header) && !seen.add(header)) {
                return true;
            }
        }
        return false;
    }

    private @Nullable Door find(String path) {
        Door exact = byPath.get(path);
        if (exact != null) {
            return exact;
        }
        for (Door door : byPrefix.values()) {
            if (path.startsWith(door.path())) {
                return door;
            }
        }
        return null;
    }
}
