package io.onevault.tracking.bench.gauge;

import io.onevault.tracking.migrate.VaultChecks;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the benchmark asks the database. */
public final class DatabaseCounters {

    private static final int VIOLATIONS_SHOWN = 3;
    private static final String WAL = "SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint";
    private static final String SIZES =
            """
            SELECT
                n.nspname || '.' || c.relname,
                coalesce(
                    (SELECT sum(pg_total_relation_size(t.relid)) FROM pg_partition_tree(c.oid) AS t),
                    pg_total_relation_size(c.oid)
                )::bigint
            FROM pg_class AS c
            JOIN pg_namespace AS n
                ON n.oid = c.relnamespace
            WHERE
                n.nspname IN ('raw', 'staging', 'business')
                AND c.relkind IN ('r', 'p')
                AND NOT c.relispartition
            """;
    private static final String SETTINGS =
            """
            SELECT name, setting || coalesce(' ' || unit, '')
            FROM pg_settings
            WHERE name IN (
                'server_version', 'fsync', 'synchronous_commit', 'full_page_writes',
                'shared_buffers', 'max_wal_size', 'wal_compression'
            )
            """;

    /** A table with its indexes, all partitions together. */
    public record TableSize(long bytes, long rows) {

        /** What was added since an earlier moment, or all of a table that was not there. */
        public TableSize since(@Nullable TableSize earlier) {
            return earlier == null
                    ? this
                    : new TableSize(bytes - earlier.bytes, rows - earlier.rows);
        }
    }

    private final Connection connection;

    public DatabaseCounters(Connection connection) {
        this.connection = connection;
    }

    /** Bytes of write-ahead log since the server was made. */
    long walBytes() throws SQLException {
        return Long.parseLong(query(WAL).values().iterator().next());
    }

    public Map<String, String> settings() throws SQLException {
        return query(SETTINGS);
    }

    public Map<String, TableSize> tables() throws SQLException {
        Map<String, TableSize> tables = new TreeMap<>();
        for (Map.Entry<String, String> size : query(SIZES).entrySet()) {
            long bytes = Long.parseLong(size.getValue());
            tables.put(size.getKey(), new TableSize(bytes, rows(size.getKey())));
        }
        return tables;
    }

    public long rows(String table) throws SQLException {
        return Long.parseLong(query("SELECT count(*) FROM " + table).values().iterator().next());
    }

    /** What breaks the vault's invariants, one line a check; empty when all is well. */
    public List<String> violations() throws SQLException {
        List<String> violations = new ArrayList<>();
        for (VaultChecks.Result result : VaultChecks.run(connection, VIOLATIONS_SHOWN)) {
            if (!result.passed()) {
                violations.add("check " + result.check() + " finds " + result.violations());
            }
        }
        return violations;
    }

    /** First column by last column. */
    private Map<String, String> query(String sql) throws SQLException {
        Map<String, String> result = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            int last = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                result.put(rows.getString(1), rows.getString(last));
            }
        }
        return result;
    }
}
