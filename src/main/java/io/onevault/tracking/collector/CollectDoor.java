package io.onevault.tracking.collector;

import com.fasterxml.jackson.core.JsonGenerator;
import io.onevault.tracking.contract.TrackerEventDecoder;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes events: 202 when Kafka has acknowledged all of a request, 503 when it has not in time. No
 * thread waits for it.
 */
final class CollectDoor extends Handler.Abstract {

    static final int LONGEST_BODY = 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(CollectDoor.class);
    private static final List<String> TYPES = List.of("text/plain", Answers.JSON_TYPE);

    private final Doorkeeper doorkeeper;
    private final EventWriter writer;
    private final TrackerEventDecoder decoder;
    private final CollectorMetrics metrics;
    private final InstantSource clock;

    CollectDoor(
            Doorkeeper doorkeeper,
            EventWriter writer,
            TrackerEventDecoder decoder,
            CollectorMetrics metrics,
            InstantSource clock) {
        this.doorkeeper = doorkeeper;
        this.writer = writer;
        this.decoder = decoder;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Origins.readable(response, Origins.of(request));
        if (HttpMethod.OPTIONS.is(request.getMethod())) {
            doorkeeper.sender(request);
            Origins.preflight(response);
            Answers.send(response, 204, "text/plain", new byte[0], callback);
            return true;
        }
        if (!HttpMethod.POST.is(request.getMethod())) {
            response.getHeaders().put(HttpHeader.ALLOW, "POST, OPTIONS");
            throw Refused.because(405, "METHOD_NOT_ALLOWED", "Events are sent by POST.");
        }
        Doorkeeper.Sender sender = doorkeeper.sender(request);
        checkType(request.getHeaders().get(HttpHeader.CONTENT_TYPE));
        Instant receivedAt = clock.instant();
        Content.Source.asByteArrayAsync(
                request,
                LONGEST_BODY,
                Promise.Invocable.from(
                        Invocable.InvocationType.BLOCKING,
                        body -> take(request, response, callback, sender, receivedAt, body),
                        failure -> refuse(request, response, callback, unread(failure))));
        return true;
    }

    /** A type that a browser sends from anywhere without asking, or JSON; none counts as text. */
    private static void checkType(@Nullable String type) {
        if (type == null) {
            return;
        }
        int end = type.indexOf(';');
        String plain = (end < 0 ? type : type.substring(0, end)).strip();
        for (String known : TYPES) {
            if (known.equalsIgnoreCase(plain)) {
                return;
            }
        }
        throw Refused.because(
                415, "UNSUPPORTED_TYPE", "The body's type is text/plain or application/json.");
    }

    private static Refused unread(Throwable failure) {
        LOG.debug("A body could not be read", failure);
        return failure instanceof IllegalStateException
                ? Refused.because(413, "PAYLOAD_TOO_LARGE", "A body has at most 1 MiB.")
                : Refused.because(400, "BODY_UNREADABLE", "The body could not be read.");
    }

    private void take(
            Request request,
            Response response,
            Callback callback,
            Doorkeeper.Sender sender,
            Instant receivedAt,
            byte[] body) {
        try {
            Submission submission = Submission.read(body);
            doorkeeper.charge(sender, submission.events().size(), response);
            Stamp stamp = stamp(request.getHeaders(), sender, receivedAt, submission);
            Accepted accepted = Accepted.of(body, submission, stamp, decoder);
            writer.write(accepted.records())
                    .whenComplete(
                            (done, failure) -> {
                                if (failure != null) {
                                    LOG.debug("Kafka did not acknowledge", failure);
                                    refuse(request, response, callback, unavailable());
                                } else {
                                    answer(request, response, callback, accepted);
                                }
                            });
        } catch (Refused e) {
            refuse(request, response, callback, e);
        }
    }

    private static Stamp stamp(
            HttpFields headers,
            Doorkeeper.Sender sender,
            Instant receivedAt,
            Submission submission) {
        return new Stamp(
                sender.site(),
                receivedAt,
                sender.isServer() ? null : sender.address(),
                sender.isServer() ? null : headers.get(HttpHeader.USER_AGENT),
                submission.gpc() || "1".equals(headers.get("Sec-GPC")),
                submission.dnt() || "1".equals(headers.get("DNT")));
    }

    static Refused unavailable() {
        return Refused.later("BROKER_UNREACHABLE", "Events can't be kept now; send them again.");
    }

    private void refuse(Request request, Response response, Callback callback, Refused refused) {
        metrics.refused(refused.code());
        Answers.refuse(request, response, callback, refused);
    }

    private void answer(Request request, Response response, Callback callback, Accepted accepted) {
        metrics.accepted(accepted);
        String id = Answers.requestId(request);
        byte[] body = Answers.json(json -> write(json, accepted, id));
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        Answers.send(response, 202, Answers.JSON_TYPE, body, callback);
    }

    private static void write(JsonGenerator json, Accepted accepted, String requestId)
            throws IOException {
        boolean isTaken = !accepted.eventIds().isEmpty() || accepted.refusals().isEmpty();
        json.writeBooleanField("success", isTaken);
        if (!isTaken) {
            json.writeStringField("error_code", accepted.refusals().get(0).reason().name());
        }
        json.writeStringField("message", isTaken ? "Events taken" : "No event keeps the contract");
        json.writeObjectFieldStart("data");
        json.writeArrayFieldStart("event_ids");
        for (String eventId : accepted.eventIds()) {
            json.writeString(eventId);
        }
        json.writeEndArray();
        json.writeNumberField("events_accepted", accepted.eventIds().size());
        json.writeArrayFieldStart("events_rejected");
        for (Accepted.Refusal refusal : accepted.refusals()) {
            refusal.write(json);
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeStringField("request_id", requestId);
    }
}
