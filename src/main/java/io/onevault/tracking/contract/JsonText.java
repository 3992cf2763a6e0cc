package io.onevault.tracking.contract;

import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.text.CanonicalText;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes canonical JSON: plain decimals, shortest escapes, absent members left out, and a blank
 * after each comma and colon. It is how PostgreSQL writes a {@code jsonb}, so that SQL can hash the
 * same text. The caller names members in the order of {@link MemberOrder}.
 */
final class JsonText {

    /** Most digits on either side of the point of a property: exponents cannot blow a text up. */
    static final int PROPERTY_DIGITS = 64;

    private static final int SURE_INTEGER_DIGITS = 18;

    private final StringBuilder out;
    private boolean first = true;
    private int blanks;

    JsonText(int capacity) {
        this.out = new StringBuilder(capacity);
    }

    JsonText open(char bracket) {
        out.append(bracket);
        first = true;
        return this;
    }

    JsonText close(char bracket) {
        out.append(bracket);
        first = false;
        return this;
    }

    /** Starts an array element that is written by the next call. */
    JsonText element() {
        if (!first) {
            out.append(", ");
            blanks++;
        }
        first = false;
        return this;
    }

    /** Starts a member whose value is written by the next call; the name needs no escape. */
    JsonText name(String plainName) {
        element();
        out.append('"').append(plainName).append("\": ");
        blanks++;
        return this;
    }

    JsonText member(String name, @Nullable String value) {
        if (value != null) {
            name(name);
            string(value);
        }
        return this;
    }

    JsonText member(String name, @Nullable BigDecimal value) {
        if (value != null) {
            name(name);
            out.append(CanonicalText.plain(value));
        }
        return this;
    }

    JsonText member(String name, @Nullable Long value) {
        if (value != null) {
            name(name);
            out.append(value.longValue());
        }
        return this;
    }

    JsonText member(String name, @Nullable Boolean value) {
        return value == null ? this : name(name).raw(value.toString());
    }

    JsonText member(String name, @Nullable Integer value) {
        return member(name, value == null ? null : Long.valueOf(value));
    }

    JsonText member(String name, @Nullable Double value) {
        return member(name, value == null ? null : BigDecimal.valueOf(value));
    }

    JsonText member(String name, @Nullable Instant value) {
        if (value != null) {
            name(name);
            out.append('"');
            Instants.append(out, value);
            out.append('"');
        }
        return this;
    }

    /** Appends text that is canonical JSON already. */
    JsonText raw(String json) {
        out.append(json);
        return this;
    }

    /**
     * Appends a value of maps in {@link MemberOrder}, lists, strings, {@link NumberText}s, booleans
     * and nulls; throws a {@link Violation} for a number out of bounds.
     */
    void value(@Nullable Object value) {
        if (value instanceof String text) {
            string(text);
        } else if (value instanceof NumberText number) {
            number(number.text());
        } else if (value instanceof Map<?, ?> map) {
            object(map);
        } else if (value instanceof List<?> list) {
            array(list);
        } else {
            out.append(value);
        }
    }

    private void object(Map<?, ?> map) {
        open('{');
        for (Map.Entry<?, ?> member : map.entrySet()) {
            element();
            string((String) member.getKey());
            out.append(": ");
            blanks++;
            value(member.getValue());
        }
        close('}');
    }

    private void array(List<?> list) {
        open('[');
        for (Object each : list) {
            element();
            value(each);
        }
        close(']');
    }

    private void number(String text) {
        if (isPlainInteger(text)) {
            out.append(text);
            return;
        }
        BigDecimal number = Decimals.bounded(text, PROPERTY_DIGITS, PROPERTY_DIGITS);
        if (number == null) {
            throw Member.PROPERTIES.breach(
                    RejectReason.OUT_OF_RANGE,
                    "numbers of at most 64 digits before and after the point");
        }
        out.append(number.toPlainString());
    }

    private static boolean isPlainInteger(String text) {
        if (text.length() > SURE_INTEGER_DIGITS || text.equals("-0")) {
            return false;
        }
        for (int i = text.charAt(0) == '-' ? 1 : 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    private void string(String text) {
        CanonicalText.appendJson(out, text);
    }

    /** How many blanks between commas, colons and what follows are in the text. */
    int blanks() {
        return blanks;
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
