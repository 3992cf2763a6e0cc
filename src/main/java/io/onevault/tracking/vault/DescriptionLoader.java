package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.Column.bool;
import static io.onevault.tracking.vault.Column.bytea;
import static io.onevault.tracking.vault.Column.instant;
import static io.onevault.tracking.vault.Column.text;

import io.onevault.tracking.vault.Description.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Loads micro-batches of descriptions into the versioned satellites. A row is written only where it
 * differs from the versions before and after it.
 */
final class DescriptionLoader extends Loader<Description> {

    private static final int KEY = 0;
    private static final int EVENT_TIMESTAMP = 1;
    private static final int LOAD_DATE = 2;
    private static final int HASH_DIFF = 3;
    private static final int TENANT = 4;
    private static final int SOURCE = 5;
    private static final int VALUES = 6;
    private static final HexFormat HEX = HexFormat.of();

    static final Table VISITOR =
            versioned(
                    "business.site_visitor_details_s",
                    "visitor_hk",
                    text("device_type"),
                    text("browser"),
                    text("browser_version"),
                    text("os"),
                    text("os_version"),
                    new Column("is_bot", PgType.BOOLEAN_TEXT),
                    text("language"),
                    text("timezone"),
                    text("screen_resolution"));

    static final Table PAGE =
            versioned(
                    "business.site_page_details_s",
                    "page_hk",
                    text("page_url"),
                    text("page_host"),
                    text("page_path"),
                    text("page_query"),
                    text("page_title"));

    static final Table ITEM =
            versioned(
                    "business.business_item_details_s",
                    "business_item_hk",
                    text("item_type"),
                    text("item_name"),
                    text("item_category"),
                    text("item_brand"),
                    new Column("price", PgType.NUMERIC_TEXT),
                    text("currency"));

    DescriptionLoader(String recordSource) {
        super(recordSource);
    }

