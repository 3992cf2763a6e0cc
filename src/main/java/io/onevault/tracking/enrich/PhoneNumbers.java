package io.onevault.tracking.enrich;

/**
 * Recognises phone numbers by their shape: {@code +} or {@code 00} and a country, and the written
 * national forms. Digits without any separator are ids unless {@code +}, {@code 00} or {@code tel:}
 * says otherwise.
 */
final class PhoneNumbers {

    private static final int MIN_INTERNATIONAL = 8;
    private static final int MIN_DOUBLE_ZERO = 11;
    private static final int MAX_INTERNATIONAL = 15;
    private static final int MIN_NATIONAL = 9;
    private static final int MAX_NATIONAL = 12;
    private static final int MAX_SEPARATORS = 3;
    private static final int MAX_GROUPS = 8;

    // Digits of each group, one hexadecimal digit a group.
    private static final long NORTH_AMERICAN = 0x334;
    private static final long NORTH_AMERICAN_WITH_COUNTRY = 0x1334;
    private static final long FIVE_PAIRS = 0x22222;

    private static final String SCHEME = "tel:";

    private PhoneNumbers() {}

    /** End of the phone number that starts at {@code start}, or -1. */
    static int end(String text, int start) {
        boolean plus = text.charAt(start) == '+';
        int i = plus ? start + 1 : start;
        if (i < text.length() && text.charAt(i) == '(') {
            i++;
        }
        if (!Chars.isDigitAt(text, i) || !plus && !mayStart(text, start)) {
            return -1;
        }
        boolean link = text.regionMatches(true, start - SCHEME.length(), SCHEME, 0, 4);
        return link || plus ? lastGroup(text, i, link ? 6 : MIN_INTERNATIONAL) : national(text, i);
    }

    /** End of an international number: whole groups, as long as they make at most 15 digits. */
    private static int lastGroup(String text, int first, int minDigits) {
        if (minDigits == MIN_INTERNATIONAL && text.charAt(first) == '0') {
            return -1;
        }
        int digits = 0;
        int end = -1;
        int i = first;
        while (Chars.isDigitAt(text, i)) {
            int groupEnd = groupEnd(text, i);
            digits += groupEnd - i;
            if (digits > MAX_INTERNATIONAL && end >= 0) {
                break;
            }
            end = digits >= minDigits ? groupEnd : end;
            i = nextGroup(text, groupEnd);
        }
        return end;
    }

    private static int national(String text, int first) {
        boolean zero = text.charAt(first) == '0' && Chars.isDigitAt(text, first + 1);
        boolean doubleZero = zero && text.charAt(first + 1) == '0';
        long shape = 0;
        int digits = 0;
        int end = -1;
        int i = first;
        int groups = zero ? MAX_GROUPS : 4;
        while (groups-- > 0 && Chars.isDigitAt(text, i) && digits <= MAX_INTERNATIONAL) {
            int groupEnd = groupEnd(text, i);
            int length = groupEnd - i;
            digits += length;
            shape = shape << 4 | Math.min(length, 0xF);
            if (mayEnd(text, groupEnd)) {
                boolean found =
                        doubleZero
                                ? isDoubleZero(text, first, digits)
                                : zero
                                        ? isNational(text, first, groupEnd, digits, shape)
                                        : isNorthAmerican(text, first, shape);
                end = found ? groupEnd : end;
            }
            i = nextGroup(text, groupEnd);
        }
        return end;
    }

    private static boolean isDoubleZero(String text, int first, int digits) {
        // "00 49": the country may be a group of its own.
        int country = nextGroup(text, first + 2);
        return Chars.isDigitAt(text, country)
                && text.charAt(country) != '0'
                && digits >= MIN_DOUBLE_ZERO
                && digits <= MAX_INTERNATIONAL;
    }

    private static boolean isNational(String text, int first, int end, int digits, long shape) {
        if (shape == FIVE_PAIRS) {
            return true;
        }
        int hyphens = 0;
        boolean written = first > 0 && text.charAt(first - 1) == '(';
        for (int i = first; i < end; i++) {
            char c = text.charAt(i);
            hyphens += c == '-' ? 1 : 0;
            written |= isSpace(c) || c == '/' || c == '(' || c == ')';
            if (c == '.') {
                return false;
            }
        }
        return digits >= MIN_NATIONAL
                && digits <= MAX_NATIONAL
                && shape > 0xF
                && (written || hyphens == 1)
                && !isDate(text, first);
    }

    private static boolean isNorthAmerican(String text, int first, long shape) {
        int area = shape == NORTH_AMERICAN_WITH_COUNTRY ? nextGroup(text, first + 1) : first;
        if (shape != NORTH_AMERICAN && shape != NORTH_AMERICAN_WITH_COUNTRY) {
            return false;
        }
        int exchange = nextGroup(text, area + 3);
        return text.charAt(area) >= '2'
                && text.charAt(exchange) >= '2'
                && (area == first || text.charAt(first) == '1');
    }

    /** Whether the digits start a date such as {@code 01/02/2024}. */
    private static boolean isDate(String text, int first) {
        int second = groupEnd(text, first);
        int third = groupEnd(text, second + 1);
        return second - first == 2 && third - second == 3 && groupEnd(text, third + 1) - third == 5;
    }

    /** Start of the digits after the separators at {@code i}; {@code i} when there are none. */
    private static int nextGroup(String text, int i) {
        int next = i;
        while (next < text.length()
                && next - i < MAX_SEPARATORS
                && isSeparator(text.charAt(next))) {
            next++;
        }
        return Chars.isDigitAt(text, next) ? next : i;
    }

    private static int groupEnd(String text, int start) {
        int i = start;
        while (Chars.isDigitAt(text, i)) {
            i++;
        }
        return i;
    }

    /** Parts of ids, numbers and dates do not start a national number. */
    private static boolean mayStart(String text, int start) {
        if (start == 0) {
            return true;
        }
        char c = text.charAt(start - 1);
        boolean joined = c == '-' || c == '.' || c == ',' || c == '/' || c == ':';
        return c != '_'
                && !Chars.isAlphanumeric(c)
                && (!joined || !Chars.isAlphanumericAt(text, start - 2) || c == ':' || c == '/')
                && !(c == ':' && Chars.isDigitAt(text, start - 2));
    }

    private static boolean mayEnd(String text, int end) {
        if (end == text.length()) {
            return true;
        }
        char c = text.charAt(end);
        boolean joined = c == '-' || c == ':' || c == '.' || c == ',';
        boolean continued = joined && Chars.isAlphanumericAt(text, end + 1);
        return c != '_' && !Chars.isAlphanumeric(c) && !continued;
    }

    private static boolean isSeparator(char c) {
        return isSpace(c)
                || c == '-'
                || c == '.'
                || c == '('
                || c == ')'
                || c == '/'
                || c >= '\u2010' && c <= '\u2015';
    }

    private static boolean isSpace(char c) {
        return c == ' '
                || c == '\u00A0'
                || c == '\u2009'
                || c == '\u202F'
                || c == QueryValues.PLUS_FOR_SPACE;
    }
}
