package io.onevault.tracking.reprocess;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.migrate.MigrationException;
import io.onevault.tracking.reprocess.ReprocessException.Code;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes the shadow tables that a build fills. */
final class Shadow {

    private static final String RUN =
            """
            SELECT run.state,
                   (run.savepoint, run.tenant_bks, run.from_at, run.to_at, run.settings,
                    run.counts -> 'read_by')
                       IS NOT DISTINCT FROM
                   (told.savepoint, told.tenant_bks, told.from_at, told.to_at, told.settings,
                    told.counts -> 'read_by')
              FROM raw.site_tracking_reprocess_r AS run
             CROSS JOIN jsonb_populate_record(NULL::raw.site_tracking_reprocess_r, ?::jsonb) AS told
             WHERE run.state <> 'DROPPED'""";

    private static final String KEPT_FROM =
            """
            SELECT encode(tenant_hk, 'hex'),
                   kept_from::timestamp AT TIME ZONE 'UTC'
              FROM raw.site_tracking_kept_r
             WHERE layer = 'events'
               AND isfinite(kept_from)""";

    /**
     * The run that began last of those that have counted, all of which began without state; and
     * whether the other one has, too. A job that goes on from before it wrote anything is noted as
     * a run, and counts under the name of the one that it goes on.
     */
    private static final String NEWEST_RUN =
            """
            SELECT begun.run_id,
                   EXISTS (SELECT FROM raw.site_tracking_reprocess_r WHERE state <> 'DROPPED'),
                   EXISTS (SELECT FROM raw.site_tracking_ledger_r WHERE run_id = ?)
              FROM raw.site_tracking_run_r AS begun
             WHERE EXISTS (
                       SELECT FROM raw.site_tracking_ledger_r AS ledger
                        WHERE ledger.run_id = begun.run_id)
             ORDER BY begun.load_date DESC
             LIMIT 1""";

    private static final Set<String> GOES_ON =
            Set.of(Run.BUILDING, Run.BUILT, Run.FOLLOWING, Run.UNDONE);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Connection connection;

    /**
     * @param connection an administrator's, in auto-commit mode
     */
    Shadow(Connection connection) {
        this.connection = connection;
    }

    /** How far the build is that is to be done. */
    enum Found {
        NOTHING,
        MADE,
        BEGUN,
        OVER
    }

    /**
     * Tells of the reprocess that is there.
     *
     * @param build columns of the reprocess that say what is built
     * @throws ReprocessException where there is another reprocess
     */
    Found find(Map<String, Object> build) throws SQLException {
        String state = state(build);
        if (state == null) {
            return Found.NOTHING;
        }
        if (state.equals(Run.PREPARED)) {
            return Found.MADE;
        }
        return state.equals(Run.BUILDING) ? Found.BEGUN : Found.OVER;
    }

    void make() throws SQLException, MigrationException {
        Migration.makeShadow(connection, applied -> {});
    }

    /**
     * From when on tenants' events are kept, by the tenants' hash keys: retention has removed those
     * that occurred before.
     */
    Map<String, Instant> keptFrom() throws SQLException {
        Map<String, Instant> kept = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(KEPT_FROM)) {
            while (rows.next()) {
                kept.put(rows.getString(1), rows.getTimestamp(2).toInstant());
            }
        }
        return kept;
    }

    /**
     * @throws ReprocessException when another run began without state since: what that one has
     *     counted, a job that goes on from the savepoint reads and counts, too
     */
    void requireNewestRunOf(Savepoint savepoint) throws SQLException {
        try (PreparedStatement find = connection.prepareStatement(NEWEST_RUN)) {
            find.setString(1, savepoint.ledgerRun());
            try (ResultSet row = find.executeQuery()) {
                // Of a run that is not here at all others tell.
                if (row.next()
                        && row.getBoolean(3)
                        && !row.getString(1).equals(savepoint.ledgerRun())) {
                    throw ofEarlierRun(savepoint, row.getString(1), row.getBoolean(2));
                }
            }
        }
    }

    private static ReprocessException ofEarlierRun(
            Savepoint savepoint, String newest, boolean isBuilt) {
        return new ReprocessException(
                Code.SAVEPOINT_OF_EARLIER_RUN,
                ("%s is of run %s, and run %s began without state since; what that one has counted a"
                                + " second run would count once more: %s")
                        .formatted(
                                savepoint.path(),
                                savepoint.ledgerRun(),
                                newest,
                                isBuilt
                                        ? "drop this reprocess, and build anew of a savepoint of"
                                                + " that one"
                                        : "build it with --no-follow"));
    }

    /** Of the reprocess that is there; null where there is none. */
    private @Nullable String state(Map<String, Object> build) throws SQLException {
        try (PreparedStatement find = connection.prepareStatement(RUN)) {
            find.setString(1, JSON.writeValueAsString(build));
            try (ResultSet row = find.executeQuery()) {
                if (!row.next()) {
                    return null;
                }
                String state = row.getString(1);
                boolean same = row.getBoolean(2);
                if (Run.PREPARED.equals(state) || same && GOES_ON.contains(state)) {
                    return state;
                }
                throw new ReprocessException(
                        Code.SHADOW_EXISTS,
                        "a reprocess is there, in state "
                                + state
                                + (same ? "" : ", of something else")
                                + "; end it first by drop");
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
