package io.onevault.tracking.local;

import static io.onevault.tracking.vault.TestEvents.START;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.job.session.SelectedEvents;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.session.Session;
import io.onevault.tracking.session.SessionKeys;
import io.onevault.tracking.session.SessionPublisher;
import io.onevault.tracking.session.SessionSpan;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.Sessionizer;
import io.onevault.tracking.session.Sessions;
import io.onevault.tracking.session.Settlement;
import io.onevault.tracking.state.PublishedSession;
import io.onevault.tracking.state.SessionEvent;
import io.onevault.tracking.state.SettledSession;
import io.onevault.tracking.vault.EventLoader;
import io.onevault.tracking.vault.Layers;
import io.onevault.tracking.vault.Loader;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A switch while the second run is behind the live job, and both have sessions of which they have
 * not told all: wherever they are stopped, the run that goes on makes its own sessions of it.
 */
@ExtendWith(PostgresExtension.class)
class FollowedSwitchTest {

    private static final String[] TENANTS = {"acme", "globex"};
    private static final Duration OLD = Duration.ofMinutes(30);
    private static final Duration NEW = Duration.ofMinutes(20);
    private static final int[] SILENCES_MINUTES = {1, 4, 12, 19, 20, 21, 24, 29, 30, 31, 44};
    private static final int CLIENTS = 24;
    private static final int VIEWS = 8;

    /** Nothing comes late. */
    private static final Duration LATENESS = Duration.ofMinutes(2);

    /** How long before a job's time a session ended that changes no more. */
    private static final Duration FARTHEST = OLD.multipliedBy(2).plus(LATENESS);

    private static final String CURRENT =
            """
            SELECT concat_ws(' ', session_bk, total_events,
                (SELECT count(*) FROM business.event_session_current_v AS l WHERE l.session_hk = s.session_hk))
              FROM business.site_session_details_current_v AS s
              JOIN business.site_session_h USING (session_hk)""";

    private static final String NOTE =
            """
            SELECT raw.site_tracking_reprocess_note(
                jsonb_build_object('counts', jsonb_build_object(%s, 'farthest_ms', %d)))""";

    private static final String COUNT =
            """
            INSERT INTO raw%s.site_tracking_ledger_r
            SELECT DATE '%s', tenant_hk, '%s', '%s', 'run', %d, now(), 'test'
              FROM auth.tenant_h
             WHERE tenant_bk = 'acme'""";

    private static final String DAY = "2026-11-18";

    private static final String KEPT_FROM =
            """
            INSERT INTO raw.site_tracking_kept_r (tenant_hk, layer, kept_from, next_day, swept_at,
                dropped_partitions, deleted_rows, load_date, record_source)
            SELECT tenant_hk, 'ledger', '%1$s', '%1$s', now(), 0, 0, now(), 'test'
              FROM auth.tenant_h""";

    private static final String BUILT =
            "SELECT raw.site_tracking_reprocess_note('{\"state\": \"BUILT\"}')";

    private static final String LEDGER =
            """
            SELECT concat_ws(' ', ledger_date, received, loaded, duplicates, rejected, late, balanced)
              FROM raw.site_tracking_ledger_v
             ORDER BY 1""";

    private static final String OPEN =
            "SELECT v::text FROM business.site_session_details_s AS v WHERE session_status = 'OPEN'";

    /** A page view of a client, as Kafka holds it; what was sent together has one append time. */
    private record View(int number, String client, Instant at, Instant appended) {

        EnrichedEvent under(Duration gap) {
            var d = SessionRules.DEFAULT;
            return event("e" + number)
                    .tenant(TENANTS[client.length() % 2])
                    .session(client)
                    .visitor("vis_" + client)
                    .occurredAt(at)
                    .appendedAt(appended)
                    .offset(number)
                    .url("https://shop.example/p/" + number % 7)
                    .rules(
                            new SessionRules(
                                    gap.toMillis(),
                                    d.maxMillis(),
                                    d.maxEvents(),
                                    d.campaignSplit(),
                                    null,
                                    false))
                    .enriched();
        }
    }

