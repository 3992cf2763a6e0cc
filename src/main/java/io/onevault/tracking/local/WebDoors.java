package io.onevault.tracking.local;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.collector.CollectorServer;
import io.onevault.tracking.collector.CollectorSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The stack's collector, with a demonstration shop whose pages carry the tracker, and keys to look
 * at what becomes of their visitors.
 */
final class WebDoors implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    private static final String SHOP = "/shop/";
    private static final String SHOP_TENANT = "acme-shop";
    private static final int AS_PEOPLE = 1;
    private static final String MAKE_KEY =
            "SELECT auth.site_tracking_make_key(?, ?, string_to_array(?, ','))";

    /** The key that the shop's pages name; public, as every site's is. */
    private static final String SHOP_KEY = "st_demonstration_shop";

    private static final String KNOWN_KEY =
            """
            UPDATE auth.api_token_s
               SET token_hash = util.hash_binary(?)
             WHERE token_hash = util.hash_binary(?)""";

    private static final String FIRST_DAY =
            """
            SELECT min(session_start AT TIME ZONE 'UTC')::date
              FROM business.site_session_details_current_v
              JOIN auth.tenant_h USING (tenant_hk)
             WHERE tenant_bk = ?""";

    private final CollectorServer collector;
    private final String readKey;
    private final List<Traffic> traffic = new ArrayList<>();

    private WebDoors(CollectorServer collector, String readKey) {
        this.collector = collector;
        this.readKey = readKey;
    }

    /** Opens them; the vault is there already. */
    static WebDoors open(Servers servers, Connection connection, String topic) throws Exception {
        try (TenantRegistry registry = new TenantRegistry(servers.postgres().connect())) {
            registry.register(SHOP_TENANT);
        }
        String readKey = makeKey(connection, SHOP_TENANT, "local stack", "read,write,manage");
        makeShopKey(connection);
        CollectorSettings settings =
                new CollectorSettings(
                        HOST,
                        servers.ports().of(Endpoint.COLLECTOR),
                        new DatabaseAccess(servers.postgres().jdbcUrl(), EmbeddedPostgres.USER, ""),
                        KafkaAccess.plain(servers.kafka().bootstrapServers()),
                        topic,
                        // Simulated visitors come from many addresses.
                        new CollectorSettings.Proxies(List.of(HOST), null),
                        CollectorSettings.Limits.USUAL,
                        CollectorSettings.Paths.USUAL,
                        Map.of(SHOP, "sample/shop/"));
        return new WebDoors(CollectorServer.start(settings), readKey);
    }

    /** Lets simulated visitors come to six sites, one of each industry. */
    void simulate(Connection connection, int visitors) throws SQLException {
        traffic.add(simulate(address(), connection, visitors, AS_PEOPLE));
    }

    /**
     * @param address of a collector
     * @param haste how many times as fast as people they are
     */
    static Traffic simulate(String address, Connection connection, int visitors, int haste)
            throws SQLException {
        Map<String, String> keys = new HashMap<>();
        for (TrafficPlan.Site site : TrafficPlan.read().sites()) {
            String tenant = site.tenant();
            keys.put(tenant, makeKey(connection, tenant, "simulated visitors", "browser"));
        }
        return Traffic.start(address, keys, visitors, haste);
    }

    /** Where those look who want to see the six sites, a line a site. */
    String dashboards(Connection connection) throws SQLException {
        StringBuilder links = new StringBuilder();
        for (TrafficPlan.Site site : TrafficPlan.read().sites()) {
            String key = makeKey(connection, site.tenant(), "look at all sites", "read,manage");
            links.append(
                    "  %-15s %s%n"
                            .formatted(site.tenant(), dashboard(connection, site.tenant(), key)));
        }
        return links.toString();
    }

    private static String makeKey(Connection connection, String tenant, String name, String may)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(MAKE_KEY)) {
            statement.setString(1, tenant);
            statement.setString(2, name);
            statement.setString(3, may);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private static void makeShopKey(Connection connection) throws SQLException {
        String random = makeKey(connection, SHOP_TENANT, "demonstration shop", "browser");
        try (PreparedStatement statement = connection.prepareStatement(KNOWN_KEY)) {
            statement.setString(1, SHOP_KEY);
            statement.setString(2, random);
            statement.executeUpdate();
        }
    }

    /** Where people begin. */
    String links(Connection connection) throws SQLException {
        String base = address();
        return """
               Shop      %s%s
               Dashboard %s
               API       %s/openapi/
               """
                .formatted(base, SHOP, dashboard(connection, SHOP_TENANT, readKey), base);
    }

    /**
     * With a period that begins with the first visit: of a sample that grows old nothing would be
     * left of the last days, which the dashboard shows else.
     */
    private String dashboard(Connection connection, String tenant, String key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FIRST_DAY)) {
            statement.setString(1, tenant);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                String day = row.getString(1);
                String period = day == null ? "" : "?from=" + day;
                return address() + "/dashboard/" + period + "#key=" + key;
            }
        }
    }

    private String address() {
        return "http://" + HOST + ":" + collector.port();
    }

    @Override
    public void close() {
        traffic.forEach(Traffic::close);
        collector.close();
    }
}
