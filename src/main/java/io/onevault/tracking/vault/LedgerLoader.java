package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.Column.bigint;
import static io.onevault.tracking.vault.Column.bytea;
import static io.onevault.tracking.vault.Column.instant;
import static io.onevault.tracking.vault.Column.text;

import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerTotals;
import java.sql.Connection;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the ledger's running totals. Those of a day, tenant and run replace all of these before,
 * also ones that are no longer among them, so that a replay after a failure, which counts again
 * from the checkpoint and may come to other outcomes, leaves what it counted and nothing else.
 */
final class LedgerLoader extends Loader<LedgerTotals> {

    private static final HexFormat HEX = HexFormat.of();

    private static final Table LEDGER = ledger();

    LedgerLoader(String recordSource) {
        super(recordSource);
    }

    private static Table ledger() {
        String name = "raw.site_tracking_ledger_r";
        List<Column> columns =
                List.of(
                        new Column("ledger_date", PgType.DATE),
                        bytea("tenant_hk"),
                        text("outcome"),
                        text("code"),
                        text("run_id"),
                        bigint("event_count"),
                        instant("load_date"),
                        text("record_source"));
        String sql =
                """
                WITH totals ($names) AS MATERIALIZED (
                    SELECT $values
                      FROM $unnested
                ), rolled_back AS (
                    DELETE FROM $table t
                     USING (SELECT DISTINCT ledger_date, tenant_hk, run_id FROM totals) written
                     WHERE (t.ledger_date, t.tenant_hk, t.run_id)
                         = (written.ledger_date, written.tenant_hk, written.run_id)
                       AND NOT EXISTS (
                           SELECT FROM totals n
                            WHERE (n.ledger_date, n.tenant_hk, n.outcome, n.code, n.run_id)
                                = (t.ledger_date, t.tenant_hk, t.outcome, t.code, t.run_id)
                              AND n.event_count > 0)
                )
                INSERT INTO $table AS t ($names)
                SELECT $names
                  FROM totals
                 WHERE event_count > 0
                ON CONFLICT (ledger_date, tenant_hk, outcome, code, run_id) DO UPDATE
                   SET event_count = excluded.event_count, load_date = excluded.load_date
                 WHERE t.event_count <> excluded.event_count"""
                        .replace("$names", Table.names(columns))
                        .replace("$values", Table.values(columns))
                        .replace("$unnested", Table.unnested(columns))
                        .replace("$table", name);
        return new Table(name, columns, sql, null, Table.When.ANY);
    }

    @Override
    List<Rows> rows(Connection connection, List<LedgerTotals> batch) {
        Map<String, LedgerTotals> last = new LinkedHashMap<>();
        for (LedgerTotals totals : batch) {
            last.put(totals.runId() + '|' + totals.entries().get(0).key(), totals);
        }
        Rows rows = new Rows(LEDGER);
        for (LedgerTotals totals : last.values()) {
            for (LedgerEntry entry : totals.entries()) {
                rows.add(
                        LocalDate.ofEpochDay(entry.day()).toString(),
                        HEX.parseHex(entry.tenantHk()),
                        entry.outcome().name(),
                        entry.code(),
                        totals.runId(),
                        entry.count(),
                        totals.loadDate(),
                        recordSource);
            }
        }
        return List.of(rows);
    }
}
