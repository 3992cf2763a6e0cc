package io.onevault.tracking.job.admit;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.References;
import io.onevault.tracking.enrich.Referrers;
import io.onevault.tracking.event.AddressPolicy;
import io.onevault.tracking.event.ConsentRules;
import io.onevault.tracking.event.PrivacyRules;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.event.TimeZones;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.settings.SaltSource;
import io.onevault.tracking.job.settings.Secrets;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/** Reads tenants, their current settings and the daily salts from the database. */
final class JdbcTenantReader implements TenantReader {

    private static final long serialVersionUID = 1;

    /** An array may have any dimensions and nothing in it; what counts are its texts. */
    private static final String TENANTS =
            """
            SELECT h.tenant_bk,
                   encode(h.tenant_hk, 'hex') AS tenant_hk,
                   nullif(encode(s.visitor_secret, 'hex'), '') AS visitor_secret,
                   s.session_gap_ms,
                   s.allowed_lateness_ms,
                   s.max_session_seconds,
                   s.max_session_events,
                   s.campaign_split,
                   s.midnight_split,
                   s.referrer_split,
                   s.time_zone,
                   s.load_date,
                   s.consent_policy,
                   s.honour_gpc,
                   s.honour_dnt,
                   s.ip_policy,
                   s.keep_user_agents,
                   s.keep_texts,
                   array_remove(ARRAY(SELECT unnest(s.goal_event_types)), NULL) AS goals,
                   array_remove(ARRAY(SELECT unnest(s.allowed_origins)), NULL) AS origins
              FROM auth.tenant_h h
              LEFT JOIN LATERAL (SELECT *
                                   FROM auth.tenant_site_tracking_s t
                                  WHERE t.tenant_hk = h.tenant_hk
                                  ORDER BY t.load_date DESC
                                  LIMIT 1) s ON true
             WHERE h.tenant_bk IS NOT NULL""";

    private static final String SALTS =
            "SELECT salt_date, salt FROM auth.site_tracking_salts(?, ?, ?)";

    private static final String TIMEOUT_SECONDS = "10";
    private static final HexFormat HEX = HexFormat.of();

    private final JobSettings settings;
    private final Secrets secrets;

    /** Of the one reader that answers requests, too; null of the others. */
    private final transient @Nullable ErasedEvents erased;

    JdbcTenantReader(JobSettings settings) {
        this(settings, null);
    }

    private JdbcTenantReader(JobSettings settings, @Nullable ErasedEvents erased) {
        this.settings = settings;
        this.erased = erased;
        this.secrets = new Secrets(settings.get(JobOptions.PRIVACY_SECRET));
    }

    @Override
    public TenantReader telling(ErasedEvents events) {
        return new JdbcTenantReader(settings, events);
    }

    @Override
    public Tenants read(SaltMemory memory) throws SQLException, IOException {
        try (Connection connection = connect()) {
            Set<String> ambiguous = new HashSet<>();
            List<Tenant> all = tenants(connection);
            if (erased != null) {
                NamedIds.name(connection, all, secrets);
                erased.read(connection);
            }
            Map<String, Tenant> tenants = byBk(all, ambiguous);
            return new Tenants(tenants, ambiguous, salts(connection, memory));
        }
    }

    /** The tenants by their hash keys, whatever they are called. */
    Map<String, Tenant> readByHk() throws SQLException {
        try (Connection connection = connect()) {
            Map<String, Tenant> tenants = new HashMap<>();
            tenants(connection).forEach(tenant -> tenants.put(tenant.hk(), tenant));
            return tenants;
        }
    }

    private Connection connect() throws SQLException {
        DatabaseAccess database = settings.database();
        Properties properties = login(database);
        properties.setProperty("ApplicationName", "site-tracking tenants");
        properties.setProperty("connectTimeout", TIMEOUT_SECONDS);
        properties.setProperty("socketTimeout", TIMEOUT_SECONDS);
        // Not through DriverManager, which misses drivers of other class loaders.
        return new Driver().connect(database.openUrl(), properties);
    }

    /** A secret that can't be read for a while is like a database that is away. */
    private static Properties login(DatabaseAccess database) throws SQLException {
        try {
            return database.properties();
        } catch (References.UnresolvedReferenceException e) {
            throw new SQLException(e.getMessage(), e);
        }
    }

