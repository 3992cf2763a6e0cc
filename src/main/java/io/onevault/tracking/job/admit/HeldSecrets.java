package io.onevault.tracking.job.admit;

import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.job.settings.Secrets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A tenant with each secret that it has had: what came while another one held is kept under other
 * pseudonyms.
 */
final class HeldSecrets {

    private static final String HELD =
            """
            SELECT DISTINCT encode(visitor_secret, 'hex')
              FROM auth.tenant_site_tracking_s
             WHERE tenant_hk = decode(?, 'hex')
               AND octet_length(visitor_secret) > 0""";

    private final Connection connection;
    private final Secrets secrets;
    private final Map<String, List<Tenant>> byHk = new HashMap<>();

    HeldSecrets(Connection connection, Secrets secrets) {
        this.connection = connection;
        this.secrets = secrets;
    }

    List<Tenant> of(Tenant tenant) throws SQLException {
        List<Tenant> known = byHk.get(tenant.hk());
        if (known == null) {
            known = read(tenant);
            byHk.put(tenant.hk(), known);
        }
        return known;
    }

    private List<Tenant> read(Tenant tenant) throws SQLException {
        // It had the derived one before its settings named any, or when they named none again.
        Set<String> held = new LinkedHashSet<>();
        held.add(tenant.visitorSecret());
        held.add(secrets.ofTenant(tenant.bk()));
        try (PreparedStatement statement = connection.prepareStatement(HELD)) {
            statement.setString(1, tenant.hk());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    held.add(row.getString(1));
                }
            }
        }
        List<Tenant> with = new ArrayList<>();
        for (String secret : held) {
            with.add(tenant.withSecret(secret));
        }
        return with;
    }
}
