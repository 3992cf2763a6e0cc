package io.onevault.tracking.enrich;

/**
 * Finds addresses, numbers of cards, accounts, persons and devices, and phone numbers in free text.
 */
final class Numbers {

    static final String CARD = "[card]";

    private static final int MIN_V6_GROUP = 3;

    /** Longest address with its closing colon; the limit keeps hostile texts from costing time. */
    private static final int MAX_V6_CHARS = 46;

    private static final int MIN_V4_CHARS = 7;
    private static final int MAX_V4_CHARS = 15;

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
        if (found == null && Chars.isHex(c)) {
            found = found(DeviceNumbers.macEnd(text, i), "[mac]");
        }
        if (digit && found == null) {
            found = found(v4End(text, i), "[ip]");
        }
        if (digit && found == null) {
            found = found(AccountNumbers.cardEnd(text, i), CARD);
        }
        if (digit && found == null) {
            found = found(DeviceNumbers.imeiEnd(text, i), "[imei]");
        }
        if (digit && found == null) {
            found = found(SocialNumbers.end(text, i), "[ssn]");
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
        int limit = Math.min(text.length(), start + MAX_V4_CHARS + 2);
        while (end < limit && (Chars.isDigit(text.charAt(end)) || text.charAt(end) == '.')) {
            end++;
        }
        if (text.charAt(end - 1) == '.') {
            end--;
        }
        if (end - start < MIN_V4_CHARS || end - start > MAX_V4_CHARS) {
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
        int groupEnd = start;
        while (groupEnd - start <= 4 && isHexAt(text, groupEnd)) {
            groupEnd++;
        }
        if (groupEnd == text.length()
                || text.charAt(groupEnd) != ':'
                || continuesGroups(text, start)) {
            return -1;
        }
        int end = groupEnd;
        int limit = Math.min(text.length(), start + MAX_V6_CHARS);
        while (end < limit && isV6(text.charAt(end))) {
            end++;
        }
        char last = text.charAt(end - 1);
        if (last == '.' || last == ':' && text.charAt(end - 2) != ':') {
            end--;
        }
        return isV6Address(text, start, end, groupEnd - start) ? end : -1;
    }

    private static boolean isV6Address(String text, int start, int end, int firstGroup) {
        // An address that ends in :: is a network; words such as Abc::Add have no digit.
        if (Chars.isAlphanumericAt(text, end)
                || text.startsWith("::", end - 2)
                || IpAddresses.parseV6(text, start, end) == null) {
            return false;
        }
        boolean digit = false;
        boolean gap = false;
        for (int i = start; i < end; i++) {
            digit |= Chars.isDigit(text.charAt(i));
            gap |= text.startsWith("::", i);
        }
        return digit && (!gap || firstGroup >= MIN_V6_GROUP);
    }

    /** Whether the groups of something longer, and thus no address, stand before {@code start}. */
    private static boolean continuesGroups(String text, int start) {
        if (start == 0 || text.charAt(start - 1) != ':') {
            return false;
        }
        int i = start - 1;
        while (start - i <= 6 && isHexAt(text, i - 1)) {
            i--;
        }
        return !Chars.isAlphanumericAt(text, i - 1);
    }

    private static boolean isHexAt(String text, int i) {
        return i >= 0 && i < text.length() && Chars.isHex(text.charAt(i));
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
