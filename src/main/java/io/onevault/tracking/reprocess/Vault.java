package io.onevault.tracking.reprocess;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.job.admit.ReplaySteps.RawDays;
import io.onevault.tracking.program.DatabaseLogin;
import io.onevault.tracking.reprocess.ReprocessException.Code;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a command asks the database before it runs a job. */
final class Vault implements AutoCloseable {

    private static final String UNDEFINED_TABLE = "42P01";
    private static final String UNDEFINED_COLUMN = "42703";
    private static final String UNDEFINED_FUNCTION = "42883";

    private static final String TENANTS =
            """
            SELECT encode(tenant_hk, 'hex'),
                   tenant_bk
              FROM auth.tenant_h""";

    /**
     * The first and the last day in which raw has an event; it asks the index of each partition.
     */
    private static final String RAW_DAYS =
            """
            SELECT (min(event_timestamp) AT TIME ZONE 'UTC')::date,
                   (max(event_timestamp) AT TIME ZONE 'UTC')::date,
                   count(visitor_bk) FILTER (WHERE false)
              FROM raw.site_tracking_events_r""";

    private final Connection connection;

    Vault(DatabaseAccess database) {
        connection = DatabaseLogin.connect(database);
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
            throw failed(e);
        }
    }

    /** Null where raw is empty. */
    @Nullable RawDays rawDays() {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(RAW_DAYS)) {
            row.next();
            LocalDate first = row.getObject(1, LocalDate.class);
            LocalDate last = row.getObject(2, LocalDate.class);
            return first == null || last == null ? null : new RawDays(first, last);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private static ReprocessException failed(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        boolean old =
                state.equals(UNDEFINED_TABLE)
                        || state.equals(UNDEFINED_COLUMN)
                        || state.equals(UNDEFINED_FUNCTION);
        return old
                ? new ReprocessException(
                        Code.SCHEMA_TOO_OLD,
                        e.getMessage() + "; apply the numbered scripts of this version first",
                        e)
                : new ReprocessException(Code.DATABASE, String.valueOf(e.getMessage()), e);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw failed(e);
        }
    }
}
