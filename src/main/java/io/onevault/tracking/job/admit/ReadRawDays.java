package io.onevault.tracking.job.admit;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.event.Handling;
import io.onevault.tracking.event.Keeping;
import io.onevault.tracking.event.Place;
import io.onevault.tracking.event.Suspicion;
import io.onevault.tracking.state.ArchivedEvent;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/** Reads the accepted events of days, each a day partition, out of the raw table. */
final class ReadRawDays extends RichFlatMapFunction<Long, StoredEvent> {

    private static final long serialVersionUID = 1;

    private static final int FETCHED_ROWS = 2_000;

    private static final String DAY =
            """
            SELECT encode(tenant_hk, 'hex') AS tenant_hk,
                   event_bk,
                   coalesce(visitor_bk, payload ->> 'visitor_id') AS visitor_bk,
                   event_timestamp,
                   payload::text AS payload,
                   payload ->> 'tenantId' AS tenant_bk,
                   received_at,
                   user_agent,
                   ip_network,
                   collector,
                   status_codes,
                   keeping,
                   policy_from,
                   country,
                   region,
                   source_topic,
                   source_partition,
                   source_offset,
                   load_date,
                   first_appended_at
              FROM raw.site_tracking_events_r
             WHERE event_timestamp >= ?
               AND event_timestamp < ?
               AND processing_status <> 'ERROR'""";

    // -- configuration
    private final DatabaseAccess database;
    private final History history;

    // -- runtime
    private transient Connection connection;

    ReadRawDays(DatabaseAccess database, History history) {
        this.database = database;
        this.history = history;
    }

    @Override
    public void open(OpenContext context) throws SQLException {
        // Not through DriverManager, which misses drivers of other class loaders.
        connection = new Driver().connect(database.openUrl(), database.properties());
        // Or else the driver reads all rows at once.
        connection.setAutoCommit(false);
    }

    @Override
    public void close() throws SQLException {
        if (connection != null) {
            connection.close();
        }
    }

    /**
     * @param epochDay of the events' times, UTC
     */
    @Override
    public void flatMap(Long epochDay, Collector<StoredEvent> out) throws SQLException {
        OffsetDateTime day = LocalDate.ofEpochDay(epochDay).atStartOfDay().atOffset(ZoneOffset.UTC);
        try (PreparedStatement select = connection.prepareStatement(DAY)) {
            select.setFetchSize(FETCHED_ROWS);
            select.setObject(1, day);
            select.setObject(2, day.plusDays(1));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    collect(row, out);
                }
            }
        }
    }

    private void collect(ResultSet row, Collector<StoredEvent> out) throws SQLException {
        String tenantHk = row.getString("tenant_hk");
        ArchivedEvent event = event(row);
        if (history.isOf(tenantHk)
                && history.holds(event.topic(), event.partition(), event.offset())) {
            out.collect(new StoredEvent(tenantHk, row.getString("event_bk"), event, true));
        }
    }

    private static ArchivedEvent event(ResultSet row) throws SQLException {
        return new ArchivedEvent(
                row.getString("tenant_bk"),
                row.getString("visitor_bk"),
                instant(row, "event_timestamp"),
                row.getString("payload"),
                instant(row, "received_at"),
                row.getString("user_agent"),
                row.getString("ip_network"),
                row.getString("collector"),
                suspicions(row),
                false,
                row.getString("source_topic"),
                row.getInt("source_partition"),
                row.getLong("source_offset"),
                instant(row, "load_date").truncatedTo(ChronoUnit.MILLIS),
                handling(row),
                place(row),
                instant(row, "first_appended_at"));
    }

    private static @Nullable Place place(ResultSet row) throws SQLException {
        String country = row.getString("country");
        return country == null ? null : new Place(country, row.getString("region"));
    }

    private static @Nullable Handling handling(ResultSet row) throws SQLException {
        String keeping = row.getString("keeping");
        return keeping == null
                ? null
                : new Handling(Keeping.valueOf(keeping), instant(row, "policy_from"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    /** Those of admission: which agents are robots is found out again. */
    private static List<Suspicion> suspicions(ResultSet row) throws SQLException {
        List<Suspicion> suspicions = new ArrayList<>();
        Array codes = row.getArray("status_codes");
        if (codes != null) {
            for (String code : (String[]) codes.getArray()) {
                Suspicion suspicion = Suspicion.valueOf(code);
                if (suspicion != Suspicion.BOT) {
                    suspicions.add(suspicion);
                }
            }
        }
        return suspicions;
    }
}
