package io.onevault.tracking.enrich;

/** Walks over the {@code name=value} pairs of a query without copying it. */
final class QueryParameters {

    private final String query;

    /** Start of the current pair. */
    private int start;

    /** End of the current pair; -1 before the first. */
    private int end = -1;

    /** Position of the equals sign, or the end of the pair when there is none. */
    private int equals;

    QueryParameters(String query) {
        this.query = query;
    }

    /** Goes to the next pair that is not empty; false when there is none. */
    boolean next() {
        do {
            start = end + 1;
            if (start > query.length()) {
                return false;
            }
            int ampersand = query.indexOf('&', start);
            end = ampersand < 0 ? query.length() : ampersand;
            start = behindEscape();
        } while (start == end);
        int sign = query.indexOf('=', start);
        equals = sign < 0 || sign > end ? end : sign;
        return true;
    }

    /** Start of the pair behind an {@code amp;} that was encoded or decoded as if it was a name. */
    private int behindEscape() {
        char first = start < end ? query.charAt(start) : ' ';
        if (first != '%' && first != '#' && first != 'a' && first != 'A') {
            return start;
        }
        String decoded = PercentCoding.decode(query.substring(start, end), false);
        int at = start;
        for (int left = Ampersands.behind(decoded, 0); left > 0; left--) {
            at += query.charAt(at) == '%' ? 3 : 1;
        }
        return at;
    }

    /** The name, decoded. */
    String name() {
        return PercentCoding.decode(query.substring(start, equals), true);
    }

    /** The value as it stands in the query; empty when there is none. */
    String rawValue() {
        return equals == end ? "" : query.substring(equals + 1, end);
    }

    boolean hasEqualsSign() {
        return equals < end;
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }
}
