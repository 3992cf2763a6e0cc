package io.onevault.tracking.enrich;

/** Decodes and encodes parts of a URL so that what was not redacted comes back as it was meant. */
final class QueryValues {

    /**
     * Stands for a plus sign that may mean a space: an address may contain the plus, a phone number
     * the space. A private-use character, so no other text has it.
     */
    static final char PLUS_FOR_SPACE = '\uE000';

    private QueryValues() {}

    /** The decoded value; a leading plus is taken for that of a phone number. */
    static String decode(String raw) {
        int plus = raw.indexOf('+', 1);
        String marked =
                plus < 0 ? raw : raw.charAt(0) + raw.substring(1).replace('+', PLUS_FOR_SPACE);
        return PercentCoding.decode(marked, false);
    }

    /** The value as it may stand in a path or a query. */
    static void encode(String value, StringBuilder out) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == PLUS_FOR_SPACE) {
                out.append('+');
            } else if (Chars.isAlphanumeric(c) || "-._~[]:@,;!$*'()".indexOf(c) >= 0) {
                out.append(c);
            } else {
                int width = Character.charCount(value.codePointAt(i));
                PercentCoding.encode(value.substring(i, i + width), out);
                i += width - 1;
            }
        }
    }
}