    /** A job with the state that a savepoint of it holds. */
    private static final class Job {
        private final TestDatabase database;
        private final Duration gap;
        private final Random random;
        private final Map<String, List<SessionEvent>> events = new TreeMap<>();
        private final Map<String, Map<String, PublishedSession>> published = new HashMap<>();
        private final Map<String, SettledSession> settled = new HashMap<>();
        private final TreeSet<String> untold = new TreeSet<>();
        private boolean restored;
        private Layers layers;
        private int next;
        private long watermark = Long.MIN_VALUE;

        Job(TestDatabase database, Duration gap, Layers layers, Random random) {
            this.database = database;
            this.gap = gap;
            this.layers = layers;
            this.random = random;
        }

        void read(List<View> views, int to) throws Exception {
            while (next < to) {
                int end = Math.min(to, next + 1 + random.nextInt(6));
                load(views.subList(next, end));
                next = end;
                tell(views.get(end - 1).at().toEpochMilli(), random.nextInt(3) == 0);
            }
        }

        void load(List<View> views) throws Exception {
            List<EnrichedEvent> batch = new ArrayList<>();
            views.forEach(view -> batch.add(view.under(gap)));
            try (Connection connection = database.connect()) {
                new EventLoader("test").into(layers).load(connection, batch);
            }
            for (EnrichedEvent one : batch) {
                SessionEvent event = SelectedEvents.of(one);
                String key = SessionKeys.operatorKey(event, event.sessionId());
                events.computeIfAbsent(key, none -> new ArrayList<>()).add(event);
                untold.add(key);
            }
        }

        void tell(long now, boolean all) throws Exception {
            List<SessionUpdate> updates = new ArrayList<>();
            for (String key : new TreeSet<>(events.keySet())) {
                boolean soon = untold.contains(key) && random.nextInt(4) == 0;
                if (all || soon || isDue(key, now)) {
                    untold.remove(key);
                    updates.addAll(tell(key, now));
                }
            }
            watermark = now;
            try (Connection connection = database.connect()) {
                Loader.ofSessions("test").into(layers).load(connection, updates);
            }
        }

        /** Whether time passes the end of a session, or of all that may change. */
        private boolean isDue(String key, long now) {
            for (Session session : Sessionizer.sessionize(events.get(key)).sessions()) {
                long closing = Settlement.closingMillis(session.last());
                if (closing > watermark && closing <= now) {
                    return true;
                }
            }
            var kept = new Settlement(0, events.get(key), settled.get(key));
            return kept.overMillis(LATENESS.toMillis()) <= now;
        }

        /** What may still change. */
        private void keep(String key, Sessions sessions, long now) {
            Settlement settlement =
                    Settlement.of(sessions, settled.get(key), now, LATENESS.toMillis());
            sessions.sessions()
                    .subList(0, settlement.sessions())
                    .forEach(session -> published.get(key).remove(session.bk()));
            if (settlement.kept().isEmpty()) {
                events.remove(key);
                published.remove(key);
                settled.remove(key);
            } else {
                events.put(key, new ArrayList<>(settlement.kept()));
                settled.put(key, settlement.settled());
            }
        }

        private List<SessionUpdate> tell(String key, long watermark) {
            Map<String, PublishedSession> before =
                    published.computeIfAbsent(key, none -> new HashMap<>());
            Sessions sessions = Sessionizer.sessionize(events.get(key), settled.get(key));
            var publication = SessionPublisher.publish(sessions, before, watermark, 0);
            if (restored && publication.updates().stream().anyMatch(u -> !u.links().isEmpty())) {
                publication = SessionPublisher.publish(sessions, before, watermark, 0, true);
            }
            SessionSpan span = restored ? SessionSpan.of(sessions.sessions()) : null;
            publication.gone().forEach(before::remove);
            before.putAll(publication.changed());
            keep(key, sessions, watermark);
            return publication.updates().stream()
                    .map(update -> span == null ? update : update.within(span))
                    .toList();
        }
    }

