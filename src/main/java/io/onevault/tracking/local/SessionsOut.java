package io.onevault.tracking.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.util.RawValue;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the current sessions as JSON lines, sorted by tenant and session key. */
final class SessionsOut {

    private static final String CLIENT_SESSION_ID = "client_session_id";
    private static final int FETCH_ROWS = 5_000;

    /** Each column is a field; docs/sessions.md explains them. */
    private static final String QUERY =
            """
            SELECT
                tenants.tenant_bk AS tenant,
                hubs.session_bk AS session,
                sessions.client_session_id,
                encode(sessions.visitor_hk, 'hex') AS visitor_hk,
                sessions.session_start AS start,
                sessions.session_end AS end,
                sessions.total_events AS events,
                sessions.page_views,
                sessions.entry_page_url AS entry_url,
                sessions.exit_page_url AS exit_url,
                json_build_object(
                    'source', sessions.utm_source,
                    'medium', sessions.utm_medium,
                    'campaign', sessions.utm_campaign,
                    'term', sessions.utm_term,
                    'content', sessions.utm_content
                ) AS utm,
                sessions.is_bounce,
                sessions.engaged_seconds,
                sessions.conversions,
                coalesce(sessions.revenue, '{}') AS revenue,
                coalesce(sessions.refunds, '{}') AS refunds
            FROM business.site_session_details_current_v AS sessions
            JOIN business.site_session_h AS hubs
                ON hubs.session_hk = sessions.session_hk
            JOIN auth.tenant_h AS tenants
                ON tenants.tenant_hk = sessions.tenant_hk
            ORDER BY
                tenants.tenant_bk COLLATE "C",
                hubs.session_bk COLLATE "C"
            """;

    private SessionsOut() {}

    static void write(Connection connection, Path file, SessionNames names)
            throws IOException, SQLException {
        // Only within a transaction does the driver fetch rows piece by piece.
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement();
                Writer writer = Files.newBufferedWriter(file)) {
            statement.setFetchSize(FETCH_ROWS);
            ObjectMapper json = new ObjectMapper();
            try (ResultSet row = statement.executeQuery(QUERY)) {
                while (row.next()) {
                    writer.append(json.writeValueAsString(fields(row, names))).append('\n');
                }
            }
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private static Map<String, @Nullable Object> fields(ResultSet row, SessionNames names)
            throws SQLException {
        ResultSetMetaData columns = row.getMetaData();
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            Object value =
                    switch (columns.getColumnTypeName(i)) {
                        case "timestamptz" ->
                                row.getObject(i, OffsetDateTime.class).toInstant().toString();
                        case "json", "jsonb" -> new RawValue(row.getString(i));
                        default -> row.getObject(i);
                    };
            String label = columns.getColumnLabel(i);
            boolean isName = label.equals(CLIENT_SESSION_ID) && value != null;
            fields.put(label, isName ? names.named((String) value) : value);
        }
        return fields;
    }
}
