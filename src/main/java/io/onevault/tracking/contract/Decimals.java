package io.onevault.tracking.contract;

import io.onevault.tracking.text.CanonicalText;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * Exact decimals out of number texts, bounded before they are built: {@code 1e999999999} costs
 * nothing, and 60,000 digits 0.1 ms, with which {@code BigDecimal} is busy for 300.
 */
final class Decimals {

    /** Exponents are capped here: far beyond any bound, far below overflow. */
    private static final int EXPONENT_CAP = 100_000_000;

    private static final int LONG_DIGITS = 18;

    private Decimals() {}

    /**
     * Whether the text is a sign, digits, a fraction and an exponent, all but the digits optional.
     */
    static boolean isNumber(String text) {
        int at = skipDigits(text, skipSign(text, 0));
        if (at < 0) {
            return false;
        }
        if (at < text.length() && text.charAt(at) == '.') {
            at = skipDigits(text, at + 1);
        }
        if (at > 0 && at < text.length() && isExponentMark(text.charAt(at))) {
            at = skipDigits(text, skipSign(text, at + 1));
        }
        return at == text.length();
    }

    /**
     * The number without trailing zeros and with a scale of 0 or more; null when it has more than
     * the given digits before or after the point.
     *
     * @param text a text of which {@link #isNumber} holds
     */
    static @Nullable BigDecimal bounded(String text, int integerDigits, int fractionDigits) {
        int mantissaEnd = mantissaEnd(text);
        int exponent = mantissaEnd == text.length() ? 0 : exponent(text, mantissaEnd + 1);
        int point = text.indexOf('.');
        point = point < 0 ? mantissaEnd : point;
        int first = nextNonZero(text, 0, mantissaEnd, 1);
        if (first < 0) {
            return BigDecimal.ZERO;
        }
        int last = nextNonZero(text, mantissaEnd - 1, -1, -1);
        int highest = power(first, point) + exponent;
        int lowest = power(last, point) + exponent;
        if (highest >= integerDigits || -lowest > fractionDigits) {
            return null;
        }
        BigDecimal magnitude = unscaled(text, first, last, -lowest);
        BigDecimal number = text.charAt(0) == '-' ? magnitude.negate() : magnitude;
        return lowest > 0 ? number.setScale(0) : number;
    }

    /**
     * The number with at most the given digits after the point, half to even, no trailing zeros.
     */
    static BigDecimal rounded(BigDecimal number, int fractionDigits) {
        if (number.scale() <= fractionDigits) {
            return number;
        }
        BigDecimal rounded =
                number.setScale(fractionDigits, RoundingMode.HALF_EVEN).stripTrailingZeros();
        return rounded.scale() < 0 ? rounded.setScale(0) : rounded;
    }

    /**
     * Plain text of a number, without trailing zeros or exponent; null when it has more digits than
     * that before or after the point.
     *
     * @param text a text of which {@link #isNumber} holds
     */
    static @Nullable String plain(String text, int digits) {
        BigDecimal number = bounded(text, digits, digits);
        return number == null ? null : CanonicalText.plain(number);
    }

    private static BigDecimal unscaled(String text, int first, int last, int scale) {
        if (last - first < LONG_DIGITS) {
            long digits = 0;
            for (int i = first; i <= last; i++) {
                char c = text.charAt(i);
                digits = c == '.' ? digits : digits * 10 + (c - '0');
            }
            return BigDecimal.valueOf(digits, scale);
        }
        String digits = text.substring(first, last + 1).replace(".", "");
        return new BigDecimal(new BigInteger(digits), scale);
    }

    /** Power of ten of the digit at an index, before the exponent is added. */
    private static int power(int index, int point) {
        return index < point ? point - 1 - index : point - index;
    }

    private static int nextNonZero(String text, int from, int end, int step) {
        for (int i = from; i != end; i += step) {
            char c = text.charAt(i);
            if (c >= '1' && c <= '9') {
                return i;
            }
        }
        return -1;
    }

    private static int mantissaEnd(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isExponentMark(text.charAt(i))) {
                return i;
            }
        }
        return text.length();
    }

    private static int exponent(String text, int from) {
        int start = skipSign(text, from);
        int exponent = 0;
        for (int i = start; i < text.length() && exponent < EXPONENT_CAP; i++) {
            exponent = exponent * 10 + (text.charAt(i) - '0');
        }
        return text.charAt(from) == '-' ? -exponent : exponent;
    }

    private static int skipSign(String text, int at) {
        return at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '+')
                ? at + 1
                : at;
    }

    /** Index behind one or more digits, or -1 when there is none. */
    private static int skipDigits(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at > from ? at : -1;
    }

    private static boolean isExponentMark(char c) {
        return c == 'e' || c == 'E';
    }
}
