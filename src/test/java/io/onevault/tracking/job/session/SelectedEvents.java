package io.onevault.tracking.job.session;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.state.SessionEvent;

/** What sessions take from events, for tests of the steps before them. */
public final class SelectedEvents {

    private SelectedEvents() {}

    public static SessionEvent of(EnrichedEvent event) {
        return SelectSessionEvents.select(event);
    }
}
