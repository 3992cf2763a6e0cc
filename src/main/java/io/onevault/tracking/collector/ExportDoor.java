package io.onevault.tracking.collector;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Hands out all that is held of a visitor of the key's tenant, line by line. */
final class ExportDoor extends Handler.Abstract {

    static final String PATH = "/write/export";

    private static final String CALL = "api.export_visitor(?, ?::jsonb)" + Question.BY_KEY;
    private static final String NOTE = "auth.site_tracking_note_export(?)" + Question.BY_KEY;
    private static final int LONGEST_BODY = 4 * 1024;

    private final Doorkeeper doorkeeper;
    private final Vault vault;
    private final Body body;

    ExportDoor(Doorkeeper doorkeeper, Vault vault, Duration patience, BodyBudget budget) {
        this.doorkeeper = doorkeeper;
        this.vault = vault;
        this.body = new Body(LONGEST_BODY, 0, patience, budget);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Site site = doorkeeper.manager(request);
        Exchange exchange = new Exchange(request, response, callback);
        body.read(
                request,
                response,
                doorkeeper.address(request),
                visitor -> export(site, visitor, exchange),
                refused -> vault.fail(exchange, refused));
        return true;
    }

    private void export(Site site, byte[] visitor, Exchange exchange) {
        try {
            String asked = new String(visitor, StandardCharsets.UTF_8);
            vault.answerLines(
                    site, Question.byKey(NOTE, site), Question.byKey(CALL, site, asked), exchange);
        } catch (RuntimeException e) {
            vault.fail(exchange, e);
        }
    }
}
