package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * A user who is erased by the user's id: with two devices that a savepoint knows, one that shows
 * after it, and what was done without any. Each has an open session of {@link #VIEWS} views.
 */
final class ForgottenUser {

    static final int VIEWS = 5;

    private static final String USER = "\"user_id\":\"user-gone\"";
    private static final String PHONE = "gone-phone";
    private static final String LAPTOP = "gone-laptop";
    private static final String TABLET = "gone-tablet";
    private static final String NO_DEVICE = "gone-without";
    private static final List<String> REMEMBERED = List.of(PHONE, LAPTOP, NO_DEVICE);

    private static final String LOADED =
            """
            SELECT encode(visitor_hk, 'hex')
              FROM business.site_session_details_current_v
             WHERE client_session_id IN ('%s')
               AND total_events = %d""";

    private static final String PAIRS = "SELECT count(*) FROM business.site_user_visitor_b";

    private static final String NAMES =
            "SELECT visitor_bk FROM business.site_visitor_h WHERE encode(visitor_hk, 'hex') IN ('%s')";

    private static final String ERASED =
            """
            SELECT (SELECT sum(event_count) FROM raw%1$s.site_tracking_erased_r) || ' of '
                   || (SELECT count(*)
                         FROM business%1$s.event_session_l
                         JOIN business%1$s.site_session_h USING (session_hk)
                        WHERE session_bk = 'sess_erased')""";

    private final TestDatabase database;
    private final String tenant;
    private List<String> keys = List.of();
    private List<String> marks = List.of();

    ForgottenUser(TestDatabase database, String tenant) {
        this.database = database;
        this.tenant = tenant;
    }

    /** How many events there are in all. */
    static int events() {
        return (REMEMBERED.size() + 1) * VIEWS;
    }

    /** Those of devices that the savepoint is to know, beside the last of the first so many. */
    List<byte[]> remembered(Visits visits, int count) {
        List<byte[]> lines = new ArrayList<>(onDevice(visits, count, PHONE, 2, VIEWS));
        lines.addAll(onDevice(visits, count, LAPTOP, 0, 1));
        for (byte[] line : visits.beside(count, VIEWS, tenant, NO_DEVICE)) {
            lines.add(replaced(line, visitor(NO_DEVICE), USER));
        }
        return lines;
    }

    /** Those of a device that shows later. */
    List<byte[]> shownLater(Visits visits, int count) {
        return onDevice(visits, count, TABLET, 1, 2);
    }

    /** Logged in from one view to another. */
    private List<byte[]> onDevice(Visits visits, int count, String device, int from, int to) {
        List<byte[]> lines = visits.beside(count, VIEWS, tenant, device);
        List<byte[]> told = new ArrayList<>(lines.subList(0, from));
        for (byte[] line : lines.subList(from, to)) {
            told.add(replaced(line, visitor(device), visitor(device) + ',' + USER));
        }
        told.addAll(lines.subList(to, VIEWS));
        return told;
    }

    private static String visitor(String client) {
        return "\"visitor_id\":\"v-" + client + '"';
    }

    private static byte[] replaced(byte[] line, String member, String by) {
        String text = new String(line, StandardCharsets.UTF_8);
        assertThat(text).contains(member);
        return JobRuns.utf8(text.replace(member, by));
    }

    void awaitRemembered() throws Exception {
        awaitLoaded(REMEMBERED, 2);
    }

    void awaitShownLater() throws Exception {
        List<String> all = new ArrayList<>(REMEMBERED);
        all.add(TABLET);
        awaitLoaded(all, 3);
    }

    private void awaitLoaded(List<String> clients, int pairs) throws Exception {
        List<String> sessions = clients.stream().map(this::session).toList();
        String loaded = LOADED.formatted(String.join("', '", sessions), VIEWS);
        JobRuns.await(
                () -> {
                    keys = database.texts(loaded);
                    return keys.size() == clients.size() && database.number(PAIRS) == pairs;
                });
        marks = new ArrayList<>(sessions);
        marks.addAll(database.texts(NAMES.formatted(String.join("', '", keys))));
        assertThat(marks).hasSize(2 * clients.size());
    }

    private String session(String client) {
        return JobRuns.sessionId(tenant, client);
    }

    /** Whom it means the job tells, and this test carries it out, as a relay does. */
    void forget(Callable<?> meanwhile) throws Exception {
        database.execute("SELECT api.forget_visitor('%s', '{%s}')".formatted(tenant, USER));
        JobRuns.await(
                () -> {
                    meanwhile.call();
                    database.texts("SELECT raw.site_tracking_erase_next()");
                    return erasures().equals(List.of("DONE"));
                });
    }

    private List<String> erasures() throws SQLException {
        return database.texts("SELECT status FROM raw.site_tracking_erasure_r");
    }

    /**
     * Whoever erases the events or loads them counts them.
     *
     * @param suffix of the schemas
     */
    void assertCounted(String suffix) throws SQLException {
        assertThat(database.texts(ERASED.formatted(suffix)))
                .containsExactly(events() + " of " + events());
    }

    /** Of everybody of the user a key and a tombstone; no further request was needed. */
    void assertGone() throws SQLException {
        assertThat(VaultRows.ofTenant(database, tenant))
                .filteredOn(row -> keys.stream().anyMatch(row::contains) || row.contains("gone"))
                .hasSize(2 * keys.size());
        assertThat(erasures()).containsExactly("DONE");
    }

    void assertIn(String savepoint) throws IOException {
        assertThat(found(savepoint)).containsExactlyInAnyOrderElementsOf(marks);
    }

    /** What is read again from before the request is forgotten as the database tells it. */
    void awaitForgottenBy(RunningJob job) throws Exception {
        JobRuns.await(
                () -> {
                    job.requireAlive();
                    return found(job.savepoint()).isEmpty();
                });
    }

    private List<String> found(String savepoint) throws IOException {
        return new ByteSearch(marks)
                .under(Path.of(URI.create(savepoint))).values().stream()
                        .flatMap(inFile -> inFile.keySet().stream())
                        .distinct()
                        .toList();
    }
}
