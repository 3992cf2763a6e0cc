package io.onevault.tracking.vault;

import static io.onevault.tracking.session.SessionEvents.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.session.Publications;
import io.onevault.tracking.session.SessionEvents;
import io.onevault.tracking.session.SessionPublisher;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.Sessionizer;
import io.onevault.tracking.state.PublishedSession;
import io.onevault.tracking.state.SessionEvent;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sessions of which the database takes some versions and others not. */
@ExtendWith(PostgresExtension.class)
class RefusedSessionTest {

    private static final int EVENTS = 3;

    private LoadedVault vault;

    @BeforeEach
    void open(TestPostgres postgres) throws SQLException {
        vault = new LoadedVault(postgres);
    }

    @AfterEach
    void close() throws SQLException {
        vault.close();
    }

    /** A version for each event, as the events of a session arrive. */
    private static List<SessionUpdate> versions(long watermark) {
        List<SessionUpdate> updates = new ArrayList<>();
        List<SessionEvent> arrived = new ArrayList<>();
        Map<String, PublishedSession> published = new HashMap<>();
        for (int i = 0; i < EVENTS; i++) {
            arrived.add(SessionEvents.pageView(i * 1_000L).appended(i).make());
            var publication =
                    SessionPublisher.publish(
                            Sessionizer.sessionize(arrived), published, watermark, 0);
            updates.addAll(publication.updates());
            published = Publications.after(published, publication);
        }
        return updates;
    }

    /** Refuses versions with so many events. */
    private void refuse(String events) throws SQLException {
        vault.database()
                .execute(
                        "ALTER TABLE business.site_session_details_s ADD CONSTRAINT refused"
                                + " CHECK (total_events NOT IN ("
                                + events
                                + "))");
    }

    private List<Refusal<SessionUpdate>> load(List<SessionUpdate> updates) throws SQLException {
        return new SessionLoader("test").load(vault.connection(), updates);
    }

    private void assertThatTheSessionIsWhole() throws SQLException {
        assertThat(vault.count(SessionTables.SESSION_HUB)).isOne();
        assertThat(vault.count(SessionTables.SESSION_VISITOR_LINK)).isOne();
        assertThat(vault.count(SessionTables.SESSION_PAGE_LINK)).isPositive();
        assertThat(vault.count(SessionTables.EVENT_SESSION_LINK)).isEqualTo(EVENTS);
        assertThat(
                        vault.database()
                                .number(
                                        "SELECT total_events FROM"
                                                + " business.site_session_details_current_v"))
                .isEqualTo(EVENTS);
    }

    @Test
    void aRefusedFirstVersionLeavesHubAndLinksToLaterOnes() throws SQLException {
        refuse("1");
        List<SessionUpdate> versions = versions(START.toEpochMilli());

        assertThat(load(versions.subList(0, 1))).hasSize(1);
        assertThat(load(versions.subList(1, EVENTS))).isEmpty();

        assertThatTheSessionIsWhole();
    }

    /** Closed ones: of open ones a micro-batch has the last alone. */
    @Test
    void soItDoesWithinOneMicroBatch() throws SQLException {
        refuse("1, 2");

        assertThat(load(versions(Long.MAX_VALUE)))
                .hasSize(2)
                .allSatisfy(refusal -> assertThat(refusal.sqlState()).isEqualTo("23514"));

        assertThatTheSessionIsWhole();
    }
}
