package io.onevault.tracking.job.admit;

import io.onevault.tracking.event.ErasedEvent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The events that the database has erased, each told once, and all of the last weeks at first:
 * state of an old savepoint may hold them again. They are read page by page, the next one when the
 * last is taken, so that memory holds one however many there are. Read by one thread, taken by
 * another.
 */
final class ErasedEvents {

    /** How many are read at a time, some 150 bytes each. */
    static final int PAGE = 50_000;

    private static final String ASK =
            "SELECT tenant_hk, event_bk, added_in, snapshot"
                    + " FROM raw.site_tracking_forgotten(?, ?, ?, ?, ?)";

    /** The last row of a page, behind which the next one begins. */
    private record Place(String addedIn, String tenantHk, String eventBk) {}

    private final int page;

    /** What was visible then is known. */
    private @Nullable String snapshot;

    /** What was visible when the first of several pages was read; null between two rounds. */
    private @Nullable String nextSnapshot;

    private @Nullable Place last;
    private List<ErasedEvent> news = new ArrayList<>();

    ErasedEvents() {
        this(PAGE);
    }

    ErasedEvents(int page) {
        this.page = page;
    }

    /** Nothing, as long as a page waits to be taken. */
    void read(Connection connection) throws SQLException {
        if (isWaiting()) {
            return;
        }
        List<ErasedEvent> read = new ArrayList<>();
        Place end = last;
        String seen = snapshot;
        try (PreparedStatement ask = connection.prepareStatement(ASK)) {
            bind(ask);
            try (ResultSet row = ask.executeQuery()) {
                while (row.next()) {
                    String tenantHk = row.getString(1);
                    if (tenantHk == null) {
                        seen = row.getString(4);
                    } else {
                        String eventBk = row.getString(2);
                        read.add(new ErasedEvent(tenantHk, eventBk));
                        end = new Place(row.getString(3), tenantHk, eventBk);
                    }
                }
            }
        }
        turn(read.size() < page, end, seen);
        add(read);
    }

    private void bind(PreparedStatement ask) throws SQLException {
        Place behind = last;
        ask.setString(1, snapshot);
        ask.setString(2, behind == null ? null : behind.addedIn());
        ask.setString(3, behind == null ? null : behind.tenantHk());
        ask.setString(4, behind == null ? null : behind.eventBk());
        ask.setInt(5, page);
    }

    /** What became visible between the pages of a round is told in the next one. */
    private void turn(boolean roundIsOver, @Nullable Place end, @Nullable String seen) {
        String first = nextSnapshot == null ? seen : nextSnapshot;
        if (roundIsOver) {
            snapshot = first;
            nextSnapshot = null;
            last = null;
        } else {
            nextSnapshot = first;
            last = end;
        }
    }

    private synchronized boolean isWaiting() {
        return !news.isEmpty();
    }

    private synchronized void add(List<ErasedEvent> read) {
        news.addAll(read);
    }

    /** Those read since the last call. */
    synchronized List<ErasedEvent> take() {
        List<ErasedEvent> taken = news;
        news = new ArrayList<>();
        return taken;
    }
}
