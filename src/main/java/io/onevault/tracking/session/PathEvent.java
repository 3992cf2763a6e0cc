package io.onevault.tracking.session;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a session's path tells of one of its events. */
public record PathEvent(
        Instant occurredAt, String type, @Nullable String pageUrl, List<String> itemIds) {}
