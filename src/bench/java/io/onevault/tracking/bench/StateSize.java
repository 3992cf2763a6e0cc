package io.onevault.tracking.bench;

import io.onevault.tracking.bench.gauge.ThreadGroups;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.CompletedCheckpointStats;
import org.apache.flink.runtime.checkpoint.TaskStateStats;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.AccessExecutionJobVertex;

/**
 * How large the state of the job's steps is in its last checkpoint, and how much of it sessions.
 */
final class StateSize {

    private static final String SESSIONS_STEP = "build-sessions";

    /** Those that the default gap and lateness keep, and the events in them. */
    private static final String KEPT =
            """
            SELECT count(*), coalesce(sum(total_events), 0),
                   count(*) FILTER (WHERE session_status = 'OPEN')
              FROM (SELECT s.*, max(session_end) OVER () AS latest
                      FROM business.site_session_details_current_v s) s
             WHERE session_end > latest - interval '4 hours'""";

    private StateSize() {}

    static Map<String, Object> of(AccessExecutionGraph job, Connection connection)
            throws SQLException {
        Map<String, Object> state = new LinkedHashMap<>();
        Map<String, Long> bytes = bytesByStep(job);
        state.put("bytes_by_step", bytes);
        long ofSessions = bytes.getOrDefault(chained(bytes), 0L);
        try (Statement statement = connection.createStatement();
                ResultSet kept = statement.executeQuery(KEPT)) {
            kept.next();
            state.put("sessions_kept", kept.getLong(1));
            state.put("sessions_open", kept.getLong(3));
            state.put("events_in_sessions_kept", kept.getLong(2));
            if (kept.getLong(1) > 0) {
                state.put("bytes_per_session_kept", ofSessions / kept.getLong(1));
                state.put("bytes_per_event_in_sessions_kept", ofSessions / kept.getLong(2));
            }
        }
        return state;
    }

    private static String chained(Map<String, Long> bytes) {
        for (String chain : bytes.keySet()) {
            if (chain.startsWith(SESSIONS_STEP)) {
                return chain;
            }
        }
        return SESSIONS_STEP;
    }

    private static Map<String, Long> bytesByStep(AccessExecutionGraph job) {
        Map<String, Long> bytes = new TreeMap<>();
        CompletedCheckpointStats last =
                job.getCheckpointStatsSnapshot().getHistory().getLatestCompletedCheckpoint();
        if (last != null) {
            for (AccessExecutionJobVertex vertex : job.getVerticesTopologically()) {
                TaskStateStats stats = last.getTaskStateStats(vertex.getJobVertexId());
                if (stats != null && stats.getStateSize() > 0) {
                    bytes.put(ThreadGroups.chain(vertex.getName()), stats.getStateSize());
                }
            }
        }
        return bytes;
    }
}
