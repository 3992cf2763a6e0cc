package io.onevault.tracking.local;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** Writes the current sessions as JSON lines, sorted by tenant and session key. */
final class SessionsOut {

    private static final int FETCH_ROWS = 5_000;
    private static final String QUERY =
            """
            SELECT
                tenants.tenant_bk,
                hubs.session_bk,
                sessions.client_session_id,
                encode(sessions.visitor_hk, 'hex') AS visitor_hk,
                sessions.session_start,
                sessions.session_end,
                sessions.total_events,
                sessions.page_views,
                sessions.entry_page_url,
                sessions.exit_page_url,
                sessions.utm_source,
                sessions.utm_medium,
                sessions.utm_campaign,
                sessions.utm_term,
                sessions.utm_content,
                sessions.is_bounce,
                sessions.engaged_seconds,
                sessions.conversions,
                sessions.revenue,
                sessions.refunds
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

    static void write(Connection connection, Path file) throws IOException, SQLException {
        // Only within a transaction does the driver fetch rows piece by piece.
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement();
                JsonGenerator json =
                        new JsonFactory().createGenerator(Files.newBufferedWriter(file))) {
            json.setRootValueSeparator(null);
            statement.setFetchSize(FETCH_ROWS);
            try (ResultSet row = statement.executeQuery(QUERY)) {
                while (row.next()) {
                    writeSession(json, row);
                    json.writeRaw('\n');
                }
            }
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private static void writeSession(JsonGenerator json, ResultSet row)
            throws IOException, SQLException {
        json.writeStartObject();
        json.writeStringField("tenant", row.getString("tenant_bk"));
        json.writeStringField("session", row.getString("session_bk"));
        json.writeStringField("client_session_id", row.getString("client_session_id"));
        json.writeStringField("visitor_hk", row.getString("visitor_hk"));
        json.writeStringField("start", instant(row, "session_start"));
        json.writeStringField("end", instant(row, "session_end"));
        json.writeNumberField("events", row.getInt("total_events"));
        json.writeNumberField("page_views", row.getInt("page_views"));
        json.writeStringField("entry_url", row.getString("entry_page_url"));
        json.writeStringField("exit_url", row.getString("exit_page_url"));
        json.writeObjectFieldStart("utm");
        json.writeStringField("source", row.getString("utm_source"));
        json.writeStringField("medium", row.getString("utm_medium"));
        json.writeStringField("campaign", row.getString("utm_campaign"));
        json.writeStringField("term", row.getString("utm_term"));
        json.writeStringField("content", row.getString("utm_content"));
        json.writeEndObject();
        json.writeFieldName("is_bounce");
        writeBoolean(json, (Boolean) row.getObject("is_bounce"));
        json.writeNumberField("engaged_seconds", row.getLong("engaged_seconds"));
        json.writeNumberField("conversions", row.getInt("conversions"));
        writeMoney(json, row, "revenue");
        writeMoney(json, row, "refunds");
        json.writeEndObject();
    }

    private static void writeMoney(JsonGenerator json, ResultSet row, String column)
            throws IOException, SQLException {
        String money = row.getString(column);
        json.writeFieldName(column);
        json.writeRawValue(money == null ? "{}" : money);
    }

    private static void writeBoolean(JsonGenerator json, @Nullable Boolean value)
            throws IOException {
        if (value == null) {
            json.writeNull();
        } else {
            json.writeBoolean(value);
        }
    }

    private static @Nullable String instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        Instant instant = value == null ? null : value.toInstant();
        return instant == null ? null : instant.toString();
    }
}
