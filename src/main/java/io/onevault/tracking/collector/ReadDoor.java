package io.onevault.tracking.collector;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers questions by the api's functions, for the tenant of the key. */
final class ReadDoor extends Handler.Abstract {

    private static final Logger LOG = LoggerFactory.getLogger(ReadDoor.class);
    private static final String SITE = "site";
    private static final String STREAM = "text/event-stream";
    private static final String REALTIME = "realtime";

    private final String prefix;
    private final Doorkeeper doorkeeper;
    private final Database database;
    private final LiveFeed feed;

    ReadDoor(String prefix, Doorkeeper doorkeeper, Database database, LiveFeed feed) {
        this.prefix = prefix;
        this.doorkeeper = doorkeeper;
        this.database = database;
        this.feed = feed;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Site site = doorkeeper.reader(request);
        String door = Doors.path(request).substring(prefix.length());
        if (door.equals(SITE)) {
            send(response, callback, 200, about(site));
            return true;
        }
        Question question = Question.of(door);
        if (question == null) {
            throw Refused.because(404, "NOT_FOUND", "There is nothing here.");
        }
        Question.Asked asked =
                question.by(site.tenantBk(), Request.extractQueryParameters(request));
        String accept = request.getHeaders().get(HttpHeader.ACCEPT);
        if (door.equals(REALTIME) && accept != null && accept.startsWith(STREAM)) {
            feed.subscribe(asked, () -> doorkeeper.mayRead(request), response, callback);
            return true;
        }
        String answer = ask(asked);
        send(response, callback, status(answer), answer.getBytes(StandardCharsets.UTF_8));
        return true;
    }

    private String ask(Question.Asked asked) {
        try {
            return database.ask(asked);
        } catch (SQLTransientException e) {
            throw Refused.later("DATABASE_UNREACHABLE", "The vault can't be asked now.");
        } catch (SQLException e) {
            // Class 22: an argument of its own that is no number or day.
            if (e.getSQLState() != null && e.getSQLState().startsWith("22")) {
                throw Refused.because(400, "INVALID_ARGUMENT", "A parameter can't be read.");
            }
            LOG.warn("The vault refuses a question, SQLSTATE {}", e.getSQLState());
            throw Refused.later("DATABASE_UNREACHABLE", "The vault can't be asked now.");
        }
    }

    /** The api tells success in its answer, {@code success} being the last of its members. */
    private static int status(String answer) {
        if (answer.endsWith("\"success\": true}")) {
            return 200;
        }
        return answer.contains("\"error_code\": \"INTERNAL_ERROR\"") ? 500 : 400;
    }

    private static byte[] about(Site site) {
        return Answers.json(
                json -> {
                    json.writeBooleanField("success", true);
                    json.writeObjectFieldStart("data");
                    json.writeStringField("tenant", site.tenantBk());
                    json.writeStringField("timezone", site.timeZone());
                    json.writeEndObject();
                });
    }

    private static void send(Response response, Callback callback, int status, byte[] body) {
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        Answers.send(response, status, Answers.JSON_TYPE, body, callback);
    }
}
