package io.onevault.tracking.contract;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.onevault.tracking.event.Limits;
import io.onevault.tracking.event.RejectReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the bytes of one record in a single pass; breaches of its form are {@link Violation}s. */
final class RawEventReader {

    private static final JsonFactory JSON = JsonFactories.strict();

    /**
     * Containers around a member outside the contract. It ends up in {@code properties}, and is
     * counted as if it stood there, so that the canonical payload is never too deep.
     */
    private static final int OTHER_DEPTH = 2;

    /** Containers around items: what an item has beyond the contract ends up one level deeper. */
    private static final int ITEMS_DEPTH = 3;

    RawEvent read(byte[] value) {
        int start = Utf8.afterMarks(value);
        try (JsonParser parser = JSON.createParser(value, start, value.length - start)) {
            return read(parser);
        } catch (IOException e) {
            throw malformed();
        }
    }

    /** Reads the text of an object that was read and written before. */
    static Map<String, Object> object(String text) {
        try (JsonParser parser = JSON.createParser(text)) {
            parser.nextToken();
            return object(parser, 1);
        } catch (IOException e) {
            throw new UncheckedIOException("canonical JSON can be read again", e);
        }
    }

    private static RawEvent read(JsonParser parser) throws IOException {
        JsonToken token = parser.nextToken();
        if (token == null) {
            throw malformed();
        }
        if (token != JsonToken.START_OBJECT) {
            throw new Violation(RejectReason.NOT_AN_OBJECT, null, "a JSON object");
        }
        RawEvent event = new RawEvent(new RawMembers(), sorted(), sorted());
        readMembers(parser, event, false);
        if (parser.nextToken() != null) {
            throw malformed();
        }
        return event;
    }

    private static void readMembers(JsonParser parser, RawEvent event, boolean inEventData)
            throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String text = parser.currentName();
            JsonToken token = parser.nextToken();
            Member.Name name = Member.names().get(text);
            if (name == null || (inEventData && name.member() == Member.EVENT_DATA)) {
                Map<String, Object> others = inEventData ? event.dataOthers() : event.others();
                putOrRemove(others, Texts.nfc(text), value(parser, token, OTHER_DEPTH));
            } else if (name.member() == Member.EVENT_DATA) {
                readEventData(parser, token, event);
            } else {
                event.members().put(name, inEventData, value(parser, token, depthOf(name)));
            }
        }
    }

    private static void readEventData(JsonParser parser, JsonToken token, RawEvent event)
            throws IOException {
        if (token == JsonToken.START_OBJECT) {
            readMembers(parser, event, true);
        } else if (token != JsonToken.VALUE_NULL) {
            throw Member.EVENT_DATA.breach(RejectReason.WRONG_TYPE, "an object");
        }
    }

    private static int depthOf(Member.Name name) {
        Member member = name.member();
        return member == Member.ITEM || member == Member.ITEMS ? ITEMS_DEPTH : 1;
    }

    private static @Nullable Object value(JsonParser parser, JsonToken token, int depth)
            throws IOException {
        return switch (token) {
            case VALUE_STRING -> Texts.nfc(parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new NumberText(parser.getText());
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            case START_OBJECT -> object(parser, depth + 1);
            case START_ARRAY -> array(parser, depth + 1);
            default -> null;
        };
    }

    private static Map<String, Object> sorted() {
        return new TreeMap<>(MemberOrder.INSTANCE);
    }

    private static Map<String, Object> object(JsonParser parser, int depth) throws IOException {
        checkDepth(depth);
        Map<String, Object> members = sorted();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = Texts.nfc(parser.currentName());
            putOrRemove(members, name, value(parser, parser.nextToken(), depth));
        }
        return members;
    }

    /**
     * Of members with the same name the last one stays, unless the one before denies or objects,
     * and null means absent.
     */
    private static void putOrRemove(
            Map<String, Object> members, String name, @Nullable Object value) {
        Object before = value == null ? members.remove(name) : members.put(name, value);
        if (before != null && Consent.isObjection(Member.names().get(name), before)) {
            members.put(name, before);
        }
    }

    private static List<@Nullable Object> array(JsonParser parser, int depth) throws IOException {
        checkDepth(depth);
        List<@Nullable Object> elements = new ArrayList<>();
        for (JsonToken token = parser.nextToken();
                token != JsonToken.END_ARRAY;
                token = parser.nextToken()) {
            elements.add(value(parser, token, depth));
        }
        return elements;
    }

    private static void checkDepth(int depth) {
        if (depth > Limits.DEPTH) {
            throw new Violation(
                    RejectReason.TOO_DEEP, null, "at most " + Limits.DEPTH + " levels of nesting");
        }
    }

    private static Violation malformed() {
        return new Violation(RejectReason.MALFORMED_JSON, null, "one well-formed JSON text");
    }
}
