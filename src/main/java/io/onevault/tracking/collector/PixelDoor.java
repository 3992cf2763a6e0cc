package io.onevault.tracking.collector;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Base64;
import java.util.UUID;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;

/**
 * Takes one event from an image's address, for pages without script and for e-mails. The image is
 * answered whatever the contract says; only what Kafka did not take is a 503.
 */
final class PixelDoor extends Handler.Abstract {

    private static final byte[] GIF =
            Base64.getDecoder().decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7");
    private static final String KEY = "key";
    private static final String TYPE = "evt_type";
    private static final String URL = "page_url";

    private final Taking taking;

    PixelDoor(Taking taking) {
        this.taking = taking;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Answers.openToOthers(response);
        Taking.Arrival arrival = taking.charge(taking.arrival(request), 0, response);
        byte[] body = Answers.json(json -> event(json, request));
        taking.take(
                new Exchange(request, response, callback),
                arrival,
                body,
                Submission.of(body),
                accepted -> image(response, callback));
        return true;
    }

    /** Members of the contract by their names, of a page view unless another type is named. */
    private static void event(JsonGenerator json, Request request) throws IOException {
        Fields parameters = Request.extractQueryParameters(request);
        json.writeStringField("event_id", UUID.randomUUID().toString());
        if (parameters.getValue(TYPE) == null) {
            json.writeStringField(TYPE, "page_view");
        }
        String page = request.getHeaders().get(HttpHeader.REFERER);
        if (parameters.getValue(URL) == null && page != null) {
            json.writeStringField(URL, page);
        }
        for (Fields.Field parameter : parameters) {
            if (!parameter.getName().equals(KEY)) {
                json.writeStringField(parameter.getName(), parameter.getValue());
            }
        }
    }

    private static void image(Response response, Callback callback) {
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        Answers.send(response, 200, "image/gif", GIF, callback);
    }
}
