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
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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
        return update(status, events, START);
    }

    private static SessionUpdate update(SessionStatus status, int events, Instant loadDate) {
        var version =
                new SessionVersion(
                        status,
                        START,
                        START,
                        loadDate,
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
                        List.of("sess_a", "sess_b"),
                        List.of());
        return new SessionUpdate(
                TestEvents.tenantHk("acme"),
                "sess_1",
                false,
                version,
                List.of(),
                false,
                null,
                null);
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

    private void write(String versions) throws SQLException {
        for (String version : versions.split(", ")) {
            String[] words = version.split(" ");
            Instant loadDate = START.plusSeconds(Long.parseLong(words[2]));
            write(update(SessionStatus.valueOf(words[0]), Integer.parseInt(words[1]), loadDate));
        }
    }

    /** Status, events and load date in seconds, in the order of writing and as they lie there. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "OPEN 1 1, OPEN 2 2, OPEN 3 3; OPEN 3 3",
                "OPEN 1 1, CLOSED 1 1; CLOSED 1 1",
                "OPEN 1 1, CLOSED 2 2, CLOSED 3 3; CLOSED 2 2, CLOSED 3 3",
                "CLOSED 1 1, OPEN 2 2, OPEN 3 3, CLOSED 3 4; CLOSED 1 1, CLOSED 3 4",
                "OPEN 3 1, SUPERSEDED 0 2, OPEN 1 3; SUPERSEDED 0 2, OPEN 1 3",
                "OPEN 3 3, OPEN 1 1, OPEN 2 2; OPEN 3 3",
                "OPEN 3 3, CLOSED 1 1, OPEN 4 4; CLOSED 1 1, OPEN 4 4",
                "CLOSED 3 3, OPEN 2 2; CLOSED 3 3",
                "OPEN 1 1, OPEN 3 3, CLOSED 3 3; CLOSED 3 3",
                "OPEN 1 1, OPEN 3 3, CLOSED 2 3; OPEN 3 3",
                "OPEN 1 1, OPEN 3 3, SUPERSEDED 0 3; SUPERSEDED 0 3",
                "OPEN 3 3, OPEN 7 7, CLOSED 5 5; OPEN 7 7",
                "OPEN 3 3, OPEN 4 3, OPEN 5 5; OPEN 5 5"
            })
    void anOpenVersionIsWrittenOverByTheNextOne(String written, String kept) throws SQLException {
        write(written);

        assertThat(versions()).containsExactly(kept.split(", "));
        write(written);
        assertThat(versions()).containsExactly(kept.split(", "));
    }

    /** Its primary key stays, so that the index need not be written each time. */
    @Test
    void anOpenSessionKeepsTheLoadDateOfItsFirstVersion() throws SQLException {
        write("OPEN 1 1, OPEN 2 2, OPEN 3 3");
        String dates =
                "SELECT (load_date - session_start) || ' ' || (last_load_date - session_start)"
                        + " FROM business.site_session_details_s";

        assertThat(vault.database().texts(dates)).containsExactly("00:00:01 00:00:03");
        write("CLOSED 3 3");
        assertThat(
                        vault.database()
                                .texts(
                                        dates.replace(
                                                "(last_load_date - session_start)",
                                                "(last_load_date IS NULL)")))
                .containsExactly("00:00:03 true");
    }

    /** Whatever the version was that it wrote over. */
    @Test
    void aSessionThatWentOnInTheMicroBatchThatClosedItIsOpen() throws SQLException {
        write("OPEN 1 1");
        vault.write(
                new SessionLoader("test"),
                List.of(
                        update(SessionStatus.CLOSED, 2, START.plusSeconds(2)),
                        update(SessionStatus.OPEN, 3, START.plusSeconds(3))));

        assertThat(versions()).containsExactly("CLOSED 2 2", "OPEN 3 3");
    }

    @Test
    void ofAMicroBatchTheLastOpenVersionIsWritten() throws SQLException {
        vault.write(
                new SessionLoader("test"),
                List.of(
                        update(SessionStatus.CLOSED, 1, START.plusSeconds(1)),
                        update(SessionStatus.OPEN, 2, START.plusSeconds(2)),
                        update(SessionStatus.OPEN, 3, START.plusSeconds(3))));

        assertThat(versions()).containsExactly("CLOSED 1 1", "OPEN 3 3");
    }

    private List<String> versions() throws SQLException {
        return vault.database()
                .texts(
                        """
                        SELECT concat_ws(' ', session_status, total_events,
                                         extract(epoch FROM greatest(load_date, last_load_date)
                                                            - session_start)::integer)
                          FROM business.site_session_details_s
                         ORDER BY load_date""");
    }
}
