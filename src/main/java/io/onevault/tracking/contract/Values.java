package io.onevault.tracking.contract;

import io.onevault.tracking.event.Limits;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.Suspicion;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Gives raw values their types and limits; mends what may be mended and remembers that it did.
 * Every method takes and returns null for an absent value and throws a {@link Violation} naming the
 * field for a value that cannot be taken.
 */
final class Values {

    private static final int AMOUNT_INTEGER_DIGITS = 14;
    private static final int AMOUNT_FRACTION_DIGITS = 6;

    /** As many as a binary fraction of JavaScript has at most. */
    private static final int NOISE_DIGITS = 1_100;

    private static final int INTEGER_DIGITS = 16;
    private static final int FRACTION_DIGITS = 64;
    private static final int CURRENCY_LETTERS = 3;
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    private final Set<Suspicion> suspicions = EnumSet.noneOf(Suspicion.class);

    List<Suspicion> suspicions() {
        return List.copyOf(suspicions);
    }

    /**
     * An identifying text: never cut, as that would make two ids one. A number is written plainly,
     * as serializers differ in how they write one: {@code 1795705260.0}.
     */
    @Nullable String id(@Nullable Object value, String field, int limit) {
        if (value instanceof Boolean) {
            throw wrongType(field, "a text or a number");
        }
        String text =
                value instanceof NumberText number
                        ? Decimals.plain(number.text(), limit)
                        : scalar(value, field);
        if (value != null && (text == null || Texts.isLonger(text, limit))) {
            throw new Violation(
                    RejectReason.ID_TOO_LONG, field, "at most " + limit + " characters");
        }
        return text;
    }

    /** The id, unless it is one of those that are ignored, which is remembered. */
    @Nullable String unless(@Nullable String id, Predicate<String> ignored) {
        if (id == null || !ignored.test(id)) {
            return id;
        }
        suspicions.add(Suspicion.ID_IGNORED);
        return null;
    }

    /** A truth value, or its name as a text. */
    @Nullable Boolean flag(@Nullable Object value, String field) {
        if (value == null || value instanceof Boolean) {
            return (Boolean) value;
        }
        if (value instanceof String text && text.equalsIgnoreCase("true")) {
            return true;
        }
        if (value instanceof String text && text.equalsIgnoreCase("false")) {
            return false;
        }
        throw wrongType(field, "true or false");
    }

    @Nullable String text(@Nullable Object value, String field) {
        return cut(scalar(value, field), Limits.TEXT_CHARS, Texts::cut);
    }

    @Nullable String url(@Nullable Object value, String field) {
        String text = scalar(value, field);
        if (text != null && !isAbsolute(text) && !isRootRelative(text)) {
            suspicions.add(Suspicion.URL_MALFORMED);
        }
        return cut(text, Limits.URL_CHARS, LongUrls::cut);
    }

    @Nullable String currency(@Nullable Object value, String field) {
        String text = scalar(value, field);
        if (text == null) {
            return null;
        }
        if (text.length() != CURRENCY_LETTERS) {
            throw notACurrency(field);
        }
        char[] code = new char[CURRENCY_LETTERS];
        for (int i = 0; i < CURRENCY_LETTERS; i++) {
            char c = text.charAt(i);
            code[i] = c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c;
            if (code[i] < 'A' || code[i] > 'Z') {
                throw notACurrency(field);
            }
        }
        return new String(code);
    }

    /**
     * An amount of money or of items: at most 14 digits before the point, rounded to 6 behind it,
     * as sums of binary fractions end in noise.
     */
    @Nullable BigDecimal amount(@Nullable Object value, String field) {
        String text = number(value, field, false);
        if (text == null) {
            return null;
        }
        BigDecimal exact = Decimals.bounded(text, AMOUNT_INTEGER_DIGITS, NOISE_DIGITS);
        BigDecimal amount = exact == null ? null : Decimals.rounded(exact, AMOUNT_FRACTION_DIGITS);
        if (amount == null || amount.precision() - amount.scale() > AMOUNT_INTEGER_DIGITS) {
            throw outOfRange(field, "at most 14 digits before the point");
        }
        return amount;
    }

