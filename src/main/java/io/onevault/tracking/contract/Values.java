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
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Gives raw values of members their types and limits; mends what may be mended and remembers that
 * it did. Every method returns null for an absent value and throws a {@link Violation} naming the
 * member for one that cannot be taken.
 */
final class Values {

    private static final int AMOUNT_INTEGER_DIGITS = 14;
    private static final int AMOUNT_FRACTION_DIGITS = 6;

    /** As many as a binary fraction of JavaScript has at most. */
    private static final int NOISE_DIGITS = 1_100;

    private static final int INTEGER_DIGITS = 16;
    private static final int FRACTION_DIGITS = 64;
    private static final int CURRENCY_LETTERS = 3;

    /** Between the levels of a category, as product feeds write it. */
    private static final String BELOW = " > ";

    private static final String INSTANT = "an ISO-8601 text with a zone or epoch time";
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    private final Function<Member, @Nullable Object> members;
    private final UnaryOperator<String> redactText;
    private final Set<Suspicion> suspicions;

    private Values(
            Function<Member, @Nullable Object> members,
            UnaryOperator<String> redactText,
            Set<Suspicion> suspicions) {
        this.members = members;
        this.redactText = redactText;
        this.suspicions = suspicions;
    }

    /**
     * @param members what was given of each
     * @param redactText takes personal data out of a text that has to be cut
     */
    Values(Function<Member, @Nullable Object> members, UnaryOperator<String> redactText) {
        this(members, redactText, EnumSet.noneOf(Suspicion.class));
    }

    /** Those of another object in the same record. */
    Values of(Function<Member, @Nullable Object> others) {
        return new Values(others, redactText, suspicions);
    }

    List<Suspicion> suspicions() {
        return List.copyOf(suspicions);
    }

    /**
     * An identifying text: never cut, as that would make two ids one. A number is written plainly,
     * as serializers differ in how they write one: {@code 1795705260.0}.
     */
    @Nullable String id(Member member, int limit) {
        return id(members.apply(member), member, limit);
    }

