package io.onevault.tracking.collector;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Hands out all that is held of a visitor of the key's tenant, line by line. */
final class ExportDoor extends Handler.Abstract {

    static final String PATH = "/write/export";

    private static final String CALL = "api.export_visitor(?, ?::jsonb)";
    private static final int LONGEST_BODY = 4 * 1024;
    private static final String LINES = "application/x-ndjson";

    private final Doorkeeper doorkeeper;
    private final Database database;
    private final Body body;

    ExportDoor(Doorkeeper doorkeeper, Database database, Duration patience) {
        this.doorkeeper = doorkeeper;
        this.database = database;
        this.body = new Body(LONGEST_BODY, patience);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        body.read(
                request,
                response,
                visitor -> export(visitor, request, response, callback),
                refused -> Answers.refuse(request, response, callback, refused));
        return true;
    }

    private void export(byte[] visitor, Request request, Response response, Callback callback) {
        try {
            Site site = doorkeeper.manager(request);
            String asked = new String(visitor, StandardCharsets.UTF_8);
            response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, LINES);
            // Not closed after a failure: that would end the answer as if it were whole.
            OutputStream out = Content.Sink.asOutputStream(response);
            database.lines(new Question.Asked(CALL, List.of(site.tenantBk(), asked)), out);
            out.close();
            callback.succeeded();
        } catch (SQLException e) {
            fail(request, response, callback, Vault.refused(e));
        } catch (IOException e) {
            callback.failed(e);
        } catch (RuntimeException e) {
            fail(request, response, callback, e);
        }
    }

    /** What began as lines can only be cut. */
    private static void fail(
            Request request, Response response, Callback callback, RuntimeException failure) {
        if (response.isCommitted()) {
            callback.failed(failure);
        } else {
            response.getHeaders().remove(HttpHeader.CONTENT_TYPE);
            Answers.fail(request, response, callback, failure);
        }
    }
}
