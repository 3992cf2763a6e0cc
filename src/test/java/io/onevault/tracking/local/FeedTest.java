package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a run registers before it plays, with a data directory that former runs may have filled. */
@ExtendWith(PostgresExtension.class)
class FeedTest {

    @Test
    void leavesGoalsThatWereSetSince(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        TrafficPlan.Site site = siteWithGoals();
        start(database);
        assertThat(goals(database, site)).isEqualTo(site.conversions());

        database.execute(
                "SELECT api.change_settings('%s', '{\"goals\": [\"asked_back\"]}')"
                        .formatted(site.tenant()));
        start(database);

        assertThat(goals(database, site)).containsExactly("asked_back");
    }

    private static TrafficPlan.Site siteWithGoals() {
        return TrafficPlan.read().sites().stream()
                .filter(site -> !site.conversions().isEmpty())
                .findFirst()
                .orElseThrow();
    }

    private static void start(TestDatabase database) throws Exception {
        Feed feed = new Feed(new StackOptions(), InputStream.nullInputStream());
        try (TenantRegistry registry = new TenantRegistry(database.connect())) {
            feed.registerTenants(registry);
        }
    }

    private static List<String> goals(TestDatabase database, TrafficPlan.Site site)
            throws SQLException {
        return database.texts(
                "SELECT unnest(business.site_goals(util.hash_binary('%s')))"
                        .formatted(site.tenant()));
    }
}
