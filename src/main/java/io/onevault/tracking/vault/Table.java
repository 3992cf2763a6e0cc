package io.onevault.tracking.vault;

import java.util.ArrayList;
import java.util.List;

/**
 * A table and the one statement by which a micro-batch is written to it: {@code INSERT … SELECT …
 * FROM unnest(arrays)}, one array parameter a column, with what to do about rows that are there.
 *
 * @param columns in the order of the rows' values
 * @param condition SQL over the batch's rows {@code n} that a row must meet; null for all
 * @param onConflict what follows {@code ON CONFLICT}
 */
record Table(String name, List<Column> columns, String condition, String onConflict) {

    private static final String DO_NOTHING = "DO NOTHING";

    /** A table whose rows never change: what is there stays. */
    static Table insertOnly(String name, Column... columns) {
        return new Table(name, List.of(columns), null, DO_NOTHING);
    }

    /**
     * A satellite that gets a row only when the description changed. The rows of a batch come
     * without repetitions and with a last value that tells whether the row is its key's first in
     * the batch; only those are compared with what is there.
     */
    static Table versioned(String name, String key, Column... columns) {
        String previous =
                """
                SELECT s.hash_diff
                      FROM %s s
                     WHERE s.%s = n.%s
                       AND s.load_date < timestamptz 'epoch' + n.load_date * interval '1 microsecond'
                     ORDER BY s.load_date DESC
                     LIMIT 1"""
                        .formatted(name, key, key);
        String condition = "NOT n.first_of_key OR n.hash_diff IS DISTINCT FROM (" + previous + ")";
        return new Table(name, List.of(columns), condition, DO_NOTHING);
    }

    String sql() {
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (Column column : columns) {
            names.add(column.name());
            values.add(column.type().expression("n." + column.name()));
        }
        List<String> arrays = new ArrayList<>();
        List<String> elements = new ArrayList<>();
        for (Column column : parameters()) {
            arrays.add("?::" + column.type().elementType + "[]");
            elements.add(column.name());
        }
        return "INSERT INTO "
                + name
                + " ("
                + String.join(", ", names)
                + ")\nSELECT "
                + String.join(", ", values)
                + "\n  FROM unnest("
                + String.join(", ", arrays)
                + ")"
                + " AS n("
                + String.join(", ", elements)
                + ")"
                + (condition == null ? "" : "\n WHERE " + condition)
                + "\nON CONFLICT "
                + onConflict;
    }

    /** The array parameters: the columns, and for a versioned satellite the mark of first rows. */
    List<Column> parameters() {
        if (condition == null) {
            return columns;
        }
        List<Column> parameters = new ArrayList<>(columns);
        parameters.add(Column.bool("first_of_key"));
        return parameters;
    }
}
