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
     * @param batch without claims of sessions
     */
    public static <T> List<PlainRow> of(VaultLoad<T> load, List<T> batch) throws SQLException {
        List<PlainRow> plain = new ArrayList<>();
        // Only claims ask the connection for what is there.
        for (Rows rows : load.rows(null, batch)) {
            if (rows.table().sql().contains(ON_CONFLICT)) {
                for (@Nullable Object[] values : rows.all()) {
                    plain.add(new PlainRow(rows.table(), values));
                }
            }
        }
        return plain;
    }

    public String table() {
        return table.name();
    }

    /** The statement that writes any row of the table. */
    public String sql() {
        List<String> values = new ArrayList<>();
        for (Column column : table.columns()) {
            values.add(placeholder(column.type()));
        }
        return "INSERT INTO %s AS t (%s) VALUES (%s) %s"
                .formatted(
                        table.name(),
                        Table.names(table.columns()),
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
        for (int i = 0; i < values.length; i++) {
            Object value = values[i];
            if (value instanceof Instant instant) {
                statement.setTimestamp(i + 1, Timestamp.from(instant));
            } else if (value == null) {
                statement.setObject(i + 1, null);
            } else {
                statement.setObject(i + 1, table.columns().get(i).type().element(value));
            }
        }
    }
}
