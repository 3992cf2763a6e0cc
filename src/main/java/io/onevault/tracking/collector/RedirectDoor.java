package io.onevault.tracking.collector;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Leads from what people type to where the pages are. */
final class RedirectDoor extends Handler.Abstract {

    private final String target;

    RedirectDoor(String target) {
        this.target = target;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String query = request.getHttpURI().getQuery();
        response.getHeaders()
                .put(HttpHeader.LOCATION, query == null ? target : target + '?' + query);
        Answers.send(response, 302, "text/plain", new byte[0], callback);
        return true;
    }
}
