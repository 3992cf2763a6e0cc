package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.Column.bytea;

import io.onevault.tracking.event.SourcePosition;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The visitors and users who are erased, as the database knows them when the load of a micro-batch
 * begins. Until it ends no erasure begins: so one finds all that was written by whoever did not
 * know of it. They are kept in memory, some 200 bytes each; the database tells which are new, and
 * once a day all. Not thread-safe.
 */
final class Tombstones {

    /**
     * What an element tells of a visitor.
     *
     * @param userBk null where it names no user besides
     * @param at when it was appended, or a session began
     */
    record Trace(String tenantHk, String visitorBk, @Nullable String userBk, Instant at) {

        /** Of an event: one that was submitted again is as old as it was. */
        static Trace of(
                String tenantHk,
                String visitorBk,
                @Nullable String userBk,
                SourcePosition position) {
            return new Trace(tenantHk, visitorBk, userBk, position.firstLoadDate());
        }
    }

    private static final String BEGIN =
            "SELECT tenant_hk, visitor_hk, before_micros, through_user, shared_micros, snapshot"
                    + " FROM raw.site_tracking_begin_load(?)";

    private static final Table HOLD_PARTS =
            Table.call("raw.site_tracking_hold_parts", Table.When.ANY, bytea("tenant_hk"));

    private static final String END = "SELECT raw.site_tracking_end_load()";
    private static final HexFormat HEX = HexFormat.of();

    /**
     * Up to when what is of a visitor is erased.
     *
     * @param named as a request names it, or a user
     * @param followed as it was reached through a user, as whom nobody else was seen as it
     * @param shared until when others turned out to be it, too: the events themselves tell
     */
    private record Ends(Instant named, Instant followed, Instant shared) {

        private static final Ends NONE = new Ends(Instant.MIN, Instant.MIN, Instant.MIN);

        private Ends and(Ends more) {
            return new Ends(
                    later(named, more.named),
                    later(followed, more.followed),
                    later(shared, more.shared));
        }

        private boolean isFollowed(Instant at) {
            return at.isBefore(followed) && !at.isBefore(shared);
        }
    }

    private final InstantSource clock;
    private final HashKeys keys = new HashKeys();

    /** By tenant and visitor; and the latest of any visitor, by tenant. */
    private final Map<String, Map<ByteBuffer, Ends>> ends = new HashMap<>();

    private final Map<String, Instant> latest = new HashMap<>();

    /** As well, of visitors who were reached through a user; of no other tenant one is shared. */
    private final Map<String, Instant> latestFollowed = new HashMap<>();

    private @Nullable Connection known;
    private @Nullable String snapshot;
    private boolean news;
    private Instant staleAt = Instant.MAX;

    Tombstones(InstantSource clock) {
        this.clock = clock;
    }

    void begin(Connection connection) throws SQLException {
        Instant now = clock.instant();
        if (connection != known || now.isAfter(staleAt)) {
            // Another server may be behind it; and some end, of whom nothing was known.
            staleAt = now.plus(1, ChronoUnit.DAYS);
            ends.clear();
            latest.clear();
            latestFollowed.clear();
            snapshot = null;
            known = connection;
        }
        news = false;
        try (PreparedStatement begin = connection.prepareStatement(BEGIN)) {
            begin.setString(1, snapshot);
            try (ResultSet row = begin.executeQuery()) {
                while (row.next()) {
                    take(row);
                }
            }
        }
    }

