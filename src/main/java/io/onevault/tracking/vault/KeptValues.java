package io.onevault.tracking.vault;

import io.onevault.tracking.event.ValueKind;
import io.onevault.tracking.vault.KnownKeys.HashKey;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From when values are kept, as far as the database told it, those used last. Not thread-safe. */
final class KeptValues {

    private static final int MOST = 50_000;
    private static final float LOAD_FACTOR = 0.75f;

    private final Map<Value, Long> micros =
            new LinkedHashMap<>(16, LOAD_FACTOR, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Value, Long> eldest) {
                    return size() > MOST;
                }
            };

    /** A tenant's value, by the hash of both. */
    record Value(ValueKind kind, HashKey key) {}

    /** Microseconds since the epoch; null where it is not known. */
    @Nullable Long from(Value value) {
        return micros.get(value);
    }

    void putAll(Map<Value, Long> told) {
        micros.putAll(told);
    }
}
