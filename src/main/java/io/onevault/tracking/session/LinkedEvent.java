package io.onevault.tracking.session;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An event that became part of a session, with what its links need. */
public record LinkedEvent(
        String eventBk, Instant occurredAt, Instant loadDate, @Nullable String pageUrl) {

    LinkedEvent withoutPage() {
        return new LinkedEvent(eventBk, occurredAt, loadDate, null);
    }
}
