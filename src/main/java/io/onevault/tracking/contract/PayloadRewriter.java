package io.onevault.tracking.contract;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.onevault.tracking.event.Limits;
import java.io.IOException;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Copies one JSON value so that PostgreSQL can store it: valid Unicode, bounded numbers and depth,
 * and no ids, address nor user agent of a person. Goes token by token: no nesting exhausts the
 * stack.
 */
final class PayloadRewriter {

    /** Stands for the ids, the address and the user agent of a person. */
    static final String REMOVED = "[removed]";

    /** Stands for what is nested deeper than the contract allows. */
    static final String TOO_DEEP = "[too deep]";

    private final JsonParser parser;
    private final JsonGenerator generator;
    private final ReadableMembers members;

    private int depth;
    private boolean inEventData;
    private Member.@Nullable Name name;

    PayloadRewriter(JsonParser parser, JsonGenerator generator, ReadableMembers members) {
        this.parser = parser;
        this.generator = generator;
        this.members = members;
    }

    /** Copies the value that begins with the token the parser stands on. */
    void rewrite(JsonToken first) throws IOException {
        JsonToken token = first;
        write(token);
        while (depth > 0) {
            token = parser.nextToken();
            if (token == null) {
                return;
            }
            write(token);
        }
    }

    private void write(JsonToken token) throws IOException {
        switch (token) {
            case FIELD_NAME -> name();
            case START_OBJECT, START_ARRAY -> open(token);
            case END_OBJECT, END_ARRAY -> close(token);
            default -> scalar(token);
        }
    }

    private void name() throws IOException {
        String text = parser.currentName();
        name = Member.names().get(text);
        generator.writeFieldName(Texts.storable(text));
    }

    private void open(JsonToken token) throws IOException {
        boolean personal = isPersonal();
        if (personal || depth == Limits.DEPTH) {
            parser.skipChildren();
            generator.writeString(personal ? REMOVED : TOO_DEEP);
            return;
        }
        depth++;
        if (depth == 2 && name != null && name.member() == Member.EVENT_DATA) {
            inEventData = true;
        }
        name = null;
        if (token == JsonToken.START_OBJECT) {
            generator.writeStartObject();
        } else {
            generator.writeStartArray();
        }
    }

    private void close(JsonToken token) throws IOException {
        depth--;
        inEventData &= depth >= 2;
        name = null;
        if (token == JsonToken.END_OBJECT) {
            generator.writeEndObject();
        } else {
            generator.writeEndArray();
        }
    }

    private void scalar(JsonToken token) throws IOException {
        if (name != null && (depth == 1 || (depth == 2 && inEventData))) {
            members.note(name, inEventData, token, parser.getText());
        }
        if (isPersonal() && token != JsonToken.VALUE_NULL) {
            generator.writeString(REMOVED);
            return;
        }
        switch (token) {
            case VALUE_STRING -> text(parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser.getText());
            case VALUE_TRUE, VALUE_FALSE -> generator.writeBoolean(token == JsonToken.VALUE_TRUE);
            default -> generator.writeNull();
        }
    }

    private boolean isPersonal() {
        if (name == null) {
            return false;
        }
        Member member = name.member();
        return member == Member.SESSION_ID
                || member == Member.VISITOR_ID
                || member == Member.USER_ID
                || member == Member.CLIENT_IP
                || member == Member.USER_AGENT;
    }

    private void text(String text) throws IOException {
        generator.writeString(Texts.storable(text));
    }

    private void number(String text) throws IOException {
        BigDecimal number =
                Decimals.bounded(text, JsonText.PROPERTY_DIGITS, JsonText.PROPERTY_DIGITS);
        if (number == null) {
            text(text);
        } else {
            generator.writeNumber(number.toPlainString());
        }
    }
}