    /** The more of them, the less is left for when the jobs are stopped. */
    @ParameterizedTest
    @CsvSource({"3,false", "5,false", "3,true", "4,true", "5,true", "6,true"})
    void theSecondRunHasTheLastWord(long seed, boolean passed, TestPostgres postgres)
            throws Exception {
        Random random = new Random(seed);
        List<View> views = views(random);
        TestDatabase database = postgres.shadowedVault();
        VaultRows.register(database, TENANTS);
        Job live = new Job(database, OLD, Layers.PRODUCTION, random);
        Job second = new Job(database, NEW, Layers.SHADOW, random);
        int savepoint = views.size() / 4;
        int behind = views.size() / 3 + random.nextInt(views.size() / 4);
        int ahead = behind + random.nextInt(views.size() - behind);
        live.read(views, savepoint);
        second.read(views, savepoint);
        live.restored = random.nextBoolean();
        second.restored = true;
        live.read(views, behind);
        second.read(views, behind);
        if (passed) {
            notePassed(database, Math.min(live.watermark, second.watermark));
        }
        firstPass(database);
        live.read(views, ahead);

        database.switchToShadow();

        second.layers = Layers.PRODUCTION;
        second.read(views, views.size());
        second.tell(Long.MAX_VALUE, true);
        assertSessionsOf(views, database);
    }

    /**
     * Production tells of a session that is open again and again, the second run has read its
     * events and not told of it yet: by its events it is one that is no more.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whatIsOpenComesBack(int read, TestPostgres postgres) throws Exception {
        List<View> views = new ArrayList<>();
        for (int minutes : new int[] {0, 4, 29}) {
            Instant at = START.plus(Duration.ofMinutes(minutes));
            views.add(new View(views.size(), "c", at, at));
        }
        TestDatabase database = postgres.shadowedVault();
        VaultRows.register(database, TENANTS);
        Job live = new Job(database, OLD, Layers.PRODUCTION, new Random(0));
        Job second = new Job(database, NEW, Layers.SHADOW, new Random(0));
        second.restored = true;
        second.load(views.subList(0, read));
        firstPass(database);
        for (View view : views) {
            live.load(List.of(view));
            live.tell(view.at().toEpochMilli(), true);
        }

        database.switchToShadow();

        second.layers = Layers.PRODUCTION;
        second.tell(views.get(0).at().toEpochMilli(), true);
        second.load(views.subList(read, views.size()));
        second.tell(Long.MAX_VALUE, true);
        assertSessionsOf(views, database);
        assertThat(database.texts(OPEN)).isEmpty();
    }

    /**
     * Where the archive begins in the midst of a visit: the second run has the rest of it in its
     * state, and would tell that again beside the whole visit when the client comes back.
     */
    @Test
    void countsAVisitOnceOfWhichTheSecondRunKnowsAPart(TestPostgres postgres) throws Exception {
        List<View> views = new ArrayList<>();
        for (int minutes : new int[] {0, 4, 8, 60, 70, 75}) {
            Instant at = START.plus(Duration.ofMinutes(minutes));
            views.add(new View(views.size(), "c", at, at));
        }
        TestDatabase database = postgres.shadowedVault();
        VaultRows.register(database, TENANTS);
        Job live = new Job(database, OLD, Layers.PRODUCTION, new Random(0));
        Job second = new Job(database, NEW, Layers.SHADOW, new Random(0));
        live.load(views.subList(0, 5));
        live.tell(START.plus(Duration.ofMinutes(40)).toEpochMilli(), true);
        second.load(views.subList(1, 5));
        second.tell(START.plus(Duration.ofMinutes(40)).toEpochMilli(), true);
        notePassed(database, START.plus(Duration.ofMinutes(71)).toEpochMilli());
        firstPass(database);

        database.switchToShadow();

        second.layers = Layers.PRODUCTION;
        second.restored = true;
        second.load(views.subList(5, 6));
        second.tell(Long.MAX_VALUE, true);
        assertThat(database.texts(CURRENT))
                .containsExactlyInAnyOrder(
                        "sess_c.%d 2 2".formatted(views.get(1).at().toEpochMilli()),
                        "sess_c.%d 3 3".formatted(views.get(3).at().toEpochMilli()));
    }

    /** What the live job refused, or had too late, the second run may take by the rules of now. */
    @Test
    void theLedgerIsTheSecondRuns(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.shadowedVault();
        VaultRows.register(database, TENANTS);
        count(database, "", "RECEIVED", 5, "ACCEPTED", 3, "REJECTED X", 1, "DUPLICATE", 1);
        count(database, "", "LATE", 1);
        count(database, "_shadow", "RECEIVED", 5, "ACCEPTED", 5);
        firstPass(database);

        database.switchToShadow();

        assertThat(database.texts(LEDGER)).containsExactly(DAY + " 5 5 0 0 0 t");
    }