    /** The same of one of several values of a member. */
    static @Nullable String id(@Nullable Object value, Member member, int limit) {
        if (value instanceof Boolean) {
            throw wrongType(member, "a text or a number");
        }
        String text =
                value instanceof NumberText number
                        ? Decimals.plain(number.text(), limit)
                        : scalar(value, member);
        if (value != null && (text == null || Texts.isLonger(text, limit))) {
            throw member.breach(RejectReason.ID_TOO_LONG, "at most " + limit + " characters");
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
    @Nullable Boolean flag(Member member) {
        Object value = members.apply(member);
        if (value == null || value instanceof Boolean) {
            return (Boolean) value;
        }
        if (value instanceof String text && text.equalsIgnoreCase("true")) {
            return true;
        }
        if (value instanceof String text && text.equalsIgnoreCase("false")) {
            return false;
        }
        throw wrongType(member, "true or false");
    }

    @Nullable String text(Member member) {
        return cut(scalar(members.apply(member), member), Limits.TEXT_CHARS, Texts::cut);
    }

    /** A text of several levels from the top one down, as one: {@code Shoes > Running}. */
    @Nullable String levels(Member... fromTop) {
        String joined = null;
        for (Member member : fromTop) {
            String level = scalar(members.apply(member), member);
            if (level != null) {
                joined = joined == null ? level : joined + BELOW + level;
            }
        }
        return cut(joined, Limits.TEXT_CHARS, Texts::cut);
    }

    @Nullable String url(Member member) {
        String text = scalar(members.apply(member), member);
        if (text != null && !isAbsolute(text) && !isRootRelative(text)) {
            suspicions.add(Suspicion.URL_MALFORMED);
        }
        return cut(text, Limits.URL_CHARS, LongUrls::cut);
    }

    @Nullable String currency(Member member) {
        String text = scalar(members.apply(member), member);
        if (text == null) {
            return null;
        }
        if (text.length() != CURRENCY_LETTERS) {
            throw notACurrency(member);
        }
        char[] code = new char[CURRENCY_LETTERS];
        for (int i = 0; i < CURRENCY_LETTERS; i++) {
            char c = text.charAt(i);
            code[i] = c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c;
            if (code[i] < 'A' || code[i] > 'Z') {
                throw notACurrency(member);
            }
        }
        return new String(code);
    }

    /**
     * An amount of money or of items: at most 14 digits before the point, rounded to 6 behind it,
     * as sums of binary fractions end in noise.
     */
    @Nullable BigDecimal amount(Member member) {
        String text = number(member, false);
        if (text == null) {
            return null;
        }
        BigDecimal exact = Decimals.bounded(text, AMOUNT_INTEGER_DIGITS, NOISE_DIGITS);
        BigDecimal amount = exact == null ? null : Decimals.rounded(exact, AMOUNT_FRACTION_DIGITS);
        if (amount == null || amount.precision() - amount.scale() > AMOUNT_INTEGER_DIGITS) {
            throw outOfRange(member, "at most 14 digits before the point");
        }
        return amount;
    }

    /** A percentage, as a number or as a text with or without the sign. */
    @Nullable Double percent(Member member) {
        String text = number(member, true);
        if (text == null) {
            return null;
        }
        BigDecimal percent = Decimals.bounded(text, INTEGER_DIGITS, FRACTION_DIGITS);
        if (percent == null || percent.signum() < 0 || percent.compareTo(HUNDRED) > 0) {
            throw outOfRange(member, "0 to 100");
        }
        return percent.doubleValue();
    }

    /** A whole number within bounds; a fraction, as browsers report for pixels, is dropped. */
    @Nullable Long whole(Member member, long lowest, long highest) {
        String text = number(member, false);
        if (text == null) {
            return null;
        }
        BigDecimal number = Decimals.bounded(text, INTEGER_DIGITS, FRACTION_DIGITS);
        long whole = number == null ? Long.MIN_VALUE : number.longValue();
        if (whole < lowest || whole > highest) {
            throw outOfRange(member, lowest + " to " + highest);
        }
        return whole;
    }

    @Nullable Integer integer(Member member, int lowest) {
        Long whole = whole(member, lowest, Integer.MAX_VALUE);
        return whole == null ? null : Integer.valueOf(whole.intValue());
    }

    @Nullable Instant instant(Member member) {
        Object value = members.apply(member);
        if (value == null) {
            return null;
        }
        if (value instanceof Boolean) {
            throw wrongType(member, INSTANT);
        }
        String text = scalar(value, member);
        Instant instant = Decimals.isNumber(text) ? Instants.ofEpoch(text) : Instants.ofIso(text);
        if (instant == null) {
            throw member.breach(RejectReason.INVALID_TIMESTAMP, INSTANT);
        }
        if (!Instants.isInRange(instant)) {
            throw outOfRange(member, "a time in the years 1970 to 2100");
        }
        return instant;
    }

    private static Violation wrongType(Member member, String expected) {
        return member.breach(RejectReason.WRONG_TYPE, expected);
    }

    private static @Nullable String scalar(@Nullable Object value, Member member) {
        if (value instanceof String text) {
            return text;
        }
        if (value instanceof NumberText number) {
            return number.text();
        }
        if (value == null || value instanceof Boolean) {
            return value == null ? null : value.toString();
        }
        throw wrongType(member, "a text");
    }

    private @Nullable String number(Member member, boolean percentSign) {
        Object value = members.apply(member);
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
            throw wrongType(member, "a number");
        }
        return null;
    }

    private @Nullable String cut(
            @Nullable String text, int limit, BiFunction<String, Integer, String> shorten) {
        if (text == null || !Texts.isLonger(text, limit)) {
            return text;
        }
        suspicions.add(Suspicion.TEXT_TRUNCATED);
        String redacted = redactText.apply(text);
        return Texts.isLonger(redacted, limit) ? shorten.apply(redacted, limit) : redacted;
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

    private static Violation outOfRange(Member member, String expected) {
        return member.breach(RejectReason.OUT_OF_RANGE, expected);
    }

    private static Violation notACurrency(Member member) {
        return outOfRange(member, "the three letters of an ISO 4217 code");
    }
}
