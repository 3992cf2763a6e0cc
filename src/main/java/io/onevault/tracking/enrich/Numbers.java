package io.onevault.tracking.enrich;

/** Finds addresses, card numbers, IBANs and phone numbers in free text. */
final class Numbers {

    static final String CARD = "[card]";

    private static final int MIN_V6_GROUP = 3;
    private static final String VERSION = "version";

    private Numbers() {}

    /** The text with each such number replaced; the same instance when there is none. */
    static String redact(String text) {
        StringBuilder out = null;
        int copied = 0;
        int i = 0;
        while (i < text.length()) {
            Found found = at(text, i);
            if (found == null) {
                i++;
                continue;
            }
            if (out == null) {
                out = new StringBuilder(text.length());
            }
            out.append(text, copied, i).append(found.replacement());
            copied = found.end();
            i = copied;
        }
        return out == null ? text : out.append(text, copied, text.length()).toString();
    }

    private static Found at(String text, int i) {
        char c = text.charAt(i);
        boolean digit = Chars.isDigit(c);
        if (!digit && c != '+' && c != '(' && !Chars.isAlpha(c)) {
            return null;
        }
        if ((digit || Chars.isAlpha(c)) && Chars.isAlphanumericAt(text, i - 1)) {
            return null;
        }
        Found found = null;
        if (digit || Chars.isHex(c)) {
            found = found(v6End(text, i), "[ip]");
        }
        if (digit && found == null) {
            found = found(v4End(text, i), "[ip]");
        }
        if (digit && found == null) {
            found = found(AccountNumbers.cardEnd(text, i), CARD);
        }
        if (found == null && Chars.isAlpha(c)) {
            found = found(AccountNumbers.ibanEnd(text, i), "[iban]");
        }
        return found != null || Chars.isAlpha(c)
                ? found
                : found(PhoneNumbers.end(text, i), "[phone]");
    }

    private static Found found(int end, String replacement) {
        return end < 0 ? null : new Found(end, replacement);
    }

    private static int v4End(String text, int start) {
        int end = start;
        while (Chars.isDigitAt(text, end) || end < text.length() && text.charAt(end) == '.') {
            end++;
        }
        if (text.charAt(end - 1) == '.') {
            end--;
        }
        if (end - start < "1.1.1.1".length() || end - start > "255.255.255.255".length()) {
            return -1;
        }
        int[] octets = IpAddresses.parseV4(text, start, end);
        // An address that ends in 0 is a network, and nobody's.
        return octets == null || octets[3] == 0 || isVersion(text, start, end) ? -1 : end;
    }

    /** Whether what looks like an address is the version of a program. */
    private static boolean isVersion(String text, int start, int end) {
        if (start > 0 && text.charAt(start - 1) == '.') {
            return true;
        }
        int word = start - 1 - VERSION.length();
        boolean named = text.regionMatches(true, word, VERSION, 0, VERSION.length());
        boolean suffixed =
                end < text.length() && text.charAt(end) == '-' && isAlphaAt(text, end + 1);
        return named || suffixed || isAlphaAt(text, end);
    }

    private static int v6End(String text, int start) {
        int colon = start;
        while (colon < text.length() && colon - start <= 4 && Chars.isHex(text.charAt(colon))) {
            colon++;
        }
        if (colon == text.length() || text.charAt(colon) != ':') {
            return -1;
        }
        int end = colon;
        boolean digit = Chars.isDigitAt(text, start);
        while (end < text.length() && isV6(text.charAt(end))) {
            digit |= Chars.isDigit(text.charAt(end++));
        }
        char last = text.charAt(end - 1);
        if (last == '.' || last == ':' && text.charAt(end - 2) != ':') {
            end--;
        }
        int[] groups = digit ? IpAddresses.parseV6(text, start, end) : null;
        boolean network = text.startsWith("::", end - 2);
        boolean full = text.indexOf("::", start) < 0 || text.indexOf("::", start) >= end;
        boolean joined = Chars.isAlphanumericAt(text, end);
        return groups == null || network || joined || !full && colon - start < MIN_V6_GROUP
                ? -1
                : end;
    }

    private static boolean isV6(char c) {
        return Chars.isHex(c) || c == ':' || c == '.';
    }

    private static boolean isAlphaAt(String text, int i) {
        return i < text.length() && Chars.isAlpha(text.charAt(i));
    }

    /** Where something personal ends, and what stands for it. */
    private record Found(int end, String replacement) {}
}
