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
 * state of an old savepoint may hold them again. Read by one thread, taken by another.
 */
final class ErasedEvents {

    private static final String ASK =
            "SELECT tenant_hk, event_bk, snapshot FROM raw.site_tracking_forgotten(?)";

    private @Nullable String snapshot;
    private List<ErasedEvent> news = new ArrayList<>();

    void read(Connection connection) throws SQLException {
        List<ErasedEvent> read = new ArrayList<>();
        String seen = snapshot;
        try (PreparedStatement ask = connection.prepareStatement(ASK)) {
            ask.setString(1, snapshot);
            try (ResultSet row = ask.executeQuery()) {
                while (row.next()) {
                    String tenantHk = row.getString(1);
                    if (tenantHk == null) {
                        seen = row.getString(3);
                    } else {
                        read.add(new ErasedEvent(tenantHk, row.getString(2)));
                    }
                }
            }
        }
        snapshot = seen;
        add(read);
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
