package io.onevault.tracking.contract;

import java.util.Comparator;

/**
 * The order in which PostgreSQL keeps the members of a {@code jsonb}: shorter names first, by bytes
 * of UTF-8, and names of one length byte by byte.
 */
final class MemberOrder implements Comparator<String> {

    static final MemberOrder INSTANCE = new MemberOrder();

    private MemberOrder() {}

    @Override
    public int compare(String a, String b) {
        int lengths = Integer.compare(Utf8.length(a), Utf8.length(b));
        return lengths != 0 ? lengths : compareBytes(a, b);
    }

    /** UTF-8 sorts as code points do; UTF-16 does not, as surrogates lie below U+E000. */
    private static int compareBytes(String a, String b) {
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
