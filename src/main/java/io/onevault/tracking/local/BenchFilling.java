package io.onevault.tracking.local;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Fills all tables before the job starts, so that it meets what a vault in use holds. */
final class BenchFilling {

    private static final int DAYS = 10;
    private static final double SECOND_NANOS = 1e9;

    private BenchFilling() {}

    /**
     * Fills a migrated vault with some events of the days before the generated ones.
     *
     * @param connection of its own, which keeps settings
     * @return what that took, in JSON members
     */
    static Map<String, Object> fill(Connection connection, int some) throws Exception {
        long begin = System.nanoTime();
        Instant until = Bench.firstDay().minusSeconds(1);
        try (Statement statement = connection.createStatement()) {
            BenchVault.fillAll(connection, some, DAYS, until);
            statement.execute("VACUUM ANALYZE");
            statement.execute("CHECKPOINT");
        }
        Map<String, Object> filled = new LinkedHashMap<>();
        filled.put("seconds", BenchMoment.rounded((System.nanoTime() - begin) / SECOND_NANOS));
        filled.put("days", DAYS);
        BenchDatabase database = new BenchDatabase(connection);
        long events = database.rows("business.site_event_h");
        filled.put("events", events);
        filled.putAll(BenchFindings.disk(database.tables(), events));
        return filled;
    }
}
