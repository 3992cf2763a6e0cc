package io.onevault.tracking.collector;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.onevault.tracking.event.Limits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The body of one request, cut into events: one object, an array of them, or an object with a
 * member {@code events} and the browser's signals beside it. Events stay the bytes they came as.
 *
 * @param events in order; one that is no JSON object is told by its bytes, too
 * @param gpc whether the browser signals Global Privacy Control
 * @param dnt whether it signals Do Not Track
 */
record Submission(List<Slice> events, boolean gpc, boolean dnt) {

    private static final int MOST_EVENTS = 1_000;

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(Limits.DEPTH + 10)
                                    .build())
                    .build();

    /** A part of the body. */
    record Slice(int from, int to, boolean isObject) {}

    /**
     * Cuts a body.
     *
     * @throws Refused when it is no JSON of such a form, or holds too many events
     */
    static Submission read(byte[] body) {
        try (JsonParser parser = JSON.createParser(body)) {
            Submission submission = read(parser);
            if (parser.nextToken() != null) {
                throw malformed();
            }
            return submission;
        } catch (IOException e) {
            throw malformed();
        }
    }

    private static Submission read(JsonParser parser) throws IOException {
        JsonToken first = parser.nextToken();
        if (first == JsonToken.START_ARRAY) {
            return new Submission(array(parser), false, false);
        }
        if (first != JsonToken.START_OBJECT) {
            throw first == null ? empty() : malformed();
        }
        return object(parser);
    }

    private static Submission object(JsonParser parser) throws IOException {
        int from = offset(parser);
        List<Slice> events = null;
        boolean gpc = false;
        boolean dnt = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("events") && value == JsonToken.START_ARRAY) {
                events = array(parser);
            } else {
                gpc |= name.equals("gpc") && value == JsonToken.VALUE_TRUE;
                dnt |= name.equals("dnt") && value == JsonToken.VALUE_TRUE;
                parser.skipChildren();
            }
        }
        return events == null
                ? new Submission(List.of(new Slice(from, end(parser), true)), false, false)
                : new Submission(events, gpc, dnt);
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
            events.add(new Slice(from, end(parser), token == JsonToken.START_OBJECT));
        }
        return events;
    }

    private static int offset(JsonParser parser) {
        return (int) parser.currentTokenLocation().getByteOffset();
    }

    private static int end(JsonParser parser) {
        return (int) parser.currentLocation().getByteOffset();
    }

    private static Refused malformed() {
        return Refused.because(400, "MALFORMED_JSON", "The body is no JSON of events.");
    }

    private static Refused empty() {
        return Refused.because(400, "EMPTY", "The body is empty.");
    }
}
