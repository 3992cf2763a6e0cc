package io.onevault.tracking.collector;

import com.fasterxml.jackson.core.JsonGenerator;
import io.onevault.tracking.event.Limits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.zip.GZIPInputStream;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Takes events: 202 when Kafka has acknowledged all of a request, 503 when it has not in time. */
final class CollectDoor extends Handler.Abstract {

    static final int LONGEST_BODY = 1024 * 1024;

    /** What reading one may take: names that are all different take ten times their bytes. */
    private static final long READING_BYTES = 20L * LONGEST_BODY;

    private static final List<String> TYPES = List.of("text/plain", Answers.JSON_TYPE);

    private final Taking taking;
    private final Executor large;
    private final Body plain;
    private final Body zipped;

    /**
     * @param large reads long bodies, {@link #largeAtOnce} of them; closed by who made it
     */
    CollectDoor(Taking taking, Executor large, Duration patience, BodyBudget budget) {
        this.taking = taking;
        this.large = large;
        this.plain = new Body(LONGEST_BODY, 0, patience, budget);
        this.zipped = new Body(LONGEST_BODY, LONGEST_BODY, patience, budget);
    }

    /** How many long bodies may be read at once: an eighth of the heap is theirs. */
    static int largeAtOnce() {
        long most = Runtime.getRuntime().maxMemory() / 8 / READING_BYTES;
        return (int) Math.max(1, Math.min(most, Runtime.getRuntime().availableProcessors()));
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Origins.readable(response, Origins.of(request));
        Taking.Arrival sent = taking.arrival(request);
        if (HttpMethod.OPTIONS.is(request.getMethod())) {
            Origins.preflight(response);
            Answers.send(response, 204, "text/plain", new byte[0], callback);
            return true;
        }
        Taking.Arrival arrival = taking.charge(sent, 0, response);
        checkType(request.getHeaders().get(HttpHeader.CONTENT_TYPE));
        boolean isGzip = isGzip(request, arrival.sender().isServer());
        Exchange exchange = new Exchange(request, response, callback);
        Executor reader =
                isGzip || request.getLength() > Limits.RECORD_BYTES ? large : Runnable::run;
        try {
            (isGzip ? zipped : plain)
                    .read(
                            request,
                            response,
                            arrival.sender().address(),
                            read -> reader.execute(() -> take(exchange, arrival, read, isGzip)),
                            refused -> taking.refuse(exchange, refused));
        } catch (Refused refused) {
            if (refused.retryAfterSeconds() > 0) {
                taking.turnAway(arrival, request.getLength());
            }
            throw refused;
        }
        return true;
    }

    private static boolean isGzip(Request request, boolean isServer) {
        String encoding = request.getHeaders().get(HttpHeader.CONTENT_ENCODING);
        if (encoding == null || encoding.equalsIgnoreCase("identity")) {
            return false;
        }
        if (!encoding.equalsIgnoreCase("gzip") || !isServer) {
            throw Refused.because(
                    415, "UNSUPPORTED_ENCODING", "A server's body may come in gzip, no other.");
        }
        return true;
    }

    /** The limit counts behind it. */
    private static byte[] inflate(byte[] body) {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            byte[] plain = in.readNBytes(LONGEST_BODY + 1);
            if (plain.length > LONGEST_BODY) {
                throw Refused.tooLong(LONGEST_BODY);
            }
            return plain;
        } catch (IOException e) {
            throw Refused.because(400, "BODY_UNREADABLE", "The body is no gzip.");
        }
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

    private void take(Exchange exchange, Taking.Arrival arrival, byte[] read, boolean isGzip) {
        try {
            Response response = exchange.response();
            Taking.Arrival paid = taking.charge(arrival, read.length, response);
            byte[] body = isGzip ? inflate(read) : read;
            paid = taking.charge(paid, body.length, response);
            Submission submission = Submission.read(body);
            taking.take(exchange, paid, body, submission, accepted -> answer(exchange, accepted));
        } catch (Throwable e) {
            taking.refuse(exchange, e);
        }
    }

    private static void answer(Exchange exchange, Accepted accepted) {
        String id = Answers.requestId(exchange.request());
        byte[] body = Answers.json(json -> write(json, accepted, id));
        exchange.response().getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        Answers.send(exchange.response(), 202, Answers.JSON_TYPE, body, exchange.callback());
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
