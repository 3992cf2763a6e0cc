package io.onevault.tracking.contract;

import io.onevault.tracking.event.CodePoints;
import io.onevault.tracking.text.CanonicalText;
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
        int lengths = Integer.compare(CanonicalText.utf8Length(a), CanonicalText.utf8Length(b));
        return lengths != 0 ? lengths : CodePoints.compare(a, b);
    }
}
