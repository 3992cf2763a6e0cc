package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.TestEvents.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.Campaign;
import io.onevault.tracking.event.Device;
import io.onevault.tracking.event.Referrer;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.session.SessionStatus;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.SessionVersion;
import io.onevault.tracking.session.SessionVersion.Counts;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(PostgresExtension.class)
class SessionVersionsTest {

    private LoadedVault vault;

    @BeforeEach
    void open(TestPostgres postgres) throws SQLException {
        vault = new LoadedVault(postgres);
    }

    @AfterEach
    void close() throws SQLException {
        vault.close();
    }

    private static SessionUpdate update(SessionStatus status, int events) {
        var version =
                new SessionVersion(
                        status,
                        START,
                        START,
                        START,
                        "s1",
                        "vis_1",
                        new Counts(events, 1, 0, 0, 0, 0),
                        null,
                        Map.of("EUR", new BigDecimal("1.50")),
                        Map.of(),
                        null,
                        null,
                        Referrer.NONE,
                        "direct",
                        Campaign.NONE,
                        Device.UNKNOWN,
                        null,
                        null,
                        null,
                        List.of("sess_a", "sess_b"));
        return new SessionUpdate(
                TestEvents.tenantHk("acme"), "sess_1", false, version, List.of(), false, null);
    }

    private void write(SessionUpdate update) throws SQLException {
        vault.write(new SessionLoader("test"), List.of(update));
    }

    @ParameterizedTest
    @CsvSource({
        "OPEN, 2, CLOSED, 2",
        "OPEN, 2, OPEN, 3",
        "CLOSED, 2, OPEN, 3",
        "OPEN, 3, SUPERSEDED, 0",
        "CLOSED, 3, SUPERSEDED, 0"
    })
    void theVersionThatKnowsMoreStaysInEitherOrder(
            SessionStatus status, int events, SessionStatus better, int betterEvents)
            throws SQLException {
        write(update(status, events));
        write(update(better, betterEvents));
        List<String> rows = vault.rows();
        write(update(status, events));

        assertThat(vault.rows()).isEqualTo(rows);
        assertThat(
                        vault.database()
                                .texts(
                                        "SELECT session_status || ' ' || total_events FROM"
                                                + " business.site_session_details_s"))
                .containsExactly(better + " " + betterEvents);
    }
}
