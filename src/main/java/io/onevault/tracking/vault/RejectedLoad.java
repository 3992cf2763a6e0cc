package io.onevault.tracking.vault;

import io.onevault.tracking.event.RejectedEvent;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;

/**
 * Loads rejected events of registered tenants into the raw layer, with status ERROR. Their key is
 * derived from the original bytes, as they have no event key. Not thread-safe.
 */
public final class RejectedLoad {

    private static final String ERROR = "ERROR";
    private static final HexFormat HEX = HexFormat.of();

    private final PartitionDays partitionDays = new PartitionDays();
    private final HashKeys keys = new HashKeys();
    private final String recordSource;

    /**
     * @param recordSource the vault's {@code record_source} of all rows
     */
    public RejectedLoad(String recordSource) {
        this.recordSource = recordSource;
    }

    /** The statement for a micro-batch: one array parameter for each column. */
    public static String sql() {
        return EventTables.RAW.sql();
    }

    /** Binds a micro-batch of events whose tenant is registered. */
    public void bind(PreparedStatement statement, List<RejectedEvent> rejected)
            throws SQLException {
        Rows rows = new Rows(EventTables.RAW);
        for (RejectedEvent event : rejected) {
            partitionDays.ensure(
                    statement.getConnection(), event.occurredAt(), event.position().loadDate());
            add(event, rows);
        }
        rows.sort(Rows.byValue(0).thenComparing(Rows.byHashKey(1)));
        rows.bind(statement, 1);
    }

    private void add(RejectedEvent event, Rows rows) {
        byte[] contentHash = HashKeys.sha256().digest(event.original());
        byte[] eventHk = keys.hub(event.tenantHk(), "rejected_" + HEX.formatHex(contentHash));
        rows.addOnce(
                eventHk,
                event.occurredAt(),
                eventHk,
                HEX.parseHex(event.tenantHk()),
                null,
                event.payload(),
                null,
                null,
                null,
                null,
                ERROR,
                event.reason().name(),
                detail(event),
                event.position().topic(),
                event.position().partition(),
                event.position().offset(),
                event.position().loadDate(),
                recordSource);
    }

    private static String detail(RejectedEvent event) {
        String field = event.field() == null ? "event" : event.field();
        return event.expected() == null ? field : field + ": expected " + event.expected();
    }
}
