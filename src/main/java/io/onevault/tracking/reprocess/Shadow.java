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
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the shadow tables that a build fills. */
final class Shadow {

    private static final String RUN =
            """
            SELECT run.state,
                   (run.savepoint, run.tenant_bks, run.from_at, run.to_at, run.settings)
                       IS NOT DISTINCT FROM
                   (told.savepoint, told.tenant_bks, told.from_at, told.to_at, told.settings)
              FROM raw.site_tracking_reprocess_r AS run
             CROSS JOIN jsonb_populate_record(NULL::raw.site_tracking_reprocess_r, ?::jsonb) AS told
             WHERE run.state <> 'DROPPED'""";

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
        BEGUN,
        OVER
    }

    /**
     * Makes the shadow, or takes the one of the same build.
     *
     * @param build columns of the reprocess that say what is built
     * @throws ReprocessException where there is another reprocess
     */
    Found make(Map<String, Object> build) throws SQLException, MigrationException {
        String state = state(build);
        if (state == null) {
            Migration.makeShadow(connection, applied -> {});
        }
        if (state == null || state.equals(Run.PREPARED)) {
            return Found.NOTHING;
        }
        return state.equals(Run.BUILDING) ? Found.BEGUN : Found.OVER;
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
