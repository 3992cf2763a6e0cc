package io.onevault.tracking.recover;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.onevault.tracking.contract.RejectedEntry;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * An event in a file to be edited, one JSON object a line: {@code from} tells which one it is,
 * {@code reason} why it was rejected, {@code event} is the event as it came, or {@code
 * event_base64} where it was no JSON.
 *
 * @param place {@code topic/partition/offset} of the original
 */
record EventLine(String place, byte[] event) {

    private static final String FROM = "from";
    private static final String EVENT = "event";
    private static final String BASE64 = "event_base64";
    private static final JsonFactory JSON = new JsonFactory();

    static String write(RejectedEntry entry, byte[] event) {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            json.writeStringField(FROM, entry.place());
            json.writeStringField("reason", String.valueOf(entry.reason()));
            String text = json(event);
            if (text == null) {
                json.writeStringField(BASE64, Base64.getEncoder().encodeToString(event));
            } else {
                json.writeFieldName(EVENT);
                json.writeRawValue(text);
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory does not fail", e);
        }
        return line.toString();
    }

    /** The bytes as one line of JSON; null when they are none. */
    private static @Nullable String json(byte[] event) {
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(event)).toString();
            try (JsonParser parser = JSON.createParser(text)) {
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    return null;
                }
                parser.skipChildren();
                // Between members only: in a text a raw line break is no JSON.
                return parser.nextToken() == null
                        ? text.replace('\n', ' ').replace('\r', ' ')
                        : null;
            }
        } catch (CharacterCodingException | JsonProcessingException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException("Reading from memory does not fail", e);
        }
    }

    /**
     * @param number told instead of the line, which is somebody's event
     * @throws IllegalArgumentException with a message for the user
     */
    static EventLine parse(String line, int number) {
        String place = null;
        byte[] event = null;
        try (JsonParser parser = JSON.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw refusal(number, "not a JSON object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case FROM -> place = parser.getText();
                    case EVENT -> event = verbatim(parser, line, number);
                    case BASE64 -> event = parser.getBinaryValue();
                    default -> parser.skipChildren();
                }
            }
        } catch (IOException e) {
            throw refusal(number, "not a JSON object");
        }
        if (place == null || event == null) {
            throw refusal(number, "needs \"from\" and \"event\"");
        }
        return new EventLine(place, event);
    }

    /** The value as it is written, digit by digit. */
    private static byte[] verbatim(JsonParser parser, String line, int number) throws IOException {
        int start = (int) parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        if (!parser.currentToken().isStructEnd()) {
            throw refusal(number, "\"event\" is no object");
        }
        int end = (int) parser.currentLocation().getCharOffset();
        return line.substring(start, end).getBytes(StandardCharsets.UTF_8);
    }

    private static IllegalArgumentException refusal(int number, String why) {
        return new IllegalArgumentException("line " + number + ": " + why);
    }
}
