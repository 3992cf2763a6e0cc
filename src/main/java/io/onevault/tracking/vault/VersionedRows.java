package io.onevault.tracking.vault;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects descriptions of keys for a versioned satellite and leaves out repetitions, so that only
 * changes reach the database. Rows have the hash key first, the load date second and the hash_diff
 * third.
 */
final class VersionedRows {

    private static final int KEY = 0;
    private static final int LOAD_DATE = 1;
    private static final int HASH_DIFF = 2;

    private final List<@Nullable Object[]> rows = new ArrayList<>();

    void add(@Nullable Object... values) {
        rows.add(values);
    }

    /** The changes within the batch, each with the mark whether it is its key's first. */
    Rows changes(Table table) {
        rows.sort(Rows.byHashKey(KEY).thenComparing(Rows.byValue(LOAD_DATE)));
        Rows changes = new Rows(table);
        Object[] previous = null;
        for (Object[] row : rows) {
            boolean first = previous == null || !same(previous, row, KEY);
            if (first || !same(previous, row, HASH_DIFF)) {
                Object[] marked = Arrays.copyOf(row, row.length + 1);
                marked[row.length] = first;
                changes.add(marked);
                previous = row;
            }
        }
        return changes;
    }

    private static boolean same(Object[] a, Object[] b, int column) {
        return Arrays.equals((byte[]) a[column], (byte[]) b[column]);
    }
}
