package io.onevault.tracking.vault;

import java.util.ArrayList;
import java.util.List;

/**
 * A table and the one statement by which a micro-batch is written to it, with one array parameter a
 * column.
 *
 * @param columns in the order of the rows' values
 */
record Table(String name, List<Column> columns, String sql) {

    private static final String DO_NOTHING = "DO NOTHING";

    /** A table whose rows never change: what is there stays. */
    static Table insertOnly(String name, Column... columns) {
        return upsert(name, List.of(columns), DO_NOTHING);
    }

    /**
     * @param onConflict what follows {@code ON CONFLICT}; the table goes by the name {@code t}
     */
    static Table upsert(String name, List<Column> columns, String onConflict) {
        return new Table(
                name,
                columns,
                """
                INSERT INTO %s AS t (%s)
                SELECT %s
                  FROM %s
                ON CONFLICT %s"""
                        .formatted(
                                name,
                                names(columns),
                                values(columns),
                                unnested(columns),
                                onConflict));
    }

    /** The place of a column's value in a row. */
    int place(String column) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(column)) {
                return i;
            }
        }
        throw new IllegalArgumentException(name + " has no column " + column);
    }

    static String names(List<Column> columns) {
        List<String> names = new ArrayList<>();
        columns.forEach(column -> names.add(column.name()));
        return String.join(", ", names);
    }

    /** The columns' values out of {@link #unnested}. */
    static String values(List<Column> columns) {
        List<String> values = new ArrayList<>();
        columns.forEach(column -> values.add(column.type().expression("n." + column.name())));
        return String.join(", ", values);
    }

    /** The micro-batch as a table {@code n} of the columns, in the types in which they travel. */
    static String unnested(List<Column> columns) {
        List<String> arrays = new ArrayList<>();
        columns.forEach(column -> arrays.add("?::" + column.type().elementType + "[]"));
        return "unnest(" + String.join(", ", arrays) + ") AS n(" + names(columns) + ")";
    }
}
