package io.onevault.tracking.vault;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Hash keys whose rows are known to be in a table, those used last: what need not be written again.
 * Not thread-safe.
 */
final class KnownKeys {

    private static final int MOST = 50_000;
    private static final float LOAD_FACTOR = 0.75f;

    private final Map<HashKey, Boolean> keys =
            new LinkedHashMap<>(16, LOAD_FACTOR, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<HashKey, Boolean> eldest) {
                    return size() > MOST;
                }
            };

    /** A hash key, by its bytes. */
    record HashKey(byte[] bytes) {

        @Override
        public boolean equals(Object other) {
            return other instanceof HashKey key && Arrays.equals(bytes, key.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    boolean contains(HashKey key) {
        return keys.get(key) != null;
    }

    void add(HashKey key) {
        keys.put(key, true);
    }
}
