package io.onevault.tracking.vault;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** The rows of one micro-batch for one table. */
final class Rows {

    private final Table table;
    private final List<@Nullable Object[]> rows = new ArrayList<>();
    private final Set<HashKey> keys = new HashSet<>();
    private final @Nullable Map<HashKey, Boolean> known;

    Rows(Table table) {
        this(table, null);
    }

    /**
     * @param known of rows that are in the table; null where they are not remembered
     */
    Rows(Table table, @Nullable Map<HashKey, Boolean> known) {
        this.table = table;
        this.known = known;
    }

    /** Adds a row; values in the order of the table's columns. */
    void add(@Nullable Object... values) {
        rows.add(values);
    }

    /** Adds a row unless one of the same hash key is here or known to be in the table. */
    void addOnce(byte[] key, @Nullable Object... values) {
        HashKey hashKey = new HashKey(key);
        boolean isKnown = known != null && known.get(hashKey) != null;
        if (!isKnown && keys.add(hashKey)) {
            rows.add(values);
        }
    }

    /** To be called when the rows are committed. */
    void committed() {
        if (known != null) {
            keys.forEach(key -> known.put(key, true));
        }
    }

    /**
     * Sorts by a column. Parallel loaders that write the same keys in the same order cannot
     * deadlock, and neighbouring rows share index pages.
     */
    void sort(Comparator<@Nullable Object[]> order) {
        rows.sort(order);
    }

    /** Binds one array a column. */
    void bind(PreparedStatement statement) throws SQLException {
        PGConnection connection = statement.getConnection().unwrap(PGConnection.class);
        List<Column> columns = table.columns();
        for (int column = 0; column < columns.size(); column++) {
            PgType type = columns.get(column).type();
            Object elements = type == PgType.INSTANT ? micros(column) : null;
            if (elements == null) {
                elements = elements(type, column);
            }
            statement.setArray(column + 1, connection.createArrayOf(type.elementType, elements));
        }
    }

    /** Takes an answer about a row: its place, from 0, and a number. */
    interface Answer {
        void take(int place, long number) throws SQLException;
    }

    /**
     * Asks the table's query about the rows; it answers for some of them.
     *
     * @param more parameters behind the columns
     * @return of how many
     */
    int ask(Connection connection, Layers layers, Answer answer, long... more) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(layers.sql(table.sql()))) {
            bind(query);
            for (int i = 0; i < more.length; i++) {
                query.setLong(table.columns().size() + 1 + i, more[i]);
            }
            int answers = 0;
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    answer.take(row.getInt(1) - 1, row.getLong(2));
                    answers++;
                }
            }
            return answers;
        }
    }

    /** Calls the table's procedure with the rows, if there are any. */
    void call(Connection connection, Layers layers) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        try (PreparedStatement call = connection.prepareStatement(layers.sql(table.sql()))) {
            bind(call);
            call.execute();
        }
    }

    private Object[] elements(PgType type, int column) {
        Object[] elements = type.newArray(rows.size());
        for (int row = 0; row < elements.length; row++) {
            Object value = rows.get(row)[column];
            elements[row] = value == null ? null : type.element(value);
        }
        return elements;
    }

    /** A column of instants without boxes, or null where one is missing. */
    private long @Nullable [] micros(int column) {
        long[] micros = new long[rows.size()];
        for (int row = 0; row < micros.length; row++) {
            Instant instant = (Instant) rows.get(row)[column];
            if (instant == null) {
                return null;
            }
            micros[row] = PgType.micros(instant);
        }
        return micros;
    }

    Table table() {
        return table;
    }

    List<@Nullable Object[]> all() {
        return rows;
    }

    /** Orders by the hash key at the given column, as PostgreSQL orders bytea. */
    static Comparator<@Nullable Object[]> byHashKey(int column) {
        return (a, b) -> Arrays.compareUnsigned((byte[]) a[column], (byte[]) b[column]);
    }

    /** Orders by the value at the given column. */
    @SuppressWarnings("unchecked")
    static Comparator<@Nullable Object[]> byValue(int column) {
        return (a, b) -> ((Comparable<Object>) a[column]).compareTo(b[column]);
    }
}
