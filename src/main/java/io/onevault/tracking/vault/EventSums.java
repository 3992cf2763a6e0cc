package io.onevault.tracking.vault;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Has events summed for analytics, many at a time: now and then the border behind which they are
 * summed follows the greatest event time of each tenant. How often that is done changes no answer.
 * Not thread-safe.
 */
final class EventSums {

    private static final int EVENTS_BETWEEN = 50_000;
    private static final Duration TIME_BETWEEN = Duration.ofMinutes(10);

    /** Most events come in order by this much; those that don't are summed one by one. */
    private static final Duration MARGIN = Duration.ofMinutes(2);

    private static final String SUM = "CALL business.sum_site_events(?, ?)";

    private final Map<String, Instant> latestByTenant = new HashMap<>();
    private int events;
    private @Nullable Instant summedAt;

    /**
     * Sums what was noted before, if it is much or long ago.
     *
     * @param connection in auto-commit mode
     */
    void sumWhenDue(Connection connection, List<EnrichedEvent> batch) throws SQLException {
        if (batch.isEmpty()) {
            return;
        }
        Instant now = batch.get(batch.size() - 1).admitted().position().loadDate();
        if (summedAt == null) {
            summedAt = now;
        }
        if (events >= EVENTS_BETWEEN
                || Duration.between(summedAt, now).compareTo(TIME_BETWEEN) > 0) {
            sum(connection);
            latestByTenant.clear();
            events = 0;
            summedAt = now;
        }
    }

    /** To be called with what was written; a batch that is rolled back later does no harm. */
    void note(List<EnrichedEvent> batch) {
        for (EnrichedEvent event : batch) {
            AdmittedEvent admitted = event.admitted();
            Instant latest = latestByTenant.get(admitted.tenantHk());
            if (latest == null || admitted.occurredAt().isAfter(latest)) {
                latestByTenant.put(admitted.tenantHk(), admitted.occurredAt());
            }
        }
        events += batch.size();
    }

    private void sum(Connection connection) throws SQLException {
        byte[][] tenants = new byte[latestByTenant.size()][];
        Long[] micros = new Long[tenants.length];
        int i = 0;
        for (Map.Entry<String, Instant> latest : latestByTenant.entrySet()) {
            tenants[i] = HexFormat.of().parseHex(latest.getKey());
            micros[i] = latest.getValue().minus(MARGIN).toEpochMilli() * 1_000;
            i++;
        }
        Array tenantArray = connection.createArrayOf("bytea", tenants);
        Array microsArray = connection.createArrayOf("int8", micros);
        try (PreparedStatement statement = connection.prepareStatement(SUM)) {
            statement.setArray(1, tenantArray);
            statement.setArray(2, microsArray);
            statement.execute();
        } catch (SQLException e) {
            // Without its state: an event of this batch is not what the database refuses.
            throw new SQLException("Events cannot be summed", e);
        }
    }
}