    /**
     * A plan that was made while a satellite was small reads all of it each time; and the versions
     * of what is seen now lie in memory, however the disk is.
     */
    @Override
    void connected(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET plan_cache_mode = force_custom_plan");
            statement.execute("SET random_page_cost = 1.1");
        }
    }

    /** What is told of erased visitors is left out. */
    @Override
    List<Description> prepared(Connection connection, List<Description> batch) throws SQLException {
        Set<Description> erased = tombstones.erased(batch, DescriptionLoader::traceOfVisitor);
        if (erased.isEmpty()) {
            return batch;
        }
        List<Description> kept = new ArrayList<>(batch);
        kept.removeIf(erased::contains);
        return kept;
    }

    private static Tombstones.@Nullable Trace traceOfVisitor(Description description) {
        return description.kind() == Kind.VISITOR
                ? new Tombstones.Trace(
                        description.tenantHk(), description.bk(), null, description.loadDate())
                : null;
    }

    @Override
    List<Rows> rows(Connection connection, List<Description> batch) {
        Map<Kind, List<@Nullable Object[]>> byKind = new EnumMap<>(Kind.class);
        for (Description description : batch) {
            byKind.computeIfAbsent(description.kind(), kind -> new ArrayList<>())
                    .add(row(description));
        }
        List<Rows> rows = new ArrayList<>();
        byKind.forEach((kind, all) -> rows.add(changes(table(kind), all)));
        return rows;
    }

    private static Table table(Kind kind) {
        return switch (kind) {
            case VISITOR -> VISITOR;
            case PAGE -> PAGE;
            case ITEM -> ITEM;
        };
    }

    private @Nullable Object[] row(Description description) {
        Object[] values = description.values().toArray();
        Object[] row = new Object[VALUES + values.length + 1];
        row[KEY] = keys.hub(description.tenantHk(), description.bk());
        row[EVENT_TIMESTAMP] = description.occurredAt();
        row[LOAD_DATE] = description.loadDate();
        row[HASH_DIFF] = hashDiff.of(values);
        row[TENANT] = HEX.parseHex(description.tenantHk());
        row[SOURCE] = recordSource;
        System.arraycopy(values, 0, row, VALUES, values.length);
        row[row.length - 1] = description.repeated();
        return row;
    }

    /** The versions of a batch in order; of those of one moment, the one that arrived first. */
    private static Rows changes(Table table, List<@Nullable Object[]> all) {
        Comparator<@Nullable Object[]> order =
                Rows.byHashKey(KEY)
                        .thenComparing(Rows.byValue(EVENT_TIMESTAMP))
                        .thenComparing(Rows.byValue(LOAD_DATE));
        all.sort(order);
        Rows changes = new Rows(table);
        Object[] previous = null;
        for (Object[] row : all) {
            if (previous == null || order.compare(previous, row) != 0) {
                changes.add(row);
            }
            previous = row;
        }
        return changes;
    }

    /**
     * The statement lays the batch's versions of each key in order of event time, then load date,
     * among those that are there, from the last one before them to the first one after them, and
     * inserts those that differ from both neighbours. A version that is there holds its moment.
     * What an event told that was loaded before is history already; only at its end something may
     * be missing, where the run that loaded it was lost.
     */
    private static Table versioned(String name, String key, Column... description) {
        List<Column> columns = new ArrayList<>();
        columns.add(bytea(key));
        columns.add(instant("event_timestamp"));
        columns.add(instant("load_date"));
        columns.add(bytea("hash_diff"));
        columns.add(bytea("tenant_hk"));
        columns.add(text("record_source"));
        columns.addAll(List.of(description));
        List<Column> travelling = new ArrayList<>(columns);
        travelling.add(bool("repeated"));
        String sql =
                """
                WITH batch AS (
                    SELECT $values
                      FROM $unnested
                ), span AS (
                    SELECT $key, min(event_timestamp) AS first, max(event_timestamp) AS last
                      FROM batch
                     GROUP BY $key
                ), known AS (
                    SELECT s.$key, s.event_timestamp, s.load_date, s.hash_diff
                      FROM span
                      JOIN $table s
                        ON s.$key = span.$key
                       AND s.event_timestamp >= coalesce((SELECT max(b.event_timestamp)
                                                            FROM $table b
                                                           WHERE b.$key = span.$key
                                                             AND b.event_timestamp < span.first),
                                                         span.first)
                       AND s.event_timestamp <= coalesce((SELECT min(a.event_timestamp)
                                                            FROM $table a
                                                           WHERE a.$key = span.$key
                                                             AND a.event_timestamp > span.last),
                                                         span.last)
                ), ordered AS (
                    SELECT *, lag(hash_diff) OVER version AS before
                      FROM (SELECT $key, event_timestamp, load_date, hash_diff, true AS is_new
                              FROM batch b
                             WHERE NOT EXISTS (SELECT
                                                 FROM known
                                                WHERE known.$key = b.$key
                                                  AND known.event_timestamp = b.event_timestamp
                                                  AND known.load_date = b.load_date)
                               AND NOT (b.repeated
                                        AND EXISTS (SELECT
                                                      FROM known
                                                     WHERE known.$key = b.$key
                                                       AND (known.event_timestamp, known.load_date)
                                                           > (b.event_timestamp, b.load_date)))
                            UNION ALL
                            SELECT $key, event_timestamp, load_date, hash_diff, false
                              FROM known) u
                    WINDOW version AS (PARTITION BY $key ORDER BY event_timestamp, load_date)
                ), changed AS (
                    SELECT $key, event_timestamp, load_date, hash_diff, is_new,
                           lead(hash_diff) OVER version AS after
                      FROM ordered
                     WHERE NOT is_new OR hash_diff IS DISTINCT FROM before
                    WINDOW version AS (PARTITION BY $key ORDER BY event_timestamp, load_date)
                )
                INSERT INTO $table ($names)
                SELECT $columns
                  FROM changed c
                  JOIN batch n USING ($key, event_timestamp, load_date)
                 WHERE c.is_new
                   AND c.hash_diff IS DISTINCT FROM c.after
                ON CONFLICT DO NOTHING"""
                        .replace("$values", Table.named(travelling))
                        .replace("$unnested", Table.unnested(travelling))
                        .replace("$names", Table.names(columns))
                        .replace("$columns", "n." + Table.names(columns).replace(", ", ", n."))
                        .replace("$table", name)
                        .replace("$key", key);
        return new Table(name, travelling, sql, null, Table.When.ANY);
    }
}
