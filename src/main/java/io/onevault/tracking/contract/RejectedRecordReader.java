package io.onevault.tracking.contract;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerationException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.onevault.tracking.event.Limits;
import io.onevault.tracking.event.Signals;
import io.onevault.tracking.text.CanonicalText;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Tells why a record breaks the contract, and reads of it what can be read. */
final class RejectedRecordReader {

    private static final Set<Member> SIGNALS = Set.of(Member.CONSENT, Member.GPC, Member.DNT);

    private final JsonFactory json = JsonFactories.lenient();
    private final UnaryOperator<String> redactJson;

    /** The redacted copy of a record, up to what is no JSON. */
    private record Copy(String text, boolean isWhole) {}

    RejectedRecordReader(UnaryOperator<String> redactJson) {
        this.redactJson = redactJson;
    }

    Decoded.Rejected read(Violation violation, byte[] value) {
        ReadableMembers members = new ReadableMembers();
        // Not from the bytes: this way malformed UTF-8 becomes U+FFFD instead of an error.
        int start = Utf8.afterMarks(value);
        String text = new String(value, start, value.length - start, StandardCharsets.UTF_8);
        Copy copy = copy(text, members);
        return new Decoded.Rejected(
                violation.reason(),
                violation.field(),
                violation.expected(),
                members.tenantBk(),
                members.named(),
                members.occurredAt(),
                copy.isWhole() ? payload(copy.text()) : null,
                signals(copy.text()));
    }

    private @Nullable String payload(String copy) {
        String payload = redactJson.apply(copy);
        return CanonicalText.utf8Length(payload) <= Limits.RECORD_BYTES ? payload : null;
    }

    /**
     * By the same rules as those of an event, whatever else in the record breaks them. An {@code
     * event_data} that is no object may hold a denial that nobody reads.
     */
    private static Signals signals(String copy) {
        if (!copy.startsWith("{")) {
            return Signals.NONE;
        }
        RawMembers members = new RawMembers();
        boolean isReadable = keepSignals(RawEventReader.object(copy), false, members);
        Signals told = Consent.signals(members);
        return isReadable || told.analytics() != null
                ? told
                : new Signals(false, told.gpc(), told.dnt());
    }

    /** Whether nothing was there that may hold signals, but can't be read. */
    private static boolean keepSignals(Map<?, ?> from, boolean inEventData, RawMembers members) {
        boolean isReadable = true;
        for (Map.Entry<?, ?> entry : from.entrySet()) {
            Member.Name name = Member.names().get(entry.getKey());
            if (name == null) {
                continue;
            }
            if (SIGNALS.contains(name.member())) {
                members.put(name, inEventData, entry.getValue());
            } else if (name.member() == Member.EVENT_DATA && !inEventData) {
                isReadable =
                        entry.getValue() instanceof Map<?, ?> data
                                ? keepSignals(data, true, members)
                                : isEmpty(entry.getValue());
            }
        }
        return isReadable;
    }

    /** Also as some languages write an object without members. */
    private static boolean isEmpty(Object data) {
        return data instanceof List<?> elements
                ? elements.isEmpty()
                : !(data instanceof String text) || text.isBlank();
    }

    /** What is no JSON gives no payload, but what stands before the error counts. */
    private Copy copy(String text, ReadableMembers members) {
        StringWriter out = new StringWriter();
        boolean isWhole;
        try (JsonParser parser = json.createParser(text);
                JsonGenerator generator = json.createGenerator(out)) {
            isWhole = isCopied(parser, generator, members);
        } catch (IOException e) {
            throw new UncheckedIOException("Reading from memory does not fail", e);
        }
        return new Copy(out.toString(), isWhole);
    }

    private static boolean isCopied(
            JsonParser parser, JsonGenerator generator, ReadableMembers members)
            throws IOException {
        try {
            JsonToken token = parser.nextToken();
            if (token == null) {
                return false;
            }
            new PayloadRewriter(parser, generator, members).rewrite(token);
            return parser.nextToken() == null;
        } catch (JsonProcessingException noJson) {
            endMember(generator);
            return false;
        }
    }

    /** The generator closes what is open, but for a name that waits for its value. */
    private static void endMember(JsonGenerator generator) throws IOException {
        try {
            generator.writeNull();
        } catch (JsonGenerationException noneWaits) {
            // Then it is whole.
        }
    }
}
