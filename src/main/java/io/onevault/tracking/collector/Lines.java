package io.onevault.tracking.collector;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;

/** An answer of lines, each sent as it comes; a refusal is the only line, and is not sent. */
final class Lines {

    private static final String TYPE = "application/x-ndjson";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Response response;
    private @Nullable OutputStream out;
    private @Nullable String refusal;

    Lines(Response response) {
        this.response = response;
    }

    void add(String line) throws IOException {
        if (out == null && isRefusal(line)) {
            refusal = line;
        } else {
            out = begun();
            out.write(line.getBytes(StandardCharsets.UTF_8));
            out.write('\n');
        }
    }

    /** Not called after a failure: it would end the answer as if it were whole. */
    @Nullable String end() throws IOException {
        if (refusal == null) {
            begun().close();
        }
        return refusal;
    }

    /** By a member of its own: what visitors sent may say the same further inside. */
    private static boolean isRefusal(String line) throws IOException {
        return JSON.readTree(line).has("success");
    }

    private OutputStream begun() {
        if (out != null) {
            return out;
        }
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, TYPE);
        return Content.Sink.asOutputStream(response);
    }
}
