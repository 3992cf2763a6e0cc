package io.onevault.tracking.local;

import static io.onevault.tracking.local.ErasedUser.LABELS;
import static io.onevault.tracking.local.ErasedUser.NAME;
import static io.onevault.tracking.local.ErasedUser.OTHER;
import static io.onevault.tracking.local.ErasedUser.USER;
import static io.onevault.tracking.local.ErasedUser.askAndCarryOut;
import static io.onevault.tracking.local.ErasedUser.assertSound;
import static io.onevault.tracking.local.ErasedUser.event;
import static io.onevault.tracking.local.ErasedUser.events;
import static io.onevault.tracking.local.ErasedUser.exported;
import static io.onevault.tracking.local.ErasedUser.made;
import static io.onevault.tracking.local.ErasedVisitor.carryOut;
import static io.onevault.tracking.local.ErasedVisitor.forget;
import static io.onevault.tracking.local.ErasedVisitor.found;
import static io.onevault.tracking.local.ErasedVisitor.hk;
import static io.onevault.tracking.vault.TestEvents.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.job.session.SelectedEvents;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.session.SessionPublisher;
import io.onevault.tracking.session.SessionPublisher.Publication;
import io.onevault.tracking.session.Sessionizer;
import io.onevault.tracking.state.PublishedSession;
import io.onevault.tracking.vault.EventLoader;
import io.onevault.tracking.vault.Layers;
import io.onevault.tracking.vault.Loader;
import io.onevault.tracking.vault.TestEvents;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a device that several users were on is whose, when some of them are erased. */
@ExtendWith(PostgresExtension.class)
class SharedDeviceTest {

    /** On a device that until then one user was known as. */
    private static final List<EnrichedEvent> LATER =
            List.of(
                    event(6, "family", OTHER, "other_on_family"),
                    event(7, "family", null, "unknown_on_family"));

    private static final String WAITING_TO_SHARE =
            """
            SELECT count(*)
              FROM pg_locks
             WHERE locktype = 'advisory' AND NOT granted
               AND (classid::bigint << 32) + objid::bigint IN (
                   SELECT hashtextextended('site_tracking_part' || encode(tenant_hk, 'hex'), 0)
                     FROM auth.tenant_h)""";

    private static final String SHARE =
            "CALL raw.site_tracking_share_visitors(ARRAY['\\x%s'::bytea], ARRAY['\\x%s'::bytea])";

    private static final String MET =
            "SELECT business_item_bk FROM business.visitor_business_item_l"
                    + " JOIN business.business_item_h USING (business_item_hk) ORDER BY 1";

    private static final String TIMES_OF_ERASED =
            """
            SELECT kept.load_date::text
              FROM (SELECT load_date FROM business.site_visitor_h
                    UNION ALL
                    SELECT load_date FROM business.site_user_visitor_b) AS kept
              JOIN business.event_session_l AS links USING (load_date)
              JOIN business.site_session_h AS sessions USING (session_hk)
             WHERE sessions.session_bk = 'sess_erased'""";

    private static final String SCORES = "SELECT count(*) FROM raw.site_tracking_score_s";

    private static final String WITHOUT_STAGING =
            """
            DELETE FROM staging.site_tracking_events_s;
            INSERT INTO raw.site_tracking_kept_r (tenant_hk, layer, kept_from, next_day, swept_at,
                   dropped_partitions, deleted_rows, load_date, record_source)
            SELECT tenant_hk, 'staging', now(), now(), now(), 0, 0, now(), 'test'
              FROM auth.tenant_h""";

    /** What of a shared device names nobody may be of whoever was erased before, or of a guest. */
    @Test
    void aSharedDeviceIsNotTheLastUsersOwn(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        askAndCarryOut(database);
        assertSound(database);

        assertThat(exported(database, 88)).containsExactly("other_elsewhere", "other_on_family");
        askAndCarryOut(database, 88);

        assertThat(database.texts(LABELS)).containsExactly("stranger", "unknown_on_family");
        assertThat(found(database, hk(OTHER), hk("vis_office")))
                .noneMatch(row -> row.startsWith("business.site_user_visitor_b "));
        assertSound(database);
        // Who comes next was not the only one either.
        LoadedSessions.load(database, List.of(event(30, "family", "vis_99", "third_on_family")));
        assertThat(exported(database, 99)).containsExactly("third_on_family");
        assertSound(database);
    }

    /** Times are of one event each. */
    @Test
    void whatStaysOfUsersDoesNotTellWhenTheyCame(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        askAndCarryOut(database);

        assertThat(database.texts(TIMES_OF_ERASED)).isEmpty();
    }

    /** With the device goes what was known of its users. */
    @Test
    void nothingIsKeptOfADeviceThatGoesWhole(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        askAndCarryOut(database);
        forget(database, "{\"visitor_hk\": \"" + hk("vis_family") + "\"}");
        carryOut(database);

        assertThat(found(database, hk("vis_family")))
                .noneMatch(row -> row.startsWith("business.site_user_visitor_b "));
        assertSound(database);
    }

