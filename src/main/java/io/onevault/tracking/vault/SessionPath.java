package io.onevault.tracking.vault;

import io.onevault.tracking.session.PathEvent;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What happened in a closed session, as {@code business.site_session_path_b} has it but for the
 * types, which the database knows by characters.
 *
 * @param offsets literal of an array, as all that follow
 */
record SessionPath(
        @Nullable List<String> types,
        @Nullable String offsets,
        @Nullable String pages,
        @Nullable String items,
        @Nullable String itemPlaces) {

    static final SessionPath UNTOLD = new SessionPath(null, null, null, null, null);

    private static StringJoiner array() {
        return new StringJoiner(",", "{", "}");
    }

    static SessionPath of(List<PathEvent> events, String tenantHk, HashKeys keys) {
        List<String> types = new ArrayList<>(events.size());
        StringJoiner offsets = array();
        StringJoiner pages = array();
        StringJoiner items = array();
        StringJoiner itemPlaces = array();
        Instant keyStart = events.get(0).occurredAt().truncatedTo(ChronoUnit.MILLIS);
        String page = null;
        long pageKey = 0;
        int place = 0;
        for (PathEvent event : events) {
            place++;
            types.add(event.type());
            offsets.add(Long.toString(ChronoUnit.MICROS.between(keyStart, event.occurredAt())));
            // Most events happen on the page of the one before.
            if (!Objects.equals(page, event.pageUrl())) {
                page = event.pageUrl();
                pageKey = page == null ? 0 : shortKey(keys.hub(tenantHk, page));
            }
            pages.add(Long.toString(pageKey));
            for (long item : shortKeys(event.itemIds(), tenantHk, keys)) {
                items.add(Long.toString(item));
                itemPlaces.add(Integer.toString(place));
            }
        }
        return new SessionPath(
                types,
                offsets.toString(),
                pages.toString(),
                items.toString(),
                itemPlaces.toString());
    }

    private static Set<Long> shortKeys(List<String> itemIds, String tenantHk, HashKeys keys) {
        if (itemIds.isEmpty()) {
            return Set.of();
        }
        Set<Long> ascending = new TreeSet<>();
        for (String itemId : itemIds) {
            ascending.add(shortKey(keys.hub(tenantHk, itemId)));
        }
        return ascending;
    }

    /** As {@code business.site_short_key}. */
    private static long shortKey(byte[] hashKey) {
        return ByteBuffer.wrap(hashKey).getLong();
    }
}
