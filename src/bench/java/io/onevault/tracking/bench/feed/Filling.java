package io.onevault.tracking.bench.feed;

import io.onevault.tracking.bench.Bench;
import io.onevault.tracking.bench.BenchFindings;
import io.onevault.tracking.bench.gauge.DatabaseCounters;
import io.onevault.tracking.bench.gauge.Moment;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Fills all tables before the job starts, so that it meets what a vault in use holds. */
public final class Filling {

    private static final int DAYS = 10;
    private static final double SECOND_NANOS = 1e9;

    private Filling() {}

    /**
     * Fills a migrated vault with some events of the days before the generated ones.
     *
     * @param connection of its own, which keeps settings
     * @return what that took, in JSON members
     */
    public static Map<String, Object> fill(Connection connection, int some) throws Exception {
        long begin = System.nanoTime();
        Instant until = Bench.firstDay().minusSeconds(1);
        try (Statement statement = connection.createStatement()) {
            FilledVault.fillAll(connection, some, DAYS, until);
            statement.execute("VACUUM ANALYZE");
            statement.execute("CHECKPOINT");
        }
        Map<String, Object> filled = new LinkedHashMap<>();
        filled.put("seconds", Moment.rounded((System.nanoTime() - begin) / SECOND_NANOS));
        filled.put("days", DAYS);
        DatabaseCounters database = new DatabaseCounters(connection);
        long events = database.rows("business.site_event_h");
        filled.put("events", events);
        filled.putAll(BenchFindings.disk(database.tables(), events));
        return filled;
    }
}
