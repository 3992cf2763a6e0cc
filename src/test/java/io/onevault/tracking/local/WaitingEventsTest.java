package io.onevault.tracking.local;

import static io.onevault.tracking.local.ErasedVisitor.forget;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whose the events are that wait in the outbox, where the job has not read them yet. */
@ExtendWith(PostgresExtension.class)
class WaitingEventsTest {

    private static final String TRACK =
            "SELECT api.track_event('{\"tenantId\": \"acme\", \"evt_type\": \"page_view\", %s}')";

    private static final String LEFT =
            "SELECT payload::jsonb ->> 'event_id' FROM raw.site_tracking_outbox_r ORDER BY 1";

    private TestDatabase database;

    @BeforeEach
    void track(TestPostgres postgres) throws Exception {
        database = postgres.vault();
        VaultRows.register(database, "acme", "other");
        for (String members :
                List.of(
                        "\"event_id\": \"mine-1\", \"visitor_id\": \"mine\"",
                        "\"event_id\": \"mine-2\", \"event_data\": {\"visitor_id\": \" mine \"}",
                        "\"event_id\": \"mine-3\", \"visitor_id\": \" \","
                                + " \"event_data\": {\"visitor_id\": \"mine\"}",
                        "\"event_id\": \"mine-4\", \"visitor_id\": \"[Object object]\","
                                + " \"event_data\": {\"visitor_id\": \"mine\"}",
                        "\"event_id\": \"user-1\", \"user_id\": 7",
                        "\"event_id\": \"user-2\", \"event_data\": {\"user_id\": 7.0}",
                        "\"event_id\": \"others-1\", \"visitor_id\": \"7\"",
                        "\"event_id\": \"others-2\", \"visitor_id\": \"another\","
                                + " \"event_data\": {\"visitor_id\": \"mine\"}",
                        "\"event_id\": \"others-3\"")) {
            assertThat(database.texts(TRACK.formatted(members)).get(0))
                    .contains("\"events_accepted\": 1");
        }
        database.texts(
                TRACK.replace("acme", "other")
                        .formatted("\"event_id\": \"others-4\", \"visitor_id\": \"mine\""));
    }

    @Test
    void thoseOfWhomIsErasedAreDeleted() throws Exception {
        forget(database, "[{\"visitor_id\": \"mine\"}, {\"user_id\": 7}]");

        assertThat(database.texts(LEFT))
                .containsExactly("others-1", "others-2", "others-3", "others-4");
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
    }

    @Test
    void thoseOfWhomAsksAreTold() throws Exception {
        assertThat(waiting("{\"visitor_id\": \"mine\"}"))
                .containsExactly("mine-1", "mine-2", "mine-3", "mine-4");
        assertThat(waiting("{\"user_id\": \"7\"}")).containsExactly("user-1", "user-2");
    }

    /** By which the relay keeps them in order; many share one. */
    @Test
    void theirKeysTellOfNobody() throws Exception {
        assertThat(
                        database.texts(
                                "SELECT coalesce(record_key, '') FROM raw.site_tracking_outbox_r"
                                        + " JOIN auth.tenant_h USING (tenant_hk) WHERE tenant_bk = 'acme'"))
                .hasSize(9)
                .allMatch(key -> key.isEmpty() || key.matches("acme\\|[0-9a-f]{3}"));
    }

    private List<String> waiting(String visitor) throws SQLException {
        String lines = "api.export_visitor('acme', '" + visitor + "')";
        database.texts("SELECT " + lines);
        database.texts(
                """
                SELECT raw.site_tracking_name_visitors(
                    array_agg(erasure_id), array_agg(client_id), array_agg(id_kind),
                    array_agg('vis_' || client_id))
                  FROM raw.site_tracking_ids_to_name()""");
        return database.texts(
                "SELECT line #>> '{event,event_id}' FROM %s AS line WHERE line ->> 'kind' = 'waiting' ORDER BY 1"
                        .formatted(lines));
    }
}
