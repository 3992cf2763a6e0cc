package io.onevault.tracking.job.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.ErasedEvent;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a job reads of erased events, however many there are and whoever erases meanwhile. */
@ExtendWith(PostgresExtension.class)
class ErasedEventsTest {

    private static final int PAGE = 3;

    private static final String ERASE =
            """
            INSERT INTO raw.site_tracking_forgotten_r (tenant_hk, event_bk, added_in, load_date)
            SELECT sha256('acme'), event_bk, pg_current_xact_id(), now()
              FROM unnest(ARRAY['%s']) AS event_bk
             ORDER BY event_bk DESC
                ON CONFLICT (tenant_hk, event_bk) DO UPDATE SET added_in = excluded.added_in""";

    private final ErasedEvents erased = new ErasedEvents(PAGE);
    private TestDatabase database;

    @BeforeEach
    void start(TestPostgres postgres) throws Exception {
        database = postgres.vault();
    }

    private void erase(String... events) throws SQLException {
        database.execute(ERASE.formatted(String.join("', '", events)));
    }

    /** What the next page tells. */
    private List<String> next() throws SQLException {
        try (Connection connection = database.connect()) {
            erased.read(connection);
        }
        return erased.take().stream().map(ErasedEvent::eventBk).toList();
    }

    private List<String> all() throws SQLException {
        List<String> all = new ArrayList<>();
        for (List<String> page = next(); !page.isEmpty(); page = next()) {
            assertThat(page).hasSizeLessThanOrEqualTo(PAGE);
            all.addAll(page);
            assertThat(all).as("told so far").hasSizeLessThan(100);
        }
        return all;
    }

    @Test
    void tellsEachOnceHoweverManyATransactionErased() throws Exception {
        erase("a", "b", "c", "d", "e", "f", "g");
        erase("a2", "b2");
        assertThat(all()).containsExactly("a", "b", "c", "d", "e", "f", "g", "a2", "b2");

        erase("h");
        assertThat(all()).containsExactly("h");
        assertThat(all()).isEmpty();
    }

    /** A page that is full is not the end, nor is one that ends with all there is. */
    @Test
    void goesOnBehindAFullPage() throws Exception {
        erase("a", "b", "c");
        assertThat(next()).hasSize(PAGE);
        erase("d");

        assertThat(next()).containsExactly("d");
        // It was not there when the round began.
        assertThat(next()).containsExactly("d");
        assertThat(next()).isEmpty();
    }

    /** Its number is lower than those of others that were told before. */
    @Test
    void missesNoneOfATransactionThatEndsMeanwhile() throws Exception {
        try (Connection slow = database.connect()) {
            slow.setAutoCommit(false);
            slow.createStatement().execute(ERASE.formatted("slow"));
            erase("a", "b", "c", "d");
            assertThat(next()).hasSize(PAGE);
            slow.commit();
        }

        assertThat(all()).contains("slow", "d");
        assertThat(all()).isEmpty();
    }

    /** Whose number is lower than that of whatever is erased meanwhile. */
    @Test
    void tellsNothingTwiceWhileATransactionIsOpen() throws Exception {
        try (Connection slow = database.connect()) {
            slow.setAutoCommit(false);
            slow.createStatement().execute(ERASE.formatted("slow"));
            erase("a", "b");
            assertThat(all()).containsExactly("a", "b");

            assertThat(all()).isEmpty();
        }
    }

    @Test
    void tellsOfOneThatCameAgain() throws Exception {
        erase("a", "b", "c", "d");
        assertThat(next()).contains("a");
        erase("a");

        assertThat(all()).contains("a");
    }

    /** Whoever takes may be slow; memory holds a page. */
    @Test
    void readsNoFurtherThanIsTaken() throws Exception {
        erase("a", "b", "c", "d");
        try (Connection connection = database.connect()) {
            erased.read(connection);
            erased.read(connection);
        }

        assertThat(erased.take()).hasSize(PAGE);
        assertThat(next()).containsExactly("d");
    }
}