    /** A hub may hold a name twice; no order tells whom it means. */
    private static Map<String, Tenant> byBk(List<Tenant> all, Set<String> ambiguous) {
        Map<String, Tenant> tenants = new HashMap<>();
        for (Tenant tenant : all) {
            if (tenants.put(tenant.bk(), tenant) != null) {
                ambiguous.add(tenant.bk());
            }
        }
        tenants.keySet().removeAll(ambiguous);
        return tenants;
    }

    private List<Tenant> tenants(Connection connection) throws SQLException {
        List<Tenant> tenants = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(TENANTS)) {
            while (rows.next()) {
                tenants.add(tenant(rows));
            }
        }
        // Afterwards: of a secret that comes between, the one before must not be missing.
        FormerSecrets former = FormerSecrets.read(connection, secrets);
        tenants.replaceAll(former::before);
        return tenants;
    }

    private Tenant tenant(ResultSet row) throws SQLException {
        String bk = row.getString("tenant_bk");
        String secret = row.getString("visitor_secret");
        return new Tenant(
                bk,
                row.getString("tenant_hk"),
                secret == null ? secrets.ofTenant(bk) : secret,
                rules(row),
                row.getObject("allowed_lateness_ms", Long.class),
                texts(row, "goals"),
                TimeZones.of(row.getString("time_zone")),
                Referrers.hosts(texts(row, "origins")),
                new PrivacyRules(
                        consent(row),
                        AddressPolicy.named(row.getString("ip_policy")),
                        row.getBoolean("keep_user_agents"),
                        !Boolean.FALSE.equals(row.getObject("keep_texts", Boolean.class))));
    }

    private static List<String> texts(ResultSet row, String column) throws SQLException {
        return List.of((String[]) row.getArray(column).getArray());
    }

    private static ConsentRules consent(ResultSet row) throws SQLException {
        OffsetDateTime since = row.getObject("load_date", OffsetDateTime.class);
        return new ConsentRules(
                ConsentRules.Policy.named(row.getString("consent_policy")),
                !Boolean.FALSE.equals(row.getObject("honour_gpc", Boolean.class)),
                row.getBoolean("honour_dnt"),
                since == null ? null : since.toInstant());
    }

    private SessionRules rules(ResultSet row) throws SQLException {
        SessionRules defaults = SessionRules.DEFAULT;
        Long own = row.getObject("session_gap_ms", Long.class);
        long gap = own == null ? settings.get(JobOptions.SESSION_GAP).toMillis() : own;
        Long seconds = row.getObject("max_session_seconds", Long.class);
        Integer events = row.getObject("max_session_events", Integer.class);
        boolean midnightSplit = row.getBoolean("midnight_split");
        return new SessionRules(
                Math.min(gap, SessionRules.MOST_MILLIS),
                seconds == null
                        ? defaults.maxMillis()
                        : 1_000 * Math.min(seconds, SessionRules.MOST_MILLIS / 1_000),
                events == null ? defaults.maxEvents() : Math.min(events, SessionRules.MOST_EVENTS),
                !Boolean.FALSE.equals(row.getObject("campaign_split", Boolean.class)),
                midnightSplit ? TimeZones.of(row.getString("time_zone")).getId() : null,
                row.getBoolean("referrer_split"));
    }

    /** The database may have lost those that the job remembers, which then gets them back. */
    private Map<LocalDate, byte[]> salts(Connection connection, SaltMemory memory)
            throws SQLException, IOException {
        if (settings.get(JobOptions.PRIVACY_SALTS) == SaltSource.DERIVED) {
            return new DerivedSalts(secrets);
        }
        Map<LocalDate, byte[]> known = memory.recall();
        Map<LocalDate, byte[]> salts = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(SALTS)) {
            statement.setArray(1, connection.createArrayOf("date", known.keySet().toArray()));
            byte[][] values = known.values().toArray(new byte[0][]);
            statement.setArray(2, connection.createArrayOf("bytea", values));
            statement.setString(3, settings.get(JobOptions.RECORD_SOURCE));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    salts.put(rows.getObject(1, LocalDate.class), rows.getBytes(2));
                }
            }
        }
        return memory.remember(salts);
    }
}
