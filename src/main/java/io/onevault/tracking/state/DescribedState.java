package io.onevault.tracking.state;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The latest description of a visitor, a page or an item.
 *
 * @param loadDate of the latest event that gave it
 * @param occurredAt when that event occurred
 */
public record DescribedState(
        Instant loadDate, List<@Nullable String> values, @Nullable Instant occurredAt) {

    public DescribedState {
        if (occurredAt == null) {
            occurredAt = loadDate;
        }
    }
}