    /** A percentage, as a number or as a text with or without the sign. */
    @Nullable Double percent(@Nullable Object value, String field) {
        String text = number(value, field, true);
        if (text == null) {
            return null;
        }
        BigDecimal percent = Decimals.bounded(text, INTEGER_DIGITS, FRACTION_DIGITS);
        if (percent == null || percent.signum() < 0 || percent.compareTo(HUNDRED) > 0) {
            throw outOfRange(field, "0 to 100");
        }
        return percent.doubleValue();
    }

    /** A whole number within bounds; a fraction, as browsers report for pixels, is dropped. */
    @Nullable Long whole(@Nullable Object value, String field, long lowest, long highest) {
        String text = number(value, field, false);
        if (text == null) {
            return null;
        }
        BigDecimal number = Decimals.bounded(text, INTEGER_DIGITS, FRACTION_DIGITS);
        long whole = number == null ? Long.MIN_VALUE : number.longValue();
        if (whole < lowest || whole > highest) {
            throw outOfRange(field, lowest + " to " + highest);
        }
        return whole;
    }

    @Nullable Integer integer(@Nullable Object value, String field, int lowest) {
        Long whole = whole(value, field, lowest, Integer.MAX_VALUE);
        return whole == null ? null : Integer.valueOf(whole.intValue());
    }

    @Nullable Instant instant(@Nullable Object value, String field) {
        if (value == null) {
            return null;
        }
        if (value instanceof Boolean) {
            throw wrongType(field, "an ISO-8601 text with a zone or epoch time");
        }
        String text = scalar(value, field);
        Instant instant = Decimals.isNumber(text) ? Instants.ofEpoch(text) : Instants.ofIso(text);
        if (instant == null) {
            throw new Violation(
                    RejectReason.INVALID_TIMESTAMP,
                    field,
                    "an ISO-8601 text with a zone or epoch time");
        }
        if (!Instants.isInRange(instant)) {
            throw outOfRange(field, "a time in the years 1970 to 2100");
        }
        return instant;
    }

    static Violation wrongType(String field, String expected) {
        return new Violation(RejectReason.WRONG_TYPE, field, expected);
    }

    private static @Nullable String scalar(@Nullable Object value, String field) {
        if (value instanceof String text) {
            return text;
        }
        if (value instanceof NumberText number) {
            return number.text();
        }
        if (value == null || value instanceof Boolean) {
            return value == null ? null : value.toString();
        }
        throw wrongType(field, "a text");
    }

    private static @Nullable String number(
            @Nullable Object value, String field, boolean percentSign) {
        if (value instanceof NumberText number) {
            return number.text();
        }
        if (value instanceof String text) {
            int end = text.length();
            boolean signed = percentSign && text.charAt(end - 1) == '%';
            String digits = signed ? Texts.trimToNull(text.substring(0, end - 1)) : text;
            if (digits != null && Decimals.isNumber(digits)) {
                return digits;
            }
        }
        if (value != null) {
            throw wrongType(field, "a number");
        }
        return null;
    }

    private @Nullable String cut(
            @Nullable String text, int limit, BiFunction<String, Integer, String> shorten) {
        if (text == null || !Texts.isLonger(text, limit)) {
            return text;
        }
        suspicions.add(Suspicion.TEXT_TRUNCATED);
        return shorten.apply(text, limit);
    }

    private static boolean isAbsolute(String url) {
        int host = url.regionMatches(true, 0, "http", 0, 4) ? 4 : url.length();
        if (url.startsWith("s", host) || url.startsWith("S", host)) {
            host++;
        }
        return url.startsWith("://", host)
                && url.length() > host + 3
                && "/?#".indexOf(url.charAt(host + 3)) < 0;
    }

    private static boolean isRootRelative(String url) {
        return url.charAt(0) == '/' && !url.startsWith("//");
    }

    private static Violation outOfRange(String field, String expected) {
        return new Violation(RejectReason.OUT_OF_RANGE, field, expected);
    }

    private static Violation notACurrency(String field) {
        return outOfRange(field, "the three letters of an ISO 4217 code");
    }
}
