package io.onevault.tracking.collector;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Tells whether the collector lives, whether it can take events, and what it counted. It can take
 * events while the broker is there; without the database known keys go on for an hour.
 */
final class StateDoor extends Handler.Abstract {

    static final String HEALTH = "/health";
    static final String LIVE = "/health/live";
    static final String READY = "/health/ready";
    static final String METRICS = "/metrics";

    private final EventWriter writer;
    private final DatabaseState database;
    private final CollectorMetrics metrics;

    StateDoor(EventWriter writer, DatabaseState database, CollectorMetrics metrics) {
        this.writer = writer;
        this.database = database;
        this.metrics = metrics;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        switch (Doors.path(request)) {
            case METRICS ->
                    Answers.send(response, 200, CollectorMetrics.TYPE, metrics.text(), callback);
            case LIVE -> send(response, callback, 200, "UP");
            case READY -> {
                // While the broker is away it goes on answering, events by when to come again.
                boolean isReady = writer.wasReached();
                send(response, callback, isReady ? 200 : 503, isReady ? "UP" : "DOWN");
            }
            default -> all(response, callback);
        }
        return true;
    }

    private void all(Response response, Callback callback) {
        boolean broker = writer.isThere();
        boolean vault = database.isThere();
        byte[] body =
                Answers.json(
                        json -> {
                            json.writeStringField("status", broker && vault ? "UP" : "DOWN");
                            json.writeStringField("kafka", broker ? "UP" : "DOWN");
                            json.writeStringField("database", vault ? "UP" : "DOWN");
                        });
        Answers.send(response, broker && vault ? 200 : 503, Answers.JSON_TYPE, body, callback);
    }

    private static void send(Response response, Callback callback, int status, String word) {
        byte[] body = Answers.json(json -> json.writeStringField("status", word));
        Answers.send(response, status, Answers.JSON_TYPE, body, callback);
    }
}
