package io.onevault.tracking.enrich;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;

/** Percent-encoding of URLs; what is malformed is taken literally, nothing throws. */
final class PercentCoding {

    private static final String HEX = "0123456789ABCDEF";
    private static final int ASCII = 0x80;

    /** What invalid bytes are decoded to. */
    private static final char REPLACEMENT = '\uFFFD';

    private PercentCoding() {}

    /**
     * The text with {@code %XX} sequences decoded as UTF-8 (U+FFFD for invalid bytes).
     *
     * @param plusIsSpace whether a plus sign stands for a space, as in queries
     */
    static String decode(String text, boolean plusIsSpace) {
        if (text.indexOf('%') < 0) {
            return plusIsSpace ? text.replace('+', ' ') : text;
        }
        StringBuilder out = new StringBuilder(text.length());
        byte[] bytes = new byte[text.length() / 3];
        int i = 0;
        while (i < text.length()) {
            int count = 0;
            while (isEncoded(text, i)) {
                bytes[count++] = (byte) octet(text, i);
                i += 3;
            }
            if (count > 0) {
                out.append(new String(bytes, 0, count, StandardCharsets.UTF_8));
            } else {
                char c = text.charAt(i++);
                out.append(plusIsSpace && c == '+' ? ' ' : c);
            }
        }
        return out.toString();
    }

    /**
     * Appends part of a URL in normal form: upper-case hex, unreserved characters decoded, what may
     * not stand in a URL encoded, all of it in Unicode NFC. Applying it twice changes nothing more.
     */
    static void normalise(String text, int start, int end, StringBuilder out) {
        int from = out.length();
        encode(text, start, end, out);
        if (hasOctets(out, from)) {
            String composed = composed(out.substring(from));
            out.setLength(from);
            encode(composed, 0, composed.length(), out);
        }
    }

    private static void encode(String text, int start, int end, StringBuilder out) {
        int i = start;
        while (i < end) {
            char c = text.charAt(i);
            if (c == '%' && i + 2 < end && isEncoded(text, i)) {
                appendOctet(octet(text, i), out);
                i += 3;
            } else if (c == '%') {
                out.append("%25");
                i++;
            } else if (isAllowed(c)) {
                out.append(c);
                i++;
            } else {
                int width = Character.charCount(text.codePointAt(i));
                encode(text.substring(i, Math.min(i + width, end)), out);
                i += width;
            }
        }
    }

    /** Whether a byte beyond ASCII is encoded there. */
    private static boolean hasOctets(CharSequence text, int from) {
        for (int i = text.length() - 3; i >= from; i--) {
            if (text.charAt(i) == '%' && text.charAt(i + 1) >= '8') {
                return true;
            }
        }
        return false;
    }

    /**
     * The encoded text with what is UTF-8 beyond ASCII decoded, and composed with what stands
     * before it, but never with a separator nor with the digits of what stays encoded.
     */
    private static String composed(String encoded) {
        StringBuilder out = new StringBuilder(encoded.length());
        int word = 0;
        int i = 0;
        while (i < encoded.length()) {
            if (isUnreserved(encoded.charAt(i))) {
                out.append(encoded.charAt(i++));
                continue;
            }
            int end = endOfOctets(encoded, i);
            String decoded = decode(encoded.substring(i, end), false);
            if (end > i && decoded.indexOf(REPLACEMENT) < 0) {
                out.append(decoded);
                i = end;
            } else {
                compose(out, word);
                end = end > i ? end : isEncoded(encoded, i) ? i + 3 : i + 1;
                out.append(encoded, i, end);
                i = end;
                word = out.length();
            }
        }
        compose(out, word);
        return out.toString();
    }

    /** End of the encoded bytes beyond ASCII that begin there. */
    private static int endOfOctets(String text, int from) {
        int end = from;
        while (isEncoded(text, end) && octet(text, end) >= ASCII) {
            end += 3;
        }
        return end;
    }

    private static void compose(StringBuilder text, int from) {
        String word = Normalizer.normalize(text.substring(from), Normalizer.Form.NFC);
        text.setLength(from);
        text.append(word);
    }

    /** Appends the UTF-8 bytes of a text, each as {@code %XX}. */
    static void encode(String text, StringBuilder out) {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            appendEncoded(b & 0xFF, out);
        }
    }

    private static void appendOctet(int octet, StringBuilder out) {
        if (octet < ASCII && isUnreserved((char) octet)) {
            out.append((char) octet);
        } else {
            appendEncoded(octet, out);
        }
    }

    private static void appendEncoded(int octet, StringBuilder out) {
        out.append('%').append(HEX.charAt(octet >> 4)).append(HEX.charAt(octet & 0xF));
    }

    private static boolean isEncoded(String text, int i) {
        return i + 2 < text.length()
                && text.charAt(i) == '%'
                && Chars.isHex(text.charAt(i + 1))
                && Chars.isHex(text.charAt(i + 2));
    }

    private static int octet(String text, int i) {
        return Character.digit(text.charAt(i + 1), 16) << 4
                | Character.digit(text.charAt(i + 2), 16);
    }

    private static boolean isUnreserved(char c) {
        return Chars.isAlphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
    }

    private static boolean isAllowed(char c) {
        return isUnreserved(c) || "!$&'()*+,;=:@/?[]".indexOf(c) >= 0;
    }
}