    /** A device is not its user: what the user did on others is not asked for. */
    @Test
    void aVisitorsIdReachesThatVisitorAlone(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        forget(database, "{\"visitor_hk\": \"" + hk("vis_family") + "\"}");
        carryOut(database);

        assertThat(database.texts(LABELS))
                .hasSize(7)
                .noneMatch(label -> label.endsWith("_on_family"));
        assertSound(database);
    }

    /** That the device met it tells what was done on it; of staging and raw one is enough. */
    @ParameterizedTest
    @ValueSource(strings = {"DELETE FROM raw.site_tracking_events_r", WITHOUT_STAGING})
    void whatOnlyTheUserMetGoesAndWhatOthersDidStays(String retention, TestPostgres postgres)
            throws Exception {
        TestDatabase database =
                LoadedVault.of(
                        postgres,
                        List.of(
                                met(20, "family", USER, "of_user"),
                                met(21, "family", USER, "of_both"),
                                met(22, "family", OTHER, "of_both"),
                                met(23, "family", OTHER, "of_other"),
                                met(24, "family", null, "of_nobody"),
                                met(25, "office", OTHER, "elsewhere")));
        database.execute(retention);
        assertThat(database.texts(MET)).hasSize(5);

        askAndCarryOut(database);

        assertThat(database.texts(MET))
                .containsExactly("elsewhere", "of_both", "of_nobody", "of_other");
    }

    /** Whoever the session is of by then. */
    @Test
    void whatModelsSayOfASessionGoesWithIt(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        database.execute(
                """
                INSERT INTO raw.site_tracking_score_s
                SELECT tenant_hk, 'model', '1', session_hk, session_end, true, visitor_hk, 0.5, now(), 'test'
                  FROM business.site_session_details_current_v""");
        assertThat(database.number(SCORES)).isEqualTo(6);

        askAndCarryOut(database);

        assertThat(database.number(SCORES))
                .isEqualTo(2)
                .isEqualTo(
                        database.number(
                                "SELECT count(*) FROM business.site_session_details_current_v"));
    }

    /**
     * The job was behind, so that the request knew the device as the user's own; what was erased by
     * then is gone.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatAnotherDidAndIsLoadedLaterStays(boolean carriedOut, TestPostgres postgres)
            throws Exception {
        TestDatabase database = LoadedVault.of(postgres, ofUserAlone());
        name(database);
        if (carriedOut) {
            carryOut(database);
        }

        LoadedSessions.load(database, LATER);
        carryOut(database);

        List<String> left = new ArrayList<>(List.of("other_on_family", "unknown_on_family"));
        if (!carriedOut) {
            left.add(0, "before_on_family");
        }
        assertThat(database.texts(LABELS)).isEqualTo(left);
        assertThat(
                        database.number(
                                "SELECT count(*) FROM business.site_session_details_current_v"
                                        + " WHERE visitor_hk = '\\x%s'"
                                                .formatted(hk("vis_family"))))
                .isEqualTo(1);
        assertSound(database);
        LoadedSessions.load(database, ofUserAlone());
        assertThat(database.texts(LABELS)).isEqualTo(left);
        assertSound(database);
        // Nor is it the other one's own, of whom the rest is known.
        assertThat(exported(database, 88)).containsExactly("other_on_family");
        askAndCarryOut(database, 88);
        left.remove("other_on_family");
        assertThat(database.texts(LABELS)).isEqualTo(left);
    }

    /**
     * Of a session of the visitor's that goes on, a version comes when the visitor is erased, and
     * another when not any more: nothing of it is left, but for its events.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noPartOfASessionStays(boolean begun, TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, ofUserAlone());
        List<EnrichedEvent> events =
                List.of(
                        event(60, "family", null, "began_on_family"),
                        event(61, "family", null, "closed_on_family"));
        LoadedSessions.loadEvents(database, Layers.PRODUCTION, events);
        Publication open = told(events.subList(0, 1), Map.of(), START.toEpochMilli());
        Publication closed = told(events, open.changed(), Long.MAX_VALUE);
        if (begun) {
            load(database, open);
        }
        name(database);

        load(database, begun ? closed : open);
        LoadedSessions.load(database, LATER);
        if (!begun) {
            load(database, closed);
        }

        assertSound(database);
        carryOut(database);
        assertThat(database.texts(LABELS))
                .containsExactly(
                        "before_on_family",
                        "began_on_family",
                        "closed_on_family",
                        "other_on_family",
                        "unknown_on_family");
        assertThat(
                        database.number(
                                "SELECT count(*) FROM business.site_session_details_current_v"
                                        + " WHERE session_status = 'OPEN'"))
                .isZero();
        assertSound(database);
    }

    /** One of several that load finds it, and the others are told. */
    @Test
    void allLoadersKnowThatADeviceIsShared(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, ofUserAlone());
        name(database);
        EventLoader told = new EventLoader("test");
        try (Connection connection = database.connect()) {
            told.load(connection, List.of(event(8, "stranger", null, "stranger")));
            LoadedSessions.load(database, LATER.subList(0, 1));
            told.load(connection, LATER.subList(1, 2));
        }
        carryOut(database);

