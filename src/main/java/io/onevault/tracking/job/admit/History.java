package io.onevault.tracking.job.admit;

import java.io.Serializable;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is read again: the archive in a savepoint or retained checkpoint, the raw table, or both.
 *
 * @param savepoint its folder; null for raw alone
 * @param nextOffsets by topic and partition where the savepoint's job would go on: what lies there
 *     or behind is not history, the job will read it; empty without a savepoint
 * @param raw whether the raw table is read
 * @param tenants hash keys of the tenants whose events are read; empty for all
 * @param keptFrom by tenants' hash keys, before which events that occurred are over: retention has
 *     removed them from the vault, while archive and savepoints may hold them
 */
public record History(
        @Nullable String savepoint,
        Map<String, Map<Integer, Long>> nextOffsets,
        boolean raw,
        Set<String> tenants,
        Map<String, Instant> keptFrom)
        implements Serializable {

    private static final long serialVersionUID = 1;

    boolean isOf(String tenantHk) {
        return tenants.isEmpty() || tenants.contains(tenantHk);
    }

    boolean isOver(String tenantHk, Instant occurredAt) {
        Instant from = keptFrom.get(tenantHk);
        return from != null && occurredAt.isBefore(from);
    }

    /** Whether the record is none that the savepoint's job will still read. */
    boolean holds(String topic, int partition, long offset) {
        Map<Integer, Long> next = nextOffsets.get(topic);
        return next == null || offset < next.getOrDefault(partition, 0L);
    }
}