    private void take(ResultSet row) throws SQLException {
        byte[] tenant = row.getBytes(1);
        if (tenant == null) {
            snapshot = row.getString(6);
            return;
        }
        news = true;
        Instant before = instant(row, 3);
        boolean followed = row.getBoolean(4);
        add(
                HEX.formatHex(tenant),
                row.getBytes(2),
                new Ends(
                        followed ? Instant.MIN : before,
                        followed ? before : Instant.MIN,
                        instant(row, 5)));
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        long micros = row.getLong(column);
        return row.wasNull() ? Instant.MIN : Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private void add(String tenantHk, byte[] visitorHk, Ends told) {
        ends.computeIfAbsent(tenantHk, none -> new HashMap<>())
                .merge(ByteBuffer.wrap(visitorHk), told, Ends::and);
        Instant followed = later(told.followed, told.shared);
        latest.merge(tenantHk, later(told.named, followed), Tombstones::later);
        latestFollowed.merge(tenantHk, followed, Tombstones::later);
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /**
     * Has parts of erasures of the tenants wait until the load ends, and waits for one that is
     * under way: what it erases the database tells when it is over.
     */
    void holdParts(Connection connection, Set<String> tenantHks) throws SQLException {
        Rows rows = new Rows(HOLD_PARTS);
        for (String tenantHk : tenantHks) {
            rows.add((Object) HEX.parseHex(tenantHk));
        }
        rows.call(connection, Layers.PRODUCTION);
    }

    /** Where that fails, it goes with the connection. */
    void end(Connection connection) throws SQLException {
        try (PreparedStatement end = connection.prepareStatement(END)) {
            end.execute();
        } catch (SQLException e) {
            connection.close();
        }
    }

    /** Whether the database told of some that were not known before. */
    boolean hasNews() {
        return news;
    }

    /** A day after a time, or the end of what an erasure in hand erases, which comes first. */
    Instant endOfDay(Instant time) {
        Instant end = time.plus(1, ChronoUnit.DAYS);
        for (Instant before : latest.values()) {
            if (before.isAfter(time) && before.isBefore(end)) {
                end = before;
            }
        }
        return end;
    }

    /** Whether any of the tenant's visitors is erased up to a later time; as good as never now. */
    boolean concern(String tenantHk, Instant time) {
        Instant before = latest.get(tenantHk);
        return before != null && time.isBefore(before);
    }

    /**
     * The elements, by identity, that are of erased visitors.
     *
     * @param trace null of an element that tells of none
     */
    <T> Set<T> erased(List<T> elements, Function<T, @Nullable Trace> trace) {
        if (latest.isEmpty()) {
            return Set.of();
        }
        Set<T> erased = Collections.newSetFromMap(new IdentityHashMap<>());
        for (T element : elements) {
            Trace told = trace.apply(element);
            if (told != null && isErased(told)) {
                erased.add(element);
            }
        }
        return erased;
    }

    /** Whether its visitor is erased for good, as a request names that one. */
    boolean isNamed(Trace told) {
        return concern(told.tenantHk(), told.at())
                && told.at().isBefore(endsOf(told, told.visitorBk()).named);
    }

    /** Whether it names somebody else than the user through whom its visitor was reached. */
    boolean tellsOfOthers(Trace told) {
        return mayBeFollowed(told)
                && told.userBk() != null
                && endsOf(told, told.visitorBk()).isFollowed(told.at())
                && !isErased(told);
    }

    /** Has the visitor of such an element spared. */
    void share(Trace told) {
        Instant followed = endsOf(told, told.visitorBk()).followed;
        add(
                told.tenantHk(),
                keys.hub(told.tenantHk(), told.visitorBk()),
                new Ends(Instant.MIN, Instant.MIN, followed));
    }

    /** Whether it is of a visitor who was spared; what was erased until then stays so. */
    boolean isShared(Trace told) {
        return mayBeFollowed(told) && told.at().isBefore(endsOf(told, told.visitorBk()).shared);
    }

    private boolean mayBeFollowed(Trace told) {
        Instant before = latestFollowed.get(told.tenantHk());
        return before != null && told.at().isBefore(before);
    }

    private boolean isErased(Trace told) {
        if (!concern(told.tenantHk(), told.at())) {
            return false;
        }
        Instant at = told.at();
        String userBk = told.userBk();
        if (userBk != null && at.isBefore(endsOf(told, userBk).named)) {
            return true;
        }
        Ends visitor = endsOf(told, told.visitorBk());
        return at.isBefore(visitor.named) || userBk == null && visitor.isFollowed(at);
    }

    /** Where any is erased, concern() knows the tenant. */
    private Ends endsOf(Trace told, String bk) {
        byte[] key = keys.hub(told.tenantHk(), bk);
        return ends.get(told.tenantHk()).getOrDefault(ByteBuffer.wrap(key), Ends.NONE);
    }
}
