package io.onevault.tracking.collector;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Answers questions by the api's functions, for the tenant of the key and within its link. */
final class ReadDoor extends Handler.Abstract {

    private static final String SITE = "site";
    private static final String STREAM = "text/event-stream";
    private static final String REALTIME = "realtime";

    /** What tells of no single visitor, and of no visit that does not pass: a link shows these. */
    private static final Set<String> FILTERED = Set.of("analytics", "funnel", REALTIME);

    /** What counts visits whether they pass or not: only a link without filters shows this. */
    private static final Set<String> UNFILTERED = Set.of("retention", "vitals");

    private final String prefix;
    private final Doorkeeper doorkeeper;
    private final Vault vault;
    private final LiveFeed feed;

    ReadDoor(String prefix, Doorkeeper doorkeeper, Vault vault, LiveFeed feed) {
        this.prefix = prefix;
        this.doorkeeper = doorkeeper;
        this.vault = vault;
        this.feed = feed;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Doorkeeper.Reader reader = doorkeeper.reader(request);
        Exchange exchange = new Exchange(request, response, callback);
        if (reader.guess() == null) {
            ask(reader, exchange);
        } else {
            vault.first(
                    reader.site(),
                    () -> doorkeeper.prove(reader),
                    () -> ask(reader, exchange),
                    exchange);
        }
        return true;
    }

    private void ask(Doorkeeper.Reader reader, Exchange exchange) {
        Site site = reader.site();
        Request request = exchange.request();
        String door = Doors.path(request).substring(prefix.length());
        if (door.equals(SITE)) {
            Vault.send(exchange, 200, Answers.json(json -> about(site, json)));
            return;
        }
        Question question = Question.of(door);
        if (question == null) {
            throw Refused.because(404, "NOT_FOUND", "There is nothing here.");
        }
        checkLink(site, door);
        Question.Asked asked = question.by(site, Request.extractQueryParameters(request));
        String accept = request.getHeaders().get(HttpHeader.ACCEPT);
        if (door.equals(REALTIME) && accept != null && accept.startsWith(STREAM)) {
            follow(reader, asked, exchange);
        } else {
            vault.answer(site, () -> asked, exchange);
        }
    }

    private void follow(Doorkeeper.Reader reader, Question.Asked asked, Exchange exchange) {
        Request request = exchange.request();
        Response response = exchange.response();
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, STREAM);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put("X-Accel-Buffering", "no");
        request.addIdleTimeoutListener(timeout -> false);
        feed.subscribe(
                reader.site().party(),
                reader.round(),
                asked,
                new Subscriber(
                        response,
                        exchange.callback(),
                        request::fail,
                        () -> doorkeeper.mayRead(request),
                        new Refusing(exchange)));
    }

    /** Tells who looks at live figures of a refusal. */
    private record Refusing(Exchange exchange) implements Subscriber.Refusing {

        @Override
        public void answer(Refusal refusal) {
            Vault.send(exchange, refusal);
        }

        @Override
        public Refusal of(Refusal refusal) {
            return refusal.to(exchange.request());
        }
    }

    private static void checkLink(Site site, String door) {
        Site.Link link = site.link();
        if (link != null
                && !FILTERED.contains(door)
                && !(link.isUnfiltered() && UNFILTERED.contains(door))) {
            throw Refused.because(
                    403, "FORBIDDEN", "A link shows figures, and none beyond its filters.");
        }
    }

    private static void about(Site site, JsonGenerator json) throws IOException {
        json.writeBooleanField("success", true);
        json.writeObjectFieldStart("data");
        json.writeStringField("tenant", site.tenantBk());
        json.writeStringField("timezone", site.timeZone());
        Site.Link link = site.link();
        if (link != null) {
            json.writeFieldName("link");
            json.writeRawValue("{\"filters\": " + link.filters() + "}");
        }
        json.writeArrayFieldStart("may");
        for (Site.Scope scope : Site.Scope.values()) {
            if (site.may(scope)) {
                json.writeString(scope.name().toLowerCase(Locale.ROOT));
            }
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
