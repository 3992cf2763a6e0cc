package io.onevault.tracking.vault;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row, to be written by a statement of its own as tutorials do it. For the benchmark only,
 * which compares the loaders with that.
 */
public final class PlainRow {

    private static final String ON_CONFLICT = "ON CONFLICT";

    private final Table table;
    private final @Nullable Object[] values;

    private PlainRow(Table table, @Nullable Object[] values) {
        this.table = table;
        this.values = values;
    }

    /**
     * The rows of a micro-batch in writing order; each brings its hub rows again. Left out are the
     * procedures that follow the rows.
     *
     * @param batch without spans of sessions
     */
    public static <T> List<PlainRow> of(Loader<T> load, List<T> batch) throws SQLException {
        List<PlainRow> plain = new ArrayList<>();
        // Only spans ask the connection for what is there.
        for (Rows rows : load.rows(null, batch)) {
            if (rows.table().sql().contains(ON_CONFLICT)) {
                for (@Nullable Object[] values : rows.all()) {
                    plain.add(new PlainRow(rows.table(), values));
                }
            }
        }
        return plain;
    }

    /** This one only tells the loader's statement what to do. */
    private static boolean isStored(Column column) {
        return !column.name().equals("repeated");
    }

    public String table() {
        return table.name();
    }

    /** The statement that writes any row of the table. */
    public String sql() {
        List<Column> columns = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (Column column : table.columns()) {
            if (isStored(column)) {
                columns.add(column);
                values.add(placeholder(column.type()));
            }
        }
        return "INSERT INTO %s AS t (%s) VALUES (%s) %s"
                .formatted(
                        table.name(),
                        Table.names(columns),
                        String.join(", ", values),
                        onConflict());
    }

    /** Whether a row may change one that is there; such rows must not meet in one statement. */
    public boolean updates() {
        return onConflict().contains("DO UPDATE");
    }

    /** Versions of a description, too, are told apart by their moment alone. */
    private String onConflict() {
        return table.sql().substring(table.sql().lastIndexOf(ON_CONFLICT));
    }

    private static String placeholder(PgType type) {
        return type == PgType.INSTANT ? "?" : type.expression("?");
    }

    /** Binds the row to a statement made from {@link #sql}. */
    public void bind(PreparedStatement statement) throws SQLException {
        int place = 1;
        for (int i = 0; i < values.length; i++) {
            Column column = table.columns().get(i);
            if (isStored(column)) {
                bind(statement, place++, values[i], column.type());
            }
        }
    }

    private static void bind(
            PreparedStatement statement, int place, @Nullable Object value, PgType type)
            throws SQLException {
        if (value instanceof Instant instant) {
            statement.setTimestamp(place, Timestamp.from(instant));
        } else if (value == null) {
            statement.setObject(place, null);
        } else {
            statement.setObject(place, type.element(value));
        }
    }
}
