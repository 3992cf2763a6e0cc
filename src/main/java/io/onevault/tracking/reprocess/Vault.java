package io.onevault.tracking.reprocess;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.Secrecy;
import io.onevault.tracking.job.admit.ReplaySteps.RawDays;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.program.DatabaseLogin;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.program.ProgramException;
import io.onevault.tracking.reprocess.ReprocessException.Code;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a command asks the database before it runs a job. */
final class Vault implements AutoCloseable {

    private static final String TENANTS =
            """
            SELECT encode(tenant_hk, 'hex'),
                   tenant_bk
              FROM auth.tenant_h""";

    /** Each is found by the indexes of partitions, from the one before on. */
    private static final String RAW_DAYS =
            """
            WITH RECURSIVE days (day) AS (
                SELECT (min(event_timestamp) AT TIME ZONE 'UTC')::date
                  FROM raw.site_tracking_events_r
                 UNION ALL
                SELECT (SELECT (min(event_timestamp) AT TIME ZONE 'UTC')::date
                          FROM raw.site_tracking_events_r
                         WHERE event_timestamp >= (day + 1)::timestamp AT TIME ZONE 'UTC')
                  FROM days
                 WHERE day IS NOT NULL)
            SELECT day,
                   (SELECT count(visitor_bk) FROM raw.site_tracking_events_r WHERE false)
              FROM days
             WHERE day IS NOT NULL
             ORDER BY day""";

    private static final String FARTHEST =
            """
            SELECT greatest(?, max(allowed_lateness_ms)) + 2 * greatest(?, max(session_gap_ms))
              FROM auth.tenant_site_tracking_s""";

    /** An empty ledger has nothing that could be counted twice. */
    private static final String COUNTED_RUN =
            """
            SELECT NOT EXISTS (SELECT FROM raw.site_tracking_ledger_r)
                   OR EXISTS (SELECT FROM raw.site_tracking_ledger_r WHERE run_id = ?)""";

    private static final String LATEST_CLOSED =
            "SELECT max(session_end) FROM business.site_session_b";

    /** Small ones take most of their time to begin and to end. */
    private static final String LARGEST_BUILD =
            """
            SELECT load_date,
                   (counts #>> '{batch,events}')::bigint AS events,
                   (counts #>> '{batch,seconds}')::float8,
                   (counts #>> '{batch,slots}')::integer
              FROM raw.site_tracking_reprocess_r
             WHERE (counts #>> '{batch,events}')::bigint > 0
             ORDER BY events DESC, load_date DESC
             LIMIT 1""";

    private final Connection connection;

    Vault(DatabaseAccess database) {
        connection = connect(database, "database.user and database.password");
    }

    /**
     * @param login what user and password were given by
     */
    static Connection connect(DatabaseAccess database, String login) {
        try {
            return DatabaseLogin.connect(database, Secrecy.DATABASE_URL, login);
        } catch (ProgramException e) {
            throw new ProgramException(Program.AWAY, "DATABASE_AWAY: " + e.getMessage(), e);
        }
    }

    /** Names of the registered tenants by hash key. */
    Map<String, String> tenants() {
        Map<String, String> tenants = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(TENANTS)) {
            while (row.next()) {
                tenants.put(row.getString(1), row.getString(2));
            }
            return tenants;
        } catch (SQLException e) {
            throw ReprocessException.of(e);
        }
    }

    /**
     * @throws ReprocessException when what the savepoint's job counted is not in this ledger: it
     *     would be counted once more
     */
    void requireRunOf(@Nullable Savepoint savepoint) {
        if (savepoint == null) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(COUNTED_RUN)) {
            statement.setString(1, savepoint.ledgerRun());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                if (!row.getBoolean(1)) {
                    throw new ReprocessException(
                            Code.SAVEPOINT_OF_ANOTHER_JOB,
                            "%s is of run %s, of which this database's ledger tells nothing"
                                    .formatted(savepoint.path(), savepoint.ledgerRun()));
                }
            }
        } catch (SQLException e) {
            throw ReprocessException.of(e);
        }
    }

    private long farthestMillis(Duration gap, Duration lateness) {
        try (PreparedStatement statement = connection.prepareStatement(FARTHEST)) {
            statement.setLong(1, lateness.toMillis());
            statement.setLong(2, gap.toMillis());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        } catch (SQLException e) {
            throw ReprocessException.of(e);
        }
    }

    /**
     * How far before the watermark a session can end that an event may still change: even one that
     * comes as late as it may, by what any tenant has set at any time, is further than the gap from
     * those before.
     *
     * @param jobs settings of jobs, of which whichever reaches farther counts
     */
    long farthestMillis(List<JobSettings> jobs) {
        Duration gap = Duration.ZERO;
        Duration lateness = Duration.ZERO;
        for (JobSettings job : jobs) {
            gap = longer(gap, job.get(JobOptions.SESSION_GAP));
            lateness = longer(lateness, job.get(JobOptions.SESSION_LATENESS));
        }
        return farthestMillis(gap, lateness);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    /** An end of a session that the live job's watermark has passed; null where none is closed. */
    @Nullable Instant latestClosed() {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(LATEST_CLOSED)) {
            row.next();
            OffsetDateTime end = row.getObject(1, OffsetDateTime.class);
            return end == null ? null : end.toInstant();
        } catch (SQLException e) {
            throw ReprocessException.of(e);
        }
    }

    /** Null where raw is empty. */
    @Nullable RawDays rawDays() {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(RAW_DAYS)) {
            List<Long> days = new ArrayList<>();
            while (row.next()) {
                days.add(row.getObject(1, LocalDate.class).toEpochDay());
            }
            return days.isEmpty() ? null : new RawDays(days);
        } catch (SQLException e) {
            throw ReprocessException.of(e);
        }
    }

    /**
     * Of the builds that came to their end the one of the most events; null where there is none.
     */
    @Nullable MeasuredBuild largestBuild() {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(LARGEST_BUILD)) {
            return row.next()
                    ? new MeasuredBuild(
                            row.getTimestamp(1).toInstant(),
                            row.getLong(2),
                            row.getDouble(3),
                            row.getInt(4))
                    : null;
        } catch (SQLException e) {
            throw ReprocessException.of(e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw ReprocessException.of(e);
        }
    }
}
