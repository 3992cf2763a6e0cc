package io.onevault.tracking.enrich;

/**
 * Recognises social security numbers of the United States: three, two and four digits with hyphens,
 * or however they are written where they are called so, and none that was never given to anybody.
 */
final class SocialNumbers {

    private static final String NAME = "ssn";
    private static final String LONG_NAME = "social security";
    private static final int DIGITS = 9;
    private static final int JOINED = 11;
    private static final int TEST_AREA = 666;
    private static final int FIRST_OTHER_AREA = 900;

    private SocialNumbers() {}

    /** End of the number whose first digit is at {@code start}, or -1. */
    static int end(String text, int start) {
        char sign = start + JOINED <= text.length() ? text.charAt(start + 3) : '0';
        boolean signed = sign == '-' || sign == ' ' || sign == '.';
        int end = start + (signed ? JOINED : DIGITS);
        if (end > text.length() || Chars.isAlphanumericAt(text, end)) {
            return -1;
        }
        if (signed && text.charAt(start + 6) != sign
                || !isDigits(text, start, start + 3)
                || !isDigits(text, start + (signed ? 4 : 3), start + (signed ? 6 : 5))
                || !isDigits(text, end - 4, end)) {
            return -1;
        }
        boolean known = sign == '-' ? isAlone(text, start, end) : isCalled(text, start);
        return known && wasGiven(text, start, end, signed) ? end : -1;
    }

    private static boolean wasGiven(String text, int start, int end, boolean signed) {
        int area = number(text, start, start + 3);
        int group = number(text, end - (signed ? 7 : 6), end - (signed ? 5 : 4));
        return area > 0
                && area != TEST_AREA
                && area < FIRST_OTHER_AREA
                && group > 0
                && number(text, end - 4, end) > 0;
    }

    /** Whether it is no part of a longer number or id. */
    private static boolean isAlone(String text, int start, int end) {
        char before = start == 0 ? ' ' : text.charAt(start - 1);
        char behind = end == text.length() ? ' ' : text.charAt(end);
        return !isJoint(before)
                && !(isJoint(behind) && Chars.isAlphanumericAt(text, end + 1))
                && behind != '_';
    }

    private static boolean isJoint(char c) {
        return c == '-' || c == '_' || c == '.' || c == '/';
    }

    private static boolean isCalled(String text, int start) {
        return DeviceNumbers.isCalled(NAME, text, start)
                || DeviceNumbers.isCalled(LONG_NAME, text, start)
                || DeviceNumbers.isCalled(LONG_NAME + " number", text, start);
    }

    private static boolean isDigits(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!Chars.isDigit(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static int number(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }
}
