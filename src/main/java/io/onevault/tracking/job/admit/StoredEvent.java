package io.onevault.tracking.job.admit;

import io.onevault.tracking.state.ArchivedEvent;
import java.time.Instant;

/**
 * An admitted event as it is stored, with its key.
 *
 * @param event of raw, its visitor is null where raw does not tell it
 * @param raw whether it comes out of raw, not of the archive
 */
public record StoredEvent(String tenantHk, String eventBk, ArchivedEvent event, boolean raw) {

    private static final char BORDER = '|';

    /** The key of the archive. */
    String key() {
        return key(tenantHk, eventBk);
    }

    static String key(String tenantHk, String eventBk) {
        return tenantHk + BORDER + eventBk;
    }

    /** Of an entry of the archive. */
    static StoredEvent archived(String key, ArchivedEvent event) {
        int border = key.indexOf(BORDER);
        return new StoredEvent(key.substring(0, border), key.substring(border + 1), event, false);
    }

    /** Of two deliveries the one that was loaded: the first; the archive knows more than raw. */
    static StoredEvent first(StoredEvent one, StoredEvent other) {
        int order = one.loadDate().compareTo(other.loadDate());
        return order < 0 || order == 0 && !one.raw ? one : other;
    }

    private Instant loadDate() {
        return Readmission.position(event).loadDate();
    }
}
