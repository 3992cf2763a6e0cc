package io.onevault.tracking.contract;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.onevault.tracking.event.Limits;
import io.onevault.tracking.event.Signals;
import io.onevault.tracking.text.CanonicalText;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Tells why a record breaks the contract, and reads of it what can be read. */
final class RejectedRecordReader {

    private final JsonFactory json = JsonFactories.lenient();
    private final RawEventReader reader = new RawEventReader();
    private final UnaryOperator<String> redactJson;

    RejectedRecordReader(UnaryOperator<String> redactJson) {
        this.redactJson = redactJson;
    }

    Decoded.Rejected read(Violation violation, byte[] value) {
        ReadableMembers members = new ReadableMembers();
        // Not from the bytes: this way malformed UTF-8 becomes U+FFFD instead of an error.
        int start = Utf8.afterMarks(value);
        String text = new String(value, start, value.length - start, StandardCharsets.UTF_8);
        String copy = null;
        try (JsonParser parser = json.createParser(text)) {
            copy = copy(parser, members);
        } catch (IOException e) {
            // Not JSON: there is no payload, but the members before the error still count.
        }
        return new Decoded.Rejected(
                violation.reason(),
                violation.field(),
                violation.expected(),
                members.tenantBk(),
                members.named(),
                members.occurredAt(),
                copy == null ? null : payload(copy),
                copy == null ? Signals.NONE : signals(copy));
    }

    private @Nullable String payload(String copy) {
        String payload = redactJson.apply(copy);
        return CanonicalText.utf8Length(payload) <= Limits.RECORD_BYTES ? payload : null;
    }

    /** By the same rules as those of an event, for the copy is JSON that keeps the contract. */
    private Signals signals(String copy) {
        try {
            return Consent.signals(reader.read(copy.getBytes(StandardCharsets.UTF_8)).members());
        } catch (Violation noObject) {
            return Signals.NONE;
        }
    }

    private @Nullable String copy(JsonParser parser, ReadableMembers members) throws IOException {
        StringWriter out = new StringWriter();
        try (JsonGenerator generator = json.createGenerator(out)) {
            JsonToken token = parser.nextToken();
            if (token == null) {
                return null;
            }
            new PayloadRewriter(parser, generator, members).rewrite(token);
            if (parser.nextToken() != null) {
                return null;
            }
        }
        return out.toString();
    }
}
