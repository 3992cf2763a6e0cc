package io.onevault.tracking.collector;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes answers in the one form that all have: JSON, with {@code success} and a request's id. */
final class Answers {

    static final String JSON_TYPE = "application/json";
    static final String POLICY = "Content-Security-Policy";

    private static final String RESOURCE_POLICY = "Cross-Origin-Resource-Policy";
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
    private static final JsonFactory JSON = new JsonFactory();

    /** It is what its type says, and no part of any page; doors that are for others say so. */
    private static final HttpFields CLOSED =
            HttpFields.build()
                    .add(header("X-Content-Type-Options", "nosniff"))
                    .add(header("Referrer-Policy", "no-referrer"))
                    .add(header("X-Frame-Options", "DENY"))
                    .add(header(POLICY, "default-src 'none'; frame-ancestors 'none'"))
                    .add(header("Cross-Origin-Opener-Policy", "same-origin"))
                    .add(header(RESOURCE_POLICY, "same-origin"))
                    .add(header("Permissions-Policy", "camera=(), geolocation=(), microphone=()"))
                    .asImmutable();

    private static final String REQUEST_ID = Answers.class.getName() + ".id";

    private Answers() {}

    private static HttpField header(String name, String value) {
        return new PreEncodedHttpField(name, value);
    }

    /** What browsers are told of every answer, whichever door it comes from and whatever it is. */
    static void closeToOthers(Response response) {
        CLOSED.forEach(response.getHeaders()::put);
    }

    /** Lets pages of other origins have the answer. */
    static void openToOthers(Response response) {
        response.getHeaders().put(RESOURCE_POLICY, "cross-origin");
    }

    /** Writes members of a JSON object. */
    interface Members {
        void write(JsonGenerator json) throws IOException;
    }

    static byte[] json(Members members) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            members.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("no stream is involved", e);
        }
        return out.toByteArray();
    }

    static String text(Members members) {
        return new String(json(members), StandardCharsets.UTF_8);
    }

    static void send(Response response, int status, String type, byte[] body, Callback callback) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, ByteBuffer.wrap(body), callback);
    }

    /** The code and sentence of a refusal; nothing of what lies behind it. */
    static void refuse(Request request, Response response, Callback callback, Refused refused) {
        if (refused.retryAfterSeconds() > 0) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, refused.retryAfterSeconds());
        }
        String id = requestId(request);
        byte[] body =
                json(
                        json -> {
                            json.writeBooleanField("success", false);
                            json.writeStringField("error_code", refused.code());
                            json.writeStringField("message", refused.getMessage());
                            json.writeStringField("request_id", id);
                        });
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        if (!request.consumeAvailable()) {
            // The server hangs up where a body is still on its way; a client that was not told
            // would send its next request into that.
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
        send(response, refused.status(), JSON_TYPE, body, callback);
    }

    /** Makes an answer of whatever went wrong, which is counted before anybody is told. */
    static void fail(Exchange exchange, Throwable failure, CollectorMetrics metrics) {
        Refused refused = refused(exchange, failure);
        metrics.refused(refused.code());
        refuse(exchange.request(), exchange.response(), exchange.callback(), refused);
    }

    private static Refused refused(Exchange exchange, Throwable failure) {
        if (failure instanceof Refused refused) {
            return refused;
        }
        int status = status(failure);
        logIfFailed(exchange.request(), status, failure);
        exchange.response().getHeaders().put(HttpHeader.CONNECTION, "close");
        return Refused.unread(status);
    }

    /**
     * Jetty's own {@code asHttpException} takes whatever fails for a request that can't be read.
     */
    private static int status(Throwable failure) {
        if (failure instanceof HttpException unreadable) {
            return unreadable.getCode();
        }
        return failure instanceof IllegalArgumentException ? 400 : 500;
    }

    /** Logs why Jetty itself answers with 500; no door has seen that. */
    static void logIfFailed(Request request, int status) {
        logIfFailed(request, status, request.getAttribute(ErrorHandler.ERROR_EXCEPTION));
    }

    /** Not of those who hung up: anybody can, and nothing of ours has failed. */
    private static void logIfFailed(Request request, int status, @Nullable Object failure) {
        if (status == 500 && !(failure instanceof EofException)) {
            LOG.error("Request {} failed", requestId(request), failure);
        }
    }

    /** Names the request in its answer and in the log. */
    static String requestId(Request request) {
        Object known = request.getAttribute(REQUEST_ID);
        if (known != null) {
            return known.toString();
        }
        String id = UUID.randomUUID().toString();
        request.setAttribute(REQUEST_ID, id);
        return id;
    }
}
