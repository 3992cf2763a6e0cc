package io.onevault.tracking.vault;

import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Set;

/**
 * Has a day's partitions made before the first row of that day, in a transaction of its own. Days
 * long past or ahead are left to the default partitions, so that a hostile clock cannot make
 * thousands of them. Not thread-safe.
 */
final class PartitionDays {

    private static final Duration PAST = Duration.ofDays(31);
    private static final Duration AHEAD = Duration.ofDays(2);

    private static final String ENSURE = "SELECT raw.ensure_site_tracking_partitions(?, ?)";

    private final Set<LocalDate> ensured = new HashSet<>();

    /**
     * @param loadDate when the event was appended: what counts as past and ahead
     */
    void ensure(Connection connection, Instant eventTimestamp, Instant loadDate)
            throws SQLException {
        LocalDate day = LocalDate.ofInstant(eventTimestamp, ZoneOffset.UTC);
        if (ensured.contains(day)
                || eventTimestamp.isBefore(loadDate.minus(PAST))
                || eventTimestamp.isAfter(loadDate.plus(AHEAD))) {
            return;
        }
        try (PreparedStatement ensure = connection.prepareStatement(ENSURE)) {
            ensure.setDate(1, Date.valueOf(day));
            ensure.setDate(2, Date.valueOf(day));
            ensure.execute();
        }
        ensured.add(day);
    }
}
