package io.onevault.tracking.relay;

import io.onevault.tracking.access.Hmac;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Calls the webhooks of alerts that began or ended, each at least once: what became of a call is
 * noted after it, and where it was not, or the receiver did not take it, it is made again.
 */
final class AlertCalls {

    private static final String TAKE = "SELECT * FROM raw.site_tracking_take_call()";
    private static final String NOTE = "SELECT raw.site_tracking_note_call(?, ?, ?, ?)";

    private final Webhooks webhooks;

    AlertCalls(Webhooks webhooks) {
        this.webhooks = webhooks;
    }

    private record Call(
            byte[] tenant,
            String alert,
            OffsetDateTime at,
            String body,
            URI webhook,
            byte[] secret) {}

    /**
     * Makes one call that is due.
     *
     * @return whether there was one
     */
    boolean makeOne(Connection connection) throws SQLException {
        Call call = take(connection);
        if (call == null) {
            return false;
        }
        String signature = HexFormat.of().formatHex(new Hmac(call.secret()).of(call.body()));
        String failure = webhooks.post(call.webhook(), call.body(), signature);
        try (PreparedStatement note = connection.prepareStatement(NOTE)) {
            note.setBytes(1, call.tenant());
            note.setString(2, call.alert());
            note.setObject(3, call.at());
            note.setString(4, failure);
            note.execute();
        }
        return true;
    }

    private static @Nullable Call take(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(TAKE)) {
            return row.next()
                    ? new Call(
                            row.getBytes("tenant_hk"),
                            row.getString("name"),
                            row.getObject("changed_at", OffsetDateTime.class),
                            row.getString("body"),
                            URI.create(row.getString("webhook")),
                            row.getString("secret").getBytes(StandardCharsets.UTF_8))
                    : null;
        }
    }
}
