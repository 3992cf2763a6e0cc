package io.onevault.tracking.job.admit;

import io.onevault.tracking.event.FormerSecret;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.job.settings.Secrets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The secrets that tenants had before, by the versions of their settings. */
final class FormerSecrets {

    /**
     * By then all tasks have read a new one, so that a record gets the same pseudonym now and when
     * it is read again; and an erasure that was named under those of before reaches no further.
     */
    static final Duration NOTICE = Duration.ofMinutes(1);

    private static final String CHANGES =
            """
            SELECT encode(tenant_hk, 'hex'), former, load_date
              FROM (SELECT tenant_hk,
                           load_date,
                           secret,
                           lag(secret) OVER (PARTITION BY tenant_hk ORDER BY load_date) AS former
                      FROM (SELECT tenant_hk,
                                   load_date,
                                   nullif(encode(visitor_secret, 'hex'), '') AS secret
                              FROM auth.tenant_site_tracking_s) versions) changes
             WHERE secret IS DISTINCT FROM former
             ORDER BY load_date""";

    /**
     * A change of a secret.
     *
     * @param former null where the job derived it
     */
    private record Change(@Nullable String former, OffsetDateTime at) {}

    private final Secrets secrets;
    private final Map<String, List<Change>> byHk = new HashMap<>();

    private FormerSecrets(Secrets secrets) {
        this.secrets = secrets;
    }

    static FormerSecrets read(Connection connection, Secrets secrets) throws SQLException {
        FormerSecrets former = new FormerSecrets(secrets);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(CHANGES)) {
            while (row.next()) {
                former.byHk
                        .computeIfAbsent(row.getString(1), none -> new ArrayList<>())
                        .add(new Change(row.getString(2), row.getObject(3, OffsetDateTime.class)));
            }
        }
        return former;
    }

    /** The tenant with those that it had before. */
    Tenant before(Tenant tenant) {
        List<Change> changes = byHk.get(tenant.hk());
        if (changes == null) {
            return tenant;
        }
        List<FormerSecret> former = new ArrayList<>();
        for (Change change : changes) {
            String secret = change.former();
            former.add(
                    new FormerSecret(
                            secret == null ? secrets.ofTenant(tenant.bk()) : secret,
                            change.at().toInstant().plus(NOTICE)));
        }
        return tenant.withFormerSecrets(former);
    }
}
