package io.onevault.tracking.vault;

import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Set;

/**
 * Has a day's partitions made before the first row of that day, in a transaction of its own. Days
 * long past or ahead are left to the default partitions, so that a hostile clock cannot make
 * thousands of them; which partition holds a row changes nothing that can be read. Not thread-safe.
 */
final class PartitionDays {

    private static final Duration PAST = Duration.ofDays(31);
    private static final Duration AHEAD = Duration.ofDays(2);

    /** How long ago a topic may have been written that is read only now. */
    private static final Duration KEPT = Duration.ofDays(400);

    private static final String ENSURE = "SELECT raw.site_tracking_ensure_partitions(?, ?)";

    private final InstantSource clock;
    private final Layers layers;
    private final Set<LocalDate> ensured = new HashSet<>();

    PartitionDays(InstantSource clock, Layers layers) {
        this.clock = clock;
        this.layers = layers;
    }

    /**
     * @param loadDate when the event was appended, which is believed only near the present
     */
    void ensure(Connection connection, Instant eventTimestamp, Instant loadDate)
            throws SQLException {
        LocalDate day = LocalDate.ofInstant(eventTimestamp, ZoneOffset.UTC);
        if (ensured.contains(day)
                || eventTimestamp.isBefore(loadDate.minus(PAST))
                || eventTimestamp.isAfter(loadDate.plus(AHEAD))
                || !isNearThePresent(eventTimestamp)) {
            return;
        }
        try (PreparedStatement ensure = connection.prepareStatement(layers.sql(ENSURE))) {
            ensure.setDate(1, Date.valueOf(day));
            ensure.setDate(2, Date.valueOf(day));
            ensure.execute();
        } catch (SQLException e) {
            if (!Refusal.isDataError(e)) {
                throw e;
            }
            // A day that the database does not want: the default partition takes its rows.
        }
        ensured.add(day);
    }

    private boolean isNearThePresent(Instant eventTimestamp) {
        Instant now = clock.instant();
        return !eventTimestamp.isBefore(now.minus(KEPT))
                && !eventTimestamp.isAfter(now.plus(AHEAD));
    }
}
