package io.onevault.tracking.vault;

import io.onevault.tracking.session.SessionStatus;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rows of session versions of a micro-batch, in the order in which they were made: one of each
 * session and load date, the last one, which knows most, as PostgreSQL refuses to update a row
 * twice in one statement. An open version gives way to the next one before anybody has seen it.
 */
final class VersionRows {

    private static final int LOAD_DATE = SessionTables.SESSION_DETAILS.place("load_date");
    private static final int STATUS = SessionTables.SESSION_DETAILS.place("session_status");

    private final Map<String, @Nullable Object[]> rows = new LinkedHashMap<>();
    private final Map<String, String> open = new HashMap<>();

    /**
     * @param session tells it from others
     */
    void add(String session, @Nullable Object[] row) {
        String version = session + '|' + row[LOAD_DATE];
        String before = open.remove(session);
        if (before != null) {
            rows.remove(before);
        }
        if (SessionStatus.OPEN.name().equals(row[STATUS])) {
            open.put(session, version);
        }
        rows.put(version, row);
    }

    Collection<@Nullable Object[]> all() {
        return rows.values();
    }
}