    /** Nobody counts in the shadow, and after a failure the live job may come to other outcomes. */
    @Test
    void theLedgerIsTheLiveJobsWhereNoneFollows(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.shadowedVault();
        VaultRows.register(database, TENANTS);
        count(database, "_shadow", "RECEIVED", 2, "ACCEPTED", 1, "REJECTED X", 1);
        count(database, "", "RECEIVED", 3, "ACCEPTED", 2, "DUPLICATE", 1);
        database.execute(BUILT);

        database.switchToShadow();

        assertThat(database.texts(LEDGER)).containsExactly(DAY + " 3 2 1 0 0 t");
    }

    /** Of days that retention has removed meanwhile nothing comes back. */
    @Test
    void theLedgerBeginsWhereProductionsDoes(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.shadowedVault();
        VaultRows.register(database, TENANTS);
        count(database, "_shadow", "RECEIVED", 1, "REJECTED X", 1);
        database.execute(KEPT_FROM.formatted("2026-11-19"));
        firstPass(database);

        database.switchToShadow();

        assertThat(database.texts(LEDGER)).isEmpty();
    }

    private static void count(TestDatabase database, String suffix, Object... outcomes)
            throws Exception {
        for (int i = 0; i < outcomes.length; i += 2) {
            String[] outcome = (outcomes[i] + " ").split(" ", -1);
            database.execute(COUNT.formatted(suffix, DAY, outcome[0], outcome[1], outcomes[i + 1]));
        }
    }

    private static void notePassed(TestDatabase database, long watermark) throws Exception {
        Instant settled = Instant.ofEpochMilli(watermark).minus(FARTHEST);
        database.execute(
                NOTE.formatted("'settled_before', '%s'".formatted(settled), FARTHEST.toMillis()));
    }

    private static void firstPass(TestDatabase database) throws Exception {
        database.execute(
                "SELECT raw.site_tracking_reprocess_note(jsonb_build_object('state', 'BUILT',"
                        + " 'shadow_job', repeat('0', 32), 'settled_before', timestamptz '"
                        + START.minusSeconds(36_000)
                        + "'))");
        database.execute("CALL raw.site_tracking_reprocess_complete()");
    }

    private static void assertSessionsOf(List<View> views, TestDatabase database) throws Exception {
        List<String> expected = new ArrayList<>();
        Map<String, List<View>> byClient = new TreeMap<>();
        views.forEach(v -> byClient.computeIfAbsent(v.client(), n -> new ArrayList<>()).add(v));
        byClient.values().forEach(own -> expected.addAll(sessions(own)));
        expected.sort(null);
        List<String> current = new ArrayList<>(database.texts(CURRENT));
        current.sort(null);
        assertThat(current).isEqualTo(expected);
    }

    private static List<String> sessions(List<View> own) {
        List<String> sessions = new ArrayList<>();
        int first = 0;
        for (int i = 1; i <= own.size(); i++) {
            if (i == own.size() || own.get(i).at().isAfter(own.get(i - 1).at().plus(NEW))) {
                sessions.add(
                        "sess_%s.%d %d %d"
                                .formatted(
                                        own.get(0).client(),
                                        own.get(first).at().toEpochMilli(),
                                        i - first,
                                        i - first));
                first = i;
            }
        }
        return sessions;
    }

    private static List<View> views(Random random) {
        List<View> views = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            Instant at = START.plusSeconds(random.nextInt(3_600));
            // Some are over long before others.
            for (int i = 0; i < (client % 3 == 0 ? VIEWS : 2); i++) {
                views.add(new View(0, "c" + client, at, at));
                at = at.plus(Duration.ofMinutes(SILENCES_MINUTES[random.nextInt(11)]));
            }
        }
        views.sort((a, b) -> a.at().compareTo(b.at()));
        for (int i = 0; i < views.size(); i++) {
            View view = views.get(i);
            views.set(
                    i,
                    new View(
                            i,
                            view.client(),
                            view.at(),
                            START.plusSeconds(86_400).plusMillis(i / 4)));
        }
        return views;
    }
}