        assertThat(database.texts(LABELS))
                .contains("other_on_family", "unknown_on_family", "stranger");
    }

    /** Until whoever found it has written of whom, nothing else tells that. */
    @Test
    void followsNobodyToADeviceThatWasSpared(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, ofUserAlone());
        name(database);
        database.execute(SHARE.formatted(TestEvents.tenantHk("acme"), hk("vis_family")));

        LoadedSessions.load(database, List.of(event(6, "family", USER, "mine_on_family_late")));

        assertThat(database.number("SELECT count(*) FROM raw.site_tracking_erasure_r"))
                .isEqualTo(1);
    }

    /** Who carries it out read which devices are the user's before. */
    @Test
    void whatAnotherDidIsLoadedBehindThePartUnderWay(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, ofUserAlone());
        name(database);
        ExecutorService job = Executors.newSingleThreadExecutor();
        try (Connection relay = database.connect();
                Statement part = relay.createStatement()) {
            relay.setAutoCommit(false);
            part.execute("SELECT raw.site_tracking_erase_next()");
            Future<?> loading =
                    job.submit(
                            () -> {
                                LoadedSessions.load(database, LATER);
                                return null;
                            });
            database.awaitWaiting(1);
            assertThat(database.number(WAITING_TO_SHARE)).isEqualTo(1);
            // Another tenant's does not wait.
            database.execute(
                    "SET lock_timeout = '10s'; "
                            + SHARE.formatted(TestEvents.tenantHk("other"), hk("vis_family")));
            relay.commit();
            loading.get();
        } finally {
            job.shutdownNow();
        }
        carryOut(database);

        assertThat(database.texts(LABELS)).containsExactly("other_on_family", "unknown_on_family");
        assertSound(database);
    }

    /**
     * By a loader that began before the tombstone was there, and ended after it; also of one who
     * was erased, and came again.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatAnotherDidAndWasBeingLoadedStays(boolean cameAgain, TestPostgres postgres)
            throws Exception {
        TestDatabase database = LoadedVault.of(postgres, ofUserAlone());
        if (cameAgain) {
            askAndCarryOut(database, 88);
            database.execute(
                    "UPDATE raw.site_tracking_tombstone_r"
                            + " SET erased_before = erased_before - INTERVAL '1 year'");
        }
        LoadedSessions.load(database, LATER);
        String ofOther = " WHERE user_hk = '\\x%s'".formatted(hk(OTHER));
        database.execute(
                "CREATE TABLE public.loading AS SELECT * FROM business.site_user_visitor_b"
                        + ofOther
                        + "; DELETE FROM business.site_user_visitor_b"
                        + ofOther);
        name(database);
        database.execute("INSERT INTO business.site_user_visitor_b SELECT * FROM public.loading");
        carryOut(database);

        assertThat(database.texts(LABELS))
                .containsExactly("before_on_family", "other_on_family", "unknown_on_family");
        assertThat(exported(database, 88)).containsExactly("other_on_family");
        assertSound(database);
    }

    /** Loaded before the request and after it; that others were seen on it only others tell. */
    @Test
    void rejectedEventsOfOthersStay(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, ofUserAlone());
        reject(database, rejected(1, "nobodys", null), rejected(2, "others", OTHER));
        name(database);
        carryOut(database);
        reject(database, rejected(3, "nobodys_later", null), rejected(4, "others_later", OTHER));

        assertThat(
                        database.texts(
                                "SELECT event_bk FROM raw.site_tracking_events_r"
                                        + " WHERE processing_status = 'ERROR' ORDER BY 1"))
                .containsExactly("evt_others", "evt_others_later");
        assertSound(database);
    }

    /** Whom the device was known as before the request, and who did nothing on any other. */
    private static List<EnrichedEvent> ofUserAlone() {
        return List.of(
                made(START.plusSeconds(240), "family", null, "before_on_family")
                        .identified()
                        .enriched(),
                event(5, "family", USER, "mine_on_family"));
    }

    private static void name(TestDatabase database) throws Exception {
        forget(database, "{\"user_id\": 77}");
        database.texts(NAME);
    }

    private static Publication told(
            List<EnrichedEvent> events, Map<String, PublishedSession> before, long watermark) {
        var sessions = Sessionizer.sessionize(events.stream().map(SelectedEvents::of).toList());
        return SessionPublisher.publish(sessions, before, watermark, 0);
    }

    private static void load(TestDatabase database, Publication told) throws Exception {
        try (Connection connection = database.connect()) {
            assertThat(Loader.ofSessions("test").load(connection, told.updates())).isEmpty();
        }
    }

    private static RejectedEvent rejected(int offset, String id, @Nullable String user) {
        return RejectedEvent.ofDatabase(
                made(START, "family", user, id).offset(offset).admitted(), "22003");
    }

    private static void reject(TestDatabase database, RejectedEvent... events) throws Exception {
        try (Connection connection = database.connect()) {
            Loader.ofRejected("test").load(connection, List.of(events));
        }
    }

    private static EnrichedEvent met(
            int minute, String device, @Nullable String user, String item) {
        return made(START.plusSeconds(60L * minute), device, user, user + "_met_" + item)
                .item(LoadedVault.book(item))
                .enriched();
    }
}
