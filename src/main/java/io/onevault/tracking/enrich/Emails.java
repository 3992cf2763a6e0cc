package io.onevault.tracking.enrich;

import java.util.Set;

/** Finds e-mail addresses in free text by their at sign, plain, encoded or escaped. */
final class Emails {

    static final String REPLACEMENT = "[email]";

    private static final String[] ESCAPED_AT = {"&#64;", "&#x40;", "&commat;"};

    /** Longer than any real one; the limit keeps hostile texts from costing time. */
    private static final int MAX_LOCAL_CHARS = 256;

    private static final char FULL_WIDTH_AT = '\uFF20';

    private static final Set<String> IMAGES = Set.of("png", "jpg", "jpeg", "webp", "gif", "avif");

    private Emails() {}

    /** The text with each address replaced; the same instance when there is none. */
    static String redact(String text) {
        StringBuilder out = null;
        int copied = 0;
        for (int i = 0; i < text.length(); i++) {
            int width = atSign(text, i);
            if (width == 0) {
                continue;
            }
            int start = localStart(text, i, copied);
            int end = start == i ? -1 : domainEnd(text, i + width);
            if (end < 0) {
                continue;
            }
            if (out == null) {
                out = new StringBuilder(text.length());
            }
            out.append(text, copied, start).append(REPLACEMENT);
            copied = end;
            i = end - 1;
        }
        return out == null ? text : out.append(text, copied, text.length()).toString();
    }

    /** Length of the at sign that starts at {@code i}, 0 when there is none. */
    private static int atSign(String text, int i) {
        char c = text.charAt(i);
        if (c == '@' || c == FULL_WIDTH_AT) {
            return 1;
        }
        return c == '%' ? encodedAt(text, i) : c == '&' ? escapedAt(text, i) : 0;
    }

    /** Whether a character of HTML is escaped there, which may be the sign. */
    static boolean isEscape(String text, int i) {
        return text.charAt(i) == '&' && escapedAt(text, i) > 0;
    }

    /** Once or several times. */
    private static int encodedAt(String text, int i) {
        int hex = i + 1;
        while (text.startsWith("25", hex)) {
            hex += 2;
        }
        return text.startsWith("40", hex) ? hex + 2 - i : 0;
    }

    private static int escapedAt(String text, int i) {
        for (String escaped : ESCAPED_AT) {
            if (text.regionMatches(true, i, escaped, 0, escaped.length())) {
                return escaped.length();
            }
        }
        return 0;
    }

    private static int localStart(String text, int at, int from) {
        int start = at;
        int limit = Math.max(from, at - MAX_LOCAL_CHARS);
        while (start > limit && isLocal(text.charAt(start - 1))) {
            start--;
        }
        return start;
    }

    /** End of the domain at {@code start}, or -1 when none is there. */
    private static int domainEnd(String text, int start) {
        int end = -1;
        int label = start;
        while (label < text.length()) {
            int labelEnd = labelEnd(text, label);
            if (labelEnd == label) {
                break;
            }
            // A top-level domain starts with letters; versions such as lib@1.2.3 have none.
            boolean topLevel =
                    labelEnd - label >= 2
                            && isLetter(text.charAt(label))
                            && isLetter(text.charAt(label + 1));
            if (label > start && topLevel) {
                end = labelEnd;
            }
            if (labelEnd == text.length() || text.charAt(labelEnd) != '.') {
                break;
            }
            label = labelEnd + 1;
        }
        return end >= 0 && isImageScale(text, start, end) ? -1 : end;
    }

    /** Whether it is the end of a file name such as {@code logo@2x.png}. */
    private static boolean isImageScale(String text, int start, int end) {
        return Chars.isDigitAt(text, start)
                && text.startsWith("x.", start + 1)
                && IMAGES.contains(text.substring(start + 3, end));
    }

    private static int labelEnd(String text, int start) {
        int i = start;
        while (i < text.length() && (isWord(text.charAt(i)) || text.charAt(i) == '-')) {
            i++;
        }
        return i;
    }

    private static boolean isLocal(char c) {
        return isWord(c) || c == QueryValues.PLUS_FOR_SPACE || "._%+-!#$*'^`~".indexOf(c) >= 0;
    }

    private static boolean isWord(char c) {
        return Chars.isAlphanumeric(c)
                || c >= 0x80
                        && c != FULL_WIDTH_AT
                        && (Character.isLetterOrDigit(c) || Character.isSurrogate(c));
    }

    private static boolean isLetter(char c) {
        return Chars.isAlpha(c) || c >= 0x80 && Character.isLetter(c);
    }
}
