package io.onevault.tracking.job.admit;

import io.onevault.tracking.enrich.Pseudonyms;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.job.settings.Secrets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells the database whom requests mean by an id of a visitor or a user, under each secret that the
 * tenant has had: the job alone has them. It does so piece by piece, so that neither memory nor a
 * statement's time grows with what is asked, and leaves the rest to the next reading of the
 * tenants, which waits for it.
 */
final class NamedIds {

    /** How many ids a statement names. */
    private static final int PIECE = 1_000;

    private static final int MOST_PIECES = 5;

    private static final String ASKED =
            "SELECT erasure_id, client_id, tenant_hk, id_kind FROM raw.site_tracking_ids_to_name(?)";

    private static final String NAME = "SELECT raw.site_tracking_name_visitors(?, ?, ?, ?)";

    private static final String USER = "user_id";

    private final List<String> erasures = new ArrayList<>();
    private final List<String> ids = new ArrayList<>();
    private final List<String> kinds = new ArrayList<>();
    private final List<String> visitors = new ArrayList<>();
    private final HeldSecrets held;
    private int asked;

    private NamedIds(HeldSecrets held) {
        this.held = held;
    }

    static void name(Connection connection, List<Tenant> tenants, Secrets secrets)
            throws SQLException {
        HeldSecrets held = new HeldSecrets(connection, secrets);
        Map<String, Tenant> byHk = new HashMap<>();
        tenants.forEach(tenant -> byHk.put(tenant.hk(), tenant));
        for (int pieces = 0; pieces < MOST_PIECES; pieces++) {
            NamedIds piece = new NamedIds(held);
            piece.ask(connection, byHk);
            piece.tell(connection);
            if (piece.asked < PIECE) {
                return;
            }
        }
    }

    private void ask(Connection connection, Map<String, Tenant> byHk) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ASKED)) {
            statement.setInt(1, PIECE);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    asked++;
                    Tenant tenant = byHk.get(row.getString(3));
                    if (tenant != null) {
                        add(row, tenant);
                    }
                }
            }
        }
    }

    private void add(ResultSet row, Tenant tenant) throws SQLException {
        String id = row.getString(2);
        String kind = row.getString(4);
        for (Tenant then : held.of(tenant)) {
            erasures.add(row.getString(1));
            ids.add(id);
            kinds.add(kind);
            visitors.add(
                    kind.equals(USER)
                            ? Pseudonyms.ofUser(then, id)
                            : Pseudonyms.ofVisitor(then, id));
        }
    }

    private void tell(Connection connection) throws SQLException {
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
