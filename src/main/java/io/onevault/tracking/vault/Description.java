package io.onevault.tracking.vault;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an event says of a visitor, a page or an item: a version of its satellite, if it is news.
 *
 * @param tenantHk lower-case hex of the tenant's hash key
 * @param bk business key of the hub
 * @param occurredAt when the event occurred, from when on it holds
 * @param loadDate of the event; of one that was recovered that of its first record
 * @param values as text, in the order of the satellite's columns; none: what was said is to be
 *     forgotten
 * @param repeated whether the event was loaded before, by a run of the job whose state is lost
 */
public record Description(
        Kind kind,
        String tenantHk,
        String bk,
        Instant occurredAt,
        Instant loadDate,
        List<@Nullable String> values,
        boolean repeated) {

    /** What is described; stored by name. */
    public enum Kind {
        VISITOR,
        PAGE,
        ITEM
    }

    /** Whether it says no more than that the visitor was erased. */
    public boolean isForgotten() {
        return values.isEmpty();
    }

    /** The key under which descriptions of one thing come together. */
    public String key() {
        return tenantHk + '|' + kind.name() + '|' + bk;
    }
}
