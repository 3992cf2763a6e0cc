package io.onevault.tracking.vault;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table and the statement by which a micro-batch is written to it whatever is there, with one
 * array parameter a column.
 *
 * @param columns in the order of the rows' values
 * @param copy the {@code COPY} that writes rows of which none is there; null where some often are
 * @param when what must have become of the rows before these that are of one event
 */
record Table(String name, List<Column> columns, String sql, @Nullable String copy, When when) {

    /** What became of the rows of a transaction that are of one event. */
    enum When {
        ANY,
        ALL_IS_NEW,
        SOME_WAS_THERE;

        boolean holds(boolean allNew) {
            return this == ANY || allNew == (this == ALL_IS_NEW);
        }
    }

    private static final String DO_NOTHING = "DO NOTHING";

    /** A table of what belongs to one event: as in {@link #insertOnly}, and nearly all is new. */
    static Table grain(String name, Column... columns) {
        List<Column> all = List.of(columns);
        String copy = "COPY %s (%s) FROM STDIN (FORMAT binary)".formatted(name, names(all));
        return new Table(name, all, insert(name, all, DO_NOTHING), copy, When.ANY);
    }

    /** A procedure that takes the columns. */
    static Table call(String procedure, When when, Column... columns) {
        List<Column> all = List.of(columns);
        return new Table(procedure, all, "CALL " + procedure + "(" + arrays(all) + ")", null, when);
    }

    /** What is asked about rows, see {@link Rows#ask}. */
    static Table query(List<Column> columns, String sql) {
        return new Table("rows in question", columns, sql, null, When.ANY);
    }

    /** A table whose rows never change: what is there stays. */
    static Table insertOnly(String name, Column... columns) {
        return upsert(name, List.of(columns), DO_NOTHING);
    }

    /**
     * @param onConflict what follows {@code ON CONFLICT}; the table goes by the name {@code t}
     */
    static Table upsert(String name, List<Column> columns, String onConflict) {
        return new Table(name, columns, insert(name, columns, onConflict), null, When.ANY);
    }

    private static String insert(String name, List<Column> columns, String onConflict) {
        return """
        INSERT INTO %s AS t (%s)
        SELECT %s
          FROM %s
        ON CONFLICT %s"""
                .formatted(name, names(columns), values(columns), unnested(columns), onConflict);
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

    /** The same, each by its column's name. */
    static String named(List<Column> columns) {
        List<String> named = new ArrayList<>();
        for (Column column : columns) {
            String value = column.type().expression("n." + column.name());
            named.add(value + " AS " + column.name());
        }
        return String.join(", ", named);
    }

    /** The micro-batch as a table {@code n} of the columns, in the types in which they travel. */
    static String unnested(List<Column> columns) {
        return "unnest(" + arrays(columns) + ") AS n(" + names(columns) + ")";
    }

    private static String arrays(List<Column> columns) {
        List<String> arrays = new ArrayList<>();
        columns.forEach(column -> arrays.add("?::" + column.type().elementType + "[]"));
        return String.join(", ", arrays);
    }
}
