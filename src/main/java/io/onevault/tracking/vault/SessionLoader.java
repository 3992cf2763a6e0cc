package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.Rows.byHashKey;
import static io.onevault.tracking.vault.Rows.byValue;

import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.session.LinkedEvent;
import io.onevault.tracking.session.SessionStatus;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.SessionVersion;
import io.onevault.tracking.vault.StoredSessions.StaleSession;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Loads micro-batches of session updates. Not thread-safe. */
final class SessionLoader extends Loader<SessionUpdate> {

    private static final HexFormat HEX = HexFormat.of();
    private static final int LOAD_DATE = 2;

    /** Hash of the description, tenant, source. */
    private static final int AFTER_DESCRIPTION = 3;

    private static final int STATUS = SessionTables.SESSION_DETAILS.place("session_status");
    private static final int VISITOR = SessionTables.SESSION_DETAILS.place("visitor_hk");
    private static final int IS_BOT = SessionTables.SESSION_DETAILS.place("is_bot");
    private static final int REPEATED = SessionTables.SESSION_DETAILS.place("repeated_views");
    private static final int TENANT = SessionTables.SESSION_DETAILS.place("tenant_hk");

    SessionLoader(String recordSource) {
        super(recordSource);
    }

    /** All look-ups are by key, and plans may be from when the tables were small. */
    @Override
    void connected(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET enable_seqscan = off");
            statement.execute("SET enable_hashjoin = off");
            statement.execute("SET enable_mergejoin = off");
            statement.execute("SET jit = off");
        }
    }

    @Override
    void ensurePartitions(PartitionDays days, Connection connection, SessionUpdate update)
            throws SQLException {
        for (LinkedEvent event : update.links()) {
            days.ensure(connection, event.occurredAt(), event.loadDate());
        }
    }

    @Override
    List<SessionUpdate> prepared(Connection connection, List<SessionUpdate> updates)
            throws SQLException {
        return new ErasedSessions(tombstones, layers()).without(connection, updates);
    }

    /** The rows of one micro-batch, table by table. */
    private static final class SessionRows {
        final Rows hub = new Rows(SessionTables.SESSION_HUB);
        final Rows visitors = new Rows(SessionTables.SESSION_VISITOR_LINK);
        final Rows pages = new Rows(SessionTables.SESSION_PAGE_LINK);
        final Rows events = new Rows(SessionTables.EVENT_SESSION_LINK);
        final Rows details = new Rows(SessionTables.SESSION_DETAILS);
        final Rows openDetails = new Rows(SessionTables.SESSION_DETAILS);
        final Rows bridge = new Rows(SessionTables.SESSION_BRIDGE);

        List<Rows> sorted() {
            hub.sort(byHashKey(0));
            Comparator<@Nullable Object[]> byTime = byValue(0);
            Comparator<@Nullable Object[]> byTimeAndKey = byTime.thenComparing(byHashKey(1));
            visitors.sort(byTimeAndKey);
            pages.sort(byTimeAndKey);
            events.sort(byTimeAndKey);
            details.sort(byTimeAndKey.thenComparing(byValue(2)));
            openDetails.sort(byTimeAndKey);
            // A session that was closed and went on has a version in either.
            return List.of(hub, visitors, pages, events, details, openDetails, bridge);
        }
    }

    @Override
    List<Rows> rows(Connection connection, List<SessionUpdate> updates) throws SQLException {
        StoredSessions stored = StoredSessions.read(connection, layers(), updates);
        SessionRows rows = new SessionRows();
        VersionRows versions = new VersionRows();
        Map<@Nullable Object[], SessionPath> paths = new IdentityHashMap<>();
        for (StaleSession gone : stored.stale()) {
            versions.add(
                    StoredSessions.key(gone.tenantHk(), gone.bk()),
                    details(gone.tenantHk(), gone.bk(), gone.version(), gone.visitorHk()));
        }
        for (SessionUpdate update : updates) {
            addLinks(update, rows);
            SessionVersion version = update.version();
            if (version != null && !update.linksOnly()) {
                String tenantHk = update.tenantHk();
                String bk = update.sessionBk();
                byte[] visitor = keys.hub(tenantHk, version.visitorBk());
                Object[] row = details(tenantHk, bk, version, visitor);
                byte[] hash = (byte[]) row[row.length - AFTER_DESCRIPTION];
                row[LOAD_DATE] = stored.loadDate(tenantHk, bk, version, hash);
                versions.add(StoredSessions.key(tenantHk, bk), row);
                if (update.path() != null) {
                    paths.put(row, SessionPath.of(update.path(), tenantHk, keys));
                }
            }
        }
        for (@Nullable Object[] row : versions.all()) {
            boolean open = SessionStatus.OPEN.name().equals(row[STATUS]);
            (open ? rows.openDetails : rows.details).add(row);
            SessionPath path = paths.getOrDefault(row, SessionPath.UNTOLD);
            rows.bridge.add(
                    row[TENANT],
                    row[0],
                    row[1],
                    row[VISITOR],
                    row[IS_BOT],
                    row[STATUS],
                    row[REPEATED] != null,
                    row[LOAD_DATE],
                    row[row.length - AFTER_DESCRIPTION],
                    path.types(),
                    path.offsets(),
                    path.pages(),
                    path.items(),
                    path.itemPlaces());
        }
        return rows.sorted();
    }

    /**
     * Later versions bring neither the hub nor these links again: without them the session could
     * never be whole, although the database takes its next version.
     */
    @Override
    @Nullable SessionUpdate lessOf(SessionUpdate update) {
        boolean hasLess = update.version() != null && !update.linksOnly();
        return hasLess && (update.first() || !update.links().isEmpty())
                ? update.withLinksOnly()
                : null;
    }

    @Override
    boolean isLeftOut(SessionUpdate update) {
        return true;
    }

    private void addLinks(SessionUpdate update, SessionRows rows) {
        String tenantHk = update.tenantHk();
        byte[] tenant = HEX.parseHex(tenantHk);
        byte[] session = keys.hub(tenantHk, update.sessionBk());
        SessionVersion version = update.version();
        Instant start = version == null ? null : version.start().truncatedTo(ChronoUnit.MILLIS);
        if (update.first()) {
            var loadDate = update.links().get(0).loadDate();
            rows.hub.addOnce(session, session, update.sessionBk(), tenant, loadDate, recordSource);
            if (version != null) {
                byte[] visitor = keys.hub(tenantHk, version.visitorBk());
                byte[] link = keys.link(session, visitor, tenantHk);
                rows.visitors.addOnce(
                        link, start, link, session, visitor, tenant, loadDate, recordSource);
            }
        }
        for (LinkedEvent event : update.links()) {
            byte[] eventHk = keys.hub(tenantHk, event.eventBk());
            byte[] link = keys.link(eventHk, session, tenantHk);
            rows.events.addOnce(
                    link,
                    event.occurredAt(),
                    link,
                    eventHk,
                    session,
                    tenant,
                    event.loadDate(),
                    recordSource);
            if (event.pageUrl() != null && start != null) {
                byte[] page = keys.hub(tenantHk, event.pageUrl());
                byte[] pageLink = keys.link(session, page, tenantHk);
                rows.pages.addOnce(
                        pageLink,
                        start,
                        pageLink,
                        session,
                        page,
                        tenant,
                        event.loadDate(),
                        recordSource);
            }
        }
    }

    private @Nullable Object[] details(
            String tenantHk, String sessionBk, SessionVersion version, byte[] visitor) {
        var counts = version.counts();
        var campaign = version.campaign();
        var device = version.device();
        var place = version.place();
        Object[] description = {
            version.end(),
            version.status().name(),
            version.clientSessionId(),
            visitor,
            counts.durationSeconds(),
            counts.engagedSeconds(),
            counts.events(),
            counts.pageViews(),
            counts.interactiveEvents(),
            counts.conversions(),
            money(version.revenue()),
            money(version.refunds()),
            version.bounce(),
            version.entryPageUrl(),
            version.exitPageUrl(),
            version.referrer().url(),
            version.referrer().internal() ? null : version.referrer().host(),
            version.channel(),
            campaign.source(),
            campaign.medium(),
            campaign.name(),
            campaign.term(),
            campaign.content(),
            campaign.clickIdType(),
            campaign.clickId(),
            device.type(),
            device.browser(),
            device.browserVersion(),
            device.os(),
            device.osVersion(),
            device.bot(),
            device.clientType(),
            device.robotKind(),
            version.language(),
            version.predecessorBk(),
            version.status() == SessionStatus.SUPERSEDED ? version.successorBks() : null,
            (int) SessionRules.VERSION,
            place == null ? null : place.country(),
            place == null ? null : place.region(),
            repeatedViews(tenantHk, version.repeatedViews())
        };
        int after = LOAD_DATE + 1 + description.length;
        Object[] row = new Object[after + AFTER_DESCRIPTION];
        row[0] = version.start();
        row[1] = keys.hub(tenantHk, sessionBk);
        row[LOAD_DATE] = version.loadDate();
        System.arraycopy(description, 0, row, LOAD_DATE + 1, description.length);
        description[3] = HEX.formatHex(visitor);
        row[after] = hashDiff.of(description);
        row[after + 1] = HEX.parseHex(tenantHk);
        row[after + 2] = recordSource;
        return row;
    }

    /** A JSON array of arrays: microseconds since the epoch, hash keys of event and page. */
    private @Nullable String repeatedViews(String tenantHk, List<LinkedEvent> views) {
        if (views.isEmpty()) {
            return null;
        }
        StringJoiner json = new StringJoiner(",", "[", "]");
        for (LinkedEvent view : views) {
            String event = HEX.formatHex(keys.hub(tenantHk, view.eventBk()));
            String page =
                    view.pageUrl() == null ? "" : HEX.formatHex(keys.hub(tenantHk, view.pageUrl()));
            json.add(
                    "["
                            + PgType.micros(view.occurredAt())
                            + ",\""
                            + event
                            + "\",\""
                            + page
                            + "\"]");
        }
        return json.toString();
    }

    /** A JSON object of plain decimals by currency; currencies are three letters. */
    private static @Nullable String money(Map<String, BigDecimal> sums) {
        if (sums.isEmpty()) {
            return null;
        }
        StringJoiner json = new StringJoiner(",", "{", "}");
        sums.forEach((currency, sum) -> json.add('"' + currency + "\":" + sum.toPlainString()));
        return json.toString();
    }
}
