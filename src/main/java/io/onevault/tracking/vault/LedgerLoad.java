package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.Column.bigint;
import static io.onevault.tracking.vault.Column.bytea;
import static io.onevault.tracking.vault.Column.instant;
import static io.onevault.tracking.vault.Column.text;

import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerTotal;
import java.sql.Connection;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the ledger's running totals. A total replaces the one before, so that a replay after a
 * failure, which counts again from the checkpoint, ends at the same figure.
 */
public final class LedgerLoad extends VaultLoad<LedgerTotal> {

    private static final HexFormat HEX = HexFormat.of();

    private static final Table LEDGER =
            Table.upsert(
                    "raw.site_tracking_ledger_r",
                    List.of(
                            new Column("ledger_date", PgType.DATE),
                            bytea("tenant_hk"),
                            text("outcome"),
                            text("code"),
                            text("run_id"),
                            bigint("event_count"),
                            instant("load_date"),
                            text("record_source")),
                    """
                    (ledger_date, tenant_hk, outcome, code, run_id) DO UPDATE
                       SET event_count = excluded.event_count, load_date = excluded.load_date""");

    private final String recordSource;

    /**
     * @param recordSource the vault's {@code record_source} of all rows
     */
    public LedgerLoad(String recordSource) {
        this.recordSource = recordSource;
    }

    /** The ledger is not partitioned. */
    @Override
    void ensurePartitions(PartitionDays days, Connection connection, LedgerTotal total) {}

    @Override
    List<Rows> rows(Connection connection, List<LedgerTotal> totals) {
        Map<String, LedgerTotal> last = new LinkedHashMap<>();
        for (LedgerTotal total : totals) {
            last.put(total.runId() + '|' + total.entry().key(), total);
        }
        Rows rows = new Rows(LEDGER);
        for (LedgerTotal total : last.values()) {
            LedgerEntry entry = total.entry();
            rows.add(
                    LocalDate.ofEpochDay(entry.day()).toString(),
                    HEX.parseHex(entry.tenantHk()),
                    entry.outcome().name(),
                    entry.code(),
                    total.runId(),
                    entry.count(),
                    total.loadDate(),
                    recordSource);
        }
        return List.of(rows);
    }
}
