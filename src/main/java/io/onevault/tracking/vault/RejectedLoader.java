package io.onevault.tracking.vault;

import io.onevault.tracking.event.Recovery;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.event.SourcePosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Loads rejected events of registered tenants into the raw layer, with status ERROR. Their rows'
 * key derives from the place of the record and its append time, so that each refusal is a row and a
 * replay adds none. It tells nothing of what was sent: of that the row holds but a part, and where
 * the rest can be tried out a hash would tell it.
 */
final class RejectedLoader extends Loader<RejectedEvent> {

    private static final String ERROR = "ERROR";
    private static final HexFormat HEX = HexFormat.of();

    private static final Table FORGET =
            Table.call(
                    "raw.site_tracking_forget_events",
                    Table.When.ANY,
                    Column.bytea("tenant_hk"),
                    Column.text("event_bk"));

    RejectedLoader(String recordSource) {
        super(recordSource);
    }

    @Override
    void ensurePartitions(PartitionDays days, Connection connection, RejectedEvent event)
            throws SQLException {
        days.ensure(connection, event.occurredAt(), event.position().loadDate());
    }

    /** Without those of erased visitors, which the archive forgets where it has them. */
    @Override
    List<RejectedEvent> prepared(Connection connection, List<RejectedEvent> rejected)
            throws SQLException {
        Set<RejectedEvent> erased = tombstones.erased(rejected, RejectedLoader::trace);
        if (erased.isEmpty()) {
            return rejected;
        }
        forget(connection, erased);
        List<RejectedEvent> kept = new ArrayList<>(rejected);
        kept.removeIf(erased::contains);
        return kept;
    }

    private static void forget(Connection connection, Set<RejectedEvent> erased)
            throws SQLException {
        Rows rows = new Rows(FORGET);
        for (RejectedEvent event : erased) {
            if (event.eventBk() != null) {
                rows.add(HEX.parseHex(event.tenantHk()), event.eventBk());
            }
        }
        if (rows.all().isEmpty()) {
            return;
        }
        // Of production and of a shadow alike: jobs of both are told by one list.
        try (PreparedStatement call = connection.prepareStatement(FORGET.sql())) {
            rows.bind(call);
            call.execute();
        }
    }

    private static Tombstones.@Nullable Trace trace(RejectedEvent event) {
        String namedBk = event.named().named();
        return namedBk == null
                ? null
                : Tombstones.Trace.of(
                        event.tenantHk(), namedBk, event.named().userId(), event.position());
    }

    @Override
    List<Rows> rows(Connection connection, List<RejectedEvent> rejected) {
        Rows rows = new Rows(EventTables.REJECTED);
        for (RejectedEvent event : rejected) {
            add(event, rows);
        }
        rows.sort(Rows.byValue(0).thenComparing(Rows.byHashKey(1)));
        return List.of(rows);
    }

    /** What PostgreSQL may not take of a rejected event is its payload. */
    @Override
    @Nullable RejectedEvent lessOf(RejectedEvent event) {
        return event.payload() == null ? null : event.withoutPayload();
    }

    private void add(RejectedEvent event, Rows rows) {
        SourcePosition at = event.position();
        String bk =
                "rejected_"
                        + at.topic()
                        + '/'
                        + at.partition()
                        + '/'
                        + at.offset()
                        + '.'
                        + PgType.micros(at.loadDate());
        byte[] eventHk = keys.hub(event.tenantHk(), bk);
        rows.addOnce(
                eventHk,
                event.occurredAt(),
                eventHk,
                HEX.parseHex(event.tenantHk()),
                event.eventBk(),
                event.named().visitorId(),
                event.named().userId(),
                event.payload(),
                null,
                null,
                null,
                null,
                ERROR,
                List.of(event.reason()),
                detail(event),
                event.position().topic(),
                event.position().partition(),
                event.position().offset(),
                null,
                null,
                null,
                null,
                event.position().appendedFirst(),
                event.position().loadDate(),
                recordSource);
    }

    private static String detail(RejectedEvent event) {
        String field = event.field() == null ? "event" : event.field();
        String detail = event.expected() == null ? field : field + ": expected " + event.expected();
        Recovery recovered = event.position().recovered();
        return recovered == null ? detail : detail + "; recovered from " + recovered.place();
    }
}
