package io.onevault.tracking.collector;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.onevault.tracking.contract.Consent;
import io.onevault.tracking.event.Limits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The body of one request, cut into events: one object, an array of them, or an object with a
 * member {@code events} and the browser's signals beside it. Events stay the bytes they came as,
 * but for values that are nested far too deep.
 *
 * @param events in order; one that is no JSON object is told by its bytes, too
 * @param gpc whether the browser signals Global Privacy Control
 * @param dnt whether it signals Do Not Track
 */
record Submission(List<Slice> events, boolean gpc, boolean dnt) {

    private static final int MOST_EVENTS = 1_000;
    private static final String EVENTS = "events";

    /** What is open while it is read takes memory; the contract refuses half of that. */
    private static final int DEPTH = 2 * Limits.DEPTH;

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    // Unknown names are up to the client: interning them would fill the JVM's
                    // table.
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
                    // What is too long is one event's fault, and told of that event; so is what is
                    // too deep.
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNameLength(CollectDoor.LONGEST_BODY)
                                    .maxNumberLength(CollectDoor.LONGEST_BODY)
                                    .maxNestingDepth(DEPTH)
                                    .build())
                    .build();

    /** A part of the body. */
    record Slice(int from, int to, boolean isObject) {}

    /** A body that is one event. */
    static Submission of(byte[] event) {
        return new Submission(List.of(new Slice(0, event.length, true)), false, false);
    }

    /**
     * Cuts a body, and takes out of it what is nested far deeper than any event may be.
     *
     * @throws Refused when it is no JSON of such a form, or holds too many events
     */
    static Submission read(byte[] body) {
        try {
            return cut(body);
        } catch (StreamConstraintsException e) {
            return readDeep(body);
        } catch (IOException e) {
            throw malformed();
        }
    }

    /** Too deep is one event, of which the contract tells it; the others are none the worse. */
    private static Submission readDeep(byte[] body) {
        try {
            ShallowBody.make(body, DEPTH);
            return cut(body);
        } catch (IOException e) {
            throw malformed();
        }
    }

    private static Submission cut(byte[] body) throws IOException {
        try (JsonParser parser = JSON.createParser(body)) {
            Submission submission = read(parser);
            if (parser.nextToken() != null) {
                throw malformed();
            }
            return submission;
        }
    }

    private static Submission read(JsonParser parser) throws IOException {
        JsonToken first = parser.nextToken();
        if (first == null) {
            throw Refused.because(400, "EMPTY", "The body is empty.");
        }
        offset(parser);
        if (first == JsonToken.START_ARRAY) {
            return new Submission(array(parser), false, false);
        }
        if (first != JsonToken.START_OBJECT) {
            throw malformed();
        }
        return object(parser);
    }

    private static Submission object(JsonParser parser) throws IOException {
        int from = offset(parser);
        List<Slice> events = null;
        boolean gpc = false;
        boolean dnt = false;
        boolean isNamed = false;
        boolean tellsConsent = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            boolean isEvents = name.equals(EVENTS);
            if (isEvents && isNamed) {
                throw Refused.because(
                        400, "DUPLICATE_MEMBER", "The body has two members \"events\".");
            }
            isNamed |= isEvents;
            if (isEvents && value == JsonToken.START_ARRAY) {
                events = array(parser);
            } else {
                gpc |= name.equals("gpc") && isOn(parser, value);
                dnt |= name.equals("dnt") && isOn(parser, value);
                tellsConsent |= name.equals("consent");
                parser.skipChildren();
            }
        }
        if (events != null && tellsConsent) {
            // Left out, a denial would be none.
            throw Refused.because(
                    400,
                    "CONSENT_BESIDE_EVENTS",
                    "Consent is told in each event, not beside them.");
        }
        return events == null
                ? new Submission(List.of(new Slice(from, end(parser), true)), false, false)
                : new Submission(events, gpc, dnt);
    }

    /** As within an event. */
    private static boolean isOn(JsonParser parser, JsonToken value) throws IOException {
        return value.isScalarValue() && Consent.isSignal(parser.getText());
    }

    private static List<Slice> array(JsonParser parser) throws IOException {
        List<Slice> events = new ArrayList<>();
        for (JsonToken token = parser.nextToken();
                token != JsonToken.END_ARRAY;
                token = parser.nextToken()) {
            if (events.size() == MOST_EVENTS) {
                throw Refused.because(
                        413, "TOO_MANY_EVENTS", "A request holds at most 1000 events.");
            }
            int from = offset(parser);
            parser.skipChildren();
            // The end of a text is not looked for before somebody asks for it.
            parser.finishToken();
            events.add(new Slice(from, end(parser), token == JsonToken.START_OBJECT));
        }
        return events;
    }

    /** Jackson knows no offsets in bodies that it takes for UTF-16 or UTF-32. */
    private static int offset(JsonParser parser) {
        long offset = parser.currentTokenLocation().getByteOffset();
        if (offset < 0) {
            throw malformed();
        }
        return (int) offset;
    }

    private static int end(JsonParser parser) {
        return (int) parser.currentLocation().getByteOffset();
    }

    private static Refused malformed() {
        return Refused.because(400, "MALFORMED_JSON", "The body is no JSON of events.");
    }
}
