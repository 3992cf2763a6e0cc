package io.onevault.tracking.vault;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.Page;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The hash keys of an event and of what it touches, 32 bytes each.
 *
 * @param user null where the event names no user besides its visitor
 * @param page null without a usable page URL
 */
record EventHks(
        byte[] tenant,
        byte[] event,
        byte[] visitor,
        byte @Nullable [] user,
        byte @Nullable [] page) {

    private static final HexFormat HEX = HexFormat.of();

    static EventHks of(EnrichedEvent event, HashKeys keys) {
        return of(event.admitted(), event.page(), keys);
    }

    /** Without its page, of which nothing is kept where its visitor is erased. */
    static EventHks ofErased(AdmittedEvent event, HashKeys keys) {
        return of(event, null, keys);
    }

    private static EventHks of(AdmittedEvent event, @Nullable Page page, HashKeys keys) {
        String tenantHk = event.tenantHk();
        String userBk = event.userBk();
        return new EventHks(
                HEX.parseHex(tenantHk),
                keys.hub(tenantHk, event.eventBk()),
                keys.hub(tenantHk, event.visitorBk()),
                userBk == null ? null : keys.hub(tenantHk, userBk),
                page == null ? null : keys.hub(tenantHk, page.url()));
    }
}
