package io.onevault.tracking.vault;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Has events summed for analytics, many at a time: now and then the border behind which they are
 * summed follows the greatest event time. How often that is done changes no answer. Not
 * thread-safe.
 */
final class EventSums {

    private static final int EVENTS_BETWEEN = 50_000;
    private static final Duration TIME_BETWEEN = Duration.ofMinutes(10);

    /** Most events come in order by this much; those that don't are summed one by one. */
    private static final Duration MARGIN = Duration.ofMinutes(2);

    private static final String SUM = "CALL business.sum_site_events(?)";

    private Instant latest = Instant.MIN;
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
            events = 0;
            summedAt = now;
        }
    }

    /** To be called with what was written; a batch that is rolled back later does no harm. */
    void note(List<EnrichedEvent> batch) {
        for (EnrichedEvent event : batch) {
            AdmittedEvent admitted = event.admitted();
            // A client whose clock is ahead must not make all others late.
            Instant happened = earlier(admitted.occurredAt(), admitted.position().loadDate());
            latest = happened.isAfter(latest) ? happened : latest;
        }
        events += batch.size();
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private void sum(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SUM)) {
            statement.setLong(1, latest.minus(MARGIN).toEpochMilli() * 1_000);
            statement.execute();
        } catch (SQLException e) {
            // Without its state: an event of this batch is not what the database refuses.
            throw new SQLException("Events cannot be summed", e);
        }
    }
}
