package io.onevault.tracking.event;

/**
 * The order of texts by code points, which is that of their bytes in UTF-8 and of PostgreSQL's
 * collation C. That of UTF-16 is another one, as surrogates lie below U+E000.
 */
public final class CodePoints {

    private CodePoints() {}

    public static int compare(String a, String b) {
        int end = Math.min(a.length(), b.length());
        for (int i = 0; i < end; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean surrogates = Character.isSurrogate(x) == Character.isSurrogate(y);
                return surrogates ? Character.compare(x, y) : Character.isSurrogate(x) ? 1 : -1;
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
