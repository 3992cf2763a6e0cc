package io.onevault.tracking.job.admit;

import io.onevault.tracking.enrich.Pseudonyms;
import io.onevault.tracking.event.Tenant;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells the database whom requests mean by an id of a visitor or a user: the job alone has the
 * secrets.
 */
final class NamedIds {

    private static final String ASKED =
            "SELECT erasure_id, client_id, tenant_hk, id_kind FROM raw.site_tracking_ids_to_name()";

    private static final String NAME = "SELECT raw.site_tracking_name_visitors(?, ?, ?, ?)";

    private static final String USER = "user_id";

    private NamedIds() {}

    static void name(Connection connection, List<Tenant> tenants) throws SQLException {
        Map<String, Tenant> byHk = new HashMap<>();
        tenants.forEach(tenant -> byHk.put(tenant.hk(), tenant));
        List<String> erasures = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        List<String> kinds = new ArrayList<>();
        List<String> visitors = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(ASKED)) {
            while (row.next()) {
                Tenant tenant = byHk.get(row.getString(3));
                if (tenant != null) {
                    erasures.add(row.getString(1));
                    String id = row.getString(2);
                    ids.add(id);
                    kinds.add(row.getString(4));
                    visitors.add(
                            row.getString(4).equals(USER)
                                    ? Pseudonyms.ofUser(tenant, id)
                                    : Pseudonyms.ofVisitor(tenant, id));
                }
            }
        }
        if (ids.isEmpty()) {
            return;
        }
        try (PreparedStatement name = connection.prepareStatement(NAME)) {
            name.setArray(1, connection.createArrayOf("text", erasures.toArray()));
            name.setArray(2, connection.createArrayOf("text", ids.toArray()));
            name.setArray(3, connection.createArrayOf("text", kinds.toArray()));
            name.setArray(4, connection.createArrayOf("text", visitors.toArray()));
            name.execute();
        }
    }
}
