package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.Column.bytea;

import io.onevault.tracking.session.LinkedEvent;
import io.onevault.tracking.session.SessionKeys;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.SessionVersion;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of micro-batches what a job remembers of sessions in which an erased visitor took part.
 * What others did in them belongs to no session. Not thread-safe.
 */
final class ErasedSessions {

    private static final Table DISSOLVED =
            Table.query(
                    List.of(bytea("session_hk")),
                    "SELECT number, sessions FROM raw.site_tracking_dissolved(?)");

    private static final Table DISSOLVE =
            Table.call(
                    "raw.site_tracking_dissolve",
                    Table.When.ANY,
                    bytea("tenant_hk"),
                    bytea("session_hk"));

    private static final HexFormat HEX = HexFormat.of();

    private final HashKeys keys = new HashKeys();
    private final Tombstones tombstones;
    private final Layers layers;

    ErasedSessions(Tombstones tombstones, Layers layers) {
        this.tombstones = tombstones;
        this.layers = layers;
    }

    /**
     * The updates as they are to be written.
     *
     * @param connection in auto-commit mode
     */
    List<SessionUpdate> without(Connection connection, List<SessionUpdate> updates)
            throws SQLException {
        List<SessionUpdate> concerned = new ArrayList<>();
        Set<String> tenants = new HashSet<>();
        for (SessionUpdate update : updates) {
            if (concern(update)) {
                concerned.add(update);
                tenants.add(update.tenantHk());
            }
        }
        if (concerned.isEmpty()) {
            return updates;
        }
        tombstones.holdParts(connection, tenants);
        Set<LinkedEvent> erased = erasedEvents(connection, concerned);
        Set<SessionUpdate> left = left(connection, concerned, erased);
        List<SessionUpdate> kept = new ArrayList<>();
        for (SessionUpdate update : updates) {
            if (!left.contains(update)) {
                kept.add(update);
            } else if (update.version() != null) {
                kept.addAll(withoutSession(update, erased));
            }
        }
        return kept;
    }

    private boolean concern(SessionUpdate update) {
        SessionVersion version = update.version();
        String tenant = update.tenantHk();
        if (version != null
                && tombstones.concern(tenant, version.start().minus(ErasedEvents.WRONG_CLOCKS))) {
            return true;
        }
        for (LinkedEvent event : update.links()) {
            if (tombstones.concern(tenant, event.loadDate())) {
                return true;
            }
        }
        return false;
    }

    private Set<LinkedEvent> erasedEvents(Connection connection, List<SessionUpdate> updates)
            throws SQLException {
        List<LinkedEvent> events = new ArrayList<>();
        Rows rows = new Rows(ErasedEvents.KNOWN);
        for (SessionUpdate update : updates) {
            byte[] tenant = HEX.parseHex(update.tenantHk());
            for (LinkedEvent event : update.links()) {
                events.add(event);
                rows.add(tenant, event.occurredAt(), keys.hub(update.tenantHk(), event.eventBk()));
            }
        }
        Set<LinkedEvent> erased = Collections.newSetFromMap(new IdentityHashMap<>());
        rows.ask(connection, layers, (place, loadMicros) -> erased.add(events.get(place)));
        return erased;
    }

    /** By identity. */
    private Set<SessionUpdate> left(
            Connection connection, List<SessionUpdate> updates, Set<LinkedEvent> erased)
            throws SQLException {
        Set<SessionUpdate> left = Collections.newSetFromMap(new IdentityHashMap<>());
        left.addAll(tombstones.erased(updates, ErasedSessions::trace));
        Rows news = new Rows(DISSOLVE);
        for (SessionUpdate update : updates) {
            if (hasAny(update, erased)) {
                left.add(update);
            }
            Tombstones.Trace told = trace(update);
            // A visitor who was followed may be spared: what comes then is not whole without this.
            if (left.contains(update) && told != null && !tombstones.isNamed(told)) {
                news.add(HEX.parseHex(update.tenantHk()), sessionHk(update));
            }
        }
        news.call(connection, layers);
        left.addAll(dissolved(connection, updates));
        return left;
    }

    private static boolean hasAny(SessionUpdate update, Set<LinkedEvent> erased) {
        for (LinkedEvent event : update.links()) {
            if (erased.contains(event)) {
                return true;
            }
        }
        return false;
    }

    private static Tombstones.@Nullable Trace trace(SessionUpdate update) {
        SessionVersion version = update.version();
        return version == null
                ? null
                : new Tombstones.Trace(
                        update.tenantHk(), version.visitorBk(), null, version.start());
    }

    private List<SessionUpdate> dissolved(Connection connection, List<SessionUpdate> updates)
            throws SQLException {
        Rows rows = new Rows(DISSOLVED);
        for (SessionUpdate update : updates) {
            rows.add((Object) sessionHk(update));
        }
        List<SessionUpdate> dissolved = new ArrayList<>();
        rows.ask(connection, layers, (place, sessions) -> dissolved.add(updates.get(place)));
        return dissolved;
    }

    private byte[] sessionHk(SessionUpdate update) {
        return keys.hub(update.tenantHk(), update.sessionBk());
    }

    private static List<SessionUpdate> withoutSession(
            SessionUpdate update, Set<LinkedEvent> erased) {
        List<SessionUpdate> links = new ArrayList<>();
        for (LinkedEvent event : update.links()) {
            if (!erased.contains(event)) {
                links.add(SessionUpdate.reserved(SessionKeys.NO_SESSION, update.tenantHk(), event));
            }
        }
        return links;
    }
}
