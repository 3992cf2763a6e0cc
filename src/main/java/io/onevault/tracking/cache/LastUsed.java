package io.onevault.tracking.cache;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The entries that were used last; a full one forgets what was not got or put for longest. Not
 * thread-safe.
 */
public final class LastUsed<K, V> extends LinkedHashMap<K, V> {

    private static final long serialVersionUID = 1;
    private static final float LOAD_FACTOR = 0.75f;

    private final int most;

    public LastUsed(int most) {
        super(16, LOAD_FACTOR, true);
        this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
    }
}
