package io.onevault.tracking.job.session;

import io.onevault.tracking.cache.LastUsed;
import io.onevault.tracking.state.SessionTimers;
import java.io.IOException;
import java.util.Map;
import org.apache.flink.api.common.state.ValueState;
import org.jspecify.annotations.Nullable;

/**
 * The timers that are set for each key. Every event asks for them, so those of the keys used last
 * are on the heap as well: nobody else changes the state while an operator lives.
 */
final class KeyTimers {

    private static final int MOST = 50_000;

    private final ValueState<SessionTimers> state;

    private final Map<String, SessionTimers> recent = new LastUsed<>(MOST);

    KeyTimers(ValueState<SessionTimers> state) {
        this.state = state;
    }

    /**
     * @param key the state's current key, as in all methods
     */
    @Nullable SessionTimers get(String key) throws IOException {
        SessionTimers known = recent.get(key);
        if (known != null) {
            return known;
        }
        SessionTimers stored = state.value();
        if (stored != null) {
            recent.put(key, stored);
        }
        return stored;
    }

    void set(String key, SessionTimers timers) throws IOException {
        state.update(timers);
        recent.put(key, timers);
    }

    void clear(String key) {
        state.clear();
        recent.remove(key);
    }
}
