package io.onevault.tracking.local;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Enters tenants into {@code auth.tenant_h}, where those already there stay, and their goals. */
public final class TenantRegistry implements AutoCloseable {

    private static final String KNOWN = "SELECT tenant_bk FROM auth.tenant_h";
    private static final String REGISTER =
            """
            INSERT INTO auth.tenant_h (
                tenant_hk,
                tenant_bk,
                load_date,
                record_source
            )
            VALUES (
                util.hash_binary(?),
                ?,
                util.current_load_date(),
                'local-stack'
            )
            ON CONFLICT DO NOTHING
            """;

    private static final String SET_GOALS =
            "SELECT api.change_settings(?, jsonb_build_object('goals', to_jsonb(?::text[])))";

    private final Connection connection;
    private final Set<String> known = new HashSet<>();

    public TenantRegistry(Connection connection) throws SQLException {
        this.connection = connection;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(KNOWN)) {
            while (rows.next()) {
                known.add(rows.getString(1));
            }
        }
    }

    /** Registers a tenant; returns whether it was new. */
    public boolean register(@Nullable String tenantBk) throws SQLException {
        if (tenantBk == null || !known.add(tenantBk)) {
            return false;
        }
        try (PreparedStatement statement = connection.prepareStatement(REGISTER)) {
            statement.setString(1, tenantBk);
            statement.setString(2, tenantBk);
            return statement.executeUpdate() == 1;
        }
    }

    /** Lets events of these types count as conversions, beside purchases. */
    void setGoals(String tenantBk, List<String> types) throws SQLException {
        if (types.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(SET_GOALS)) {
            statement.setString(1, tenantBk);
            statement.setArray(2, connection.createArrayOf("text", types.toArray()));
            statement.execute();
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
