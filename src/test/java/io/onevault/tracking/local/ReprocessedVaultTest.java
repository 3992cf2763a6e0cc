package io.onevault.tracking.local;

import static io.onevault.tracking.vault.TestEvents.START;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.migrate.VaultChecks;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.SessionVersion;
import io.onevault.tracking.vault.Layers;
import io.onevault.tracking.vault.TestEvents;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A vault whose history was built anew under other rules: the comparison is that of a recount by
 * hand, and after the switch, or the merge of one tenant, the vault is as sound as before and says
 * what the recount says.
 */
@ExtendWith(PostgresExtension.class)
class ReprocessedVaultTest {

    private static final String[] TENANTS = {"acme", "globex", "initech"};
    private static final Duration BEFORE = Duration.ofMinutes(30);
    private static final Duration AFTER = Duration.ofMinutes(20);
    private static final int EVENTS = 400;
    private static final Instant SAVEPOINT = START.plusSeconds(150_000);
    private static final long FARTHEST = 10_800_000;
    private static final Instant SETTLED_BEFORE = SAVEPOINT.minusMillis(FARTHEST);

    private static final String ANALYTICS =
            """
            SELECT concat_ws(' ', told #>> '{data,visits}', told #>> '{data,page_views}')
              FROM (SELECT api.get_session_analytics('acme',
                       '{"from": "2026-11-01", "to": "2026-12-31", "include_bots": true}')) AS answer (told)""";

    /** What was said of sessions, without when. */
    private static final String HISTORY =
            """
            SELECT (to_jsonb(versions) - 'load_date' - 'record_source')::text
              FROM business.site_session_details_s AS versions""";

    private static final String SOURCES =
            "SELECT DISTINCT record_source FROM business.site_session_details_s";

    /** When what changes no more was carried over, while both jobs ran. */
    private static final Instant LOOK = START.plusSeconds(170_000);

    private static final String UNDER_WAY =
            """
            INSERT INTO business.site_event_h
            SELECT event_timestamp, sha256('under way'), 'evt_under_way', tenant_hk, load_date, record_source
              FROM business.site_event_h
             ORDER BY event_timestamp, event_hk
             LIMIT 1""";

    private static final String LOOKED =
            """
            SELECT concat_ws(' ',
                (SELECT count(*) FROM pg_temp.reprocess_sessions)
                    < (SELECT count(*) / 2 FROM business.site_session_b),
                EXISTS (SELECT FROM pg_temp.reprocess_events WHERE event_hk = sha256('under way')))""";

    private static final String SESSIONS_LOOKED_AT =
            "SELECT count(*) FROM pg_temp.reprocess_sessions";

    private static final String SETTLED =
            """
            SELECT concat_ws(' ', session_bk, is_settled)
              FROM pg_temp.reprocess_sessions
              JOIN business.site_session_h USING (session_hk)
             WHERE session_bk LIKE 'sess_alone%'
             ORDER BY p_start, length(session_bk)""";

    /** Of vaults made by hand: without a ledger, of events that carry no times. */
    private static final Set<String> NOT_OF_A_TEST =
            Set.of("event_key_recomputed", "ledger_matches_events", "salts_forgotten");

    private static final List<Told> TOLD = told();

    /** The live job's vault beside an empty shadow. */
    private static TestDatabase begun;

    /** The same with all of its history made anew. */
    private static TestDatabase built;

    private final TestPostgres postgres;
    private TestDatabase database;

    /** An event of the live job's history, and whether that got it too late. */
    private record Told(String tenant, int number, String session, Instant at, boolean late) {

        EnrichedEvent under(Duration gap, boolean mayBeLate) {
            var d = SessionRules.DEFAULT;
            var rules =
                    new SessionRules(
                            gap.toMillis(),
                            d.maxMillis(),
                            d.maxEvents(),
                            d.campaignSplit(),
                            null,
                            false);
            TestEvents made =
                    event(tenant + number)
                            .tenant(tenant)
                            .session(session)
                            .visitor("vis_" + session)
                            .occurredAt(at)
                            .appendedAt(at.plusSeconds(late ? 40_000 : 1))
                            .offset(number)
                            .url("https://shop.example/p/" + number % 7)
                            .rules(rules);
            if (number % 5 == 0) {
                made.type(EventType.PURCHASE)
                        .item(
                                new Item(
                                        "sku-" + number % 3,
                                        null,
                                        null,
                                        null,
                                        null,
                                        BigDecimal.TEN,
                                        "EUR",
                                        BigDecimal.ONE));
            }
            return (late && mayBeLate ? made.late() : made).enriched();
        }
    }

    ReprocessedVaultTest(TestPostgres postgres) {
        this.postgres = postgres;
    }

    private static List<Told> told() {
        Random random = new Random(18);
        List<Told> told = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            told.add(
                    new Told(
                            TENANTS[random.nextInt(3)],
                            i,
                            "s" + random.nextInt(6),
                            START.plusSeconds(random.nextInt(200_000)),
                            random.nextInt(20) == 0));
        }
        return told;
    }

    @BeforeAll
    static void buildAnew(TestPostgres postgres) throws Exception {
        begun = begin(postgres);
        built = postgres.copyOf(begun);
        build(built, anew());
    }

    private static TestDatabase begin(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.shadowedVault();
        VaultRows.register(database, TENANTS);
        LoadedSessions.load(database, live());
        return database;
    }

    /** With the rights of the job's login, and no more. */
    private static void build(TestDatabase database, List<EnrichedEvent> events) throws Exception {
        var asLoader = new TestDatabase(database.url() + "&options=-c%20role=site_tracking_loader");
        LoadedSessions.load(asLoader, Layers.SHADOW, events);
        note(database, "'state', 'BUILT', 'settings', jsonb_build_object('session.gap', '20 min')");
    }

    @BeforeEach
    void copy() throws SQLException {
        database = postgres.copyOf(built);
    }

    @Test
    void comparesAsARecountDoes() throws Exception {
        Map<String, SessionVersion> before = sessions(live());
        Map<String, SessionVersion> after = sessions(anew());

        JsonNode diff = diff();

        Set<String> added = minus(after, before);
        Set<String> removed = minus(before, after);
        Set<String> changed =
                before.keySet().stream()
                        .filter(
                                key ->
                                        after.containsKey(key)
                                                && !same(before.get(key), after.get(key)))
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(List.of(added, removed, changed)).noneMatch(Set::isEmpty);
        assertThat(examples(diff, "added")).isEqualTo(added);
        assertThat(examples(diff, "removed")).isEqualTo(removed);
        assertThat(examples(diff, "changed")).isEqualTo(changed);
        assertThat(diff.path("sessions").path("equal").asInt())
                .isEqualTo(after.size() - added.size() - changed.size());
        assertThat(diff.path("equal").asBoolean()).isFalse();
        assertThat(diff.path("reasons").path("late_events").asInt()).isPositive();
        assertThat(diff.path("reasons").path("gap").asInt()).isPositive();
        assertThat(diff.path("reasons").path("events_missing").asInt()).isZero();
        assertSound(true);
    }

    @Test
    void saysNothingOfEqualRules() throws Exception {
        database = postgres.copyOf(begun);
        LoadedSessions.load(database, Layers.SHADOW, live());
        note(database, "'state', 'BUILT'");
        Map<String, List<String>> before = VaultRows.rows(database, VaultRows.ALL);

        assertThat(diff().path("equal").asBoolean()).isTrue();
        database.switchToShadow();

        assertThat(VaultRows.rows(database, VaultRows.ALL)).isEqualTo(before);
        assertSound(false);
    }

    @Test
    void switchedVaultSaysWhatTheRecountSays() throws Exception {
        List<String> old =
                database.texts("SELECT t::text FROM business.site_session_details_s AS t");
        database.execute("CALL raw.site_tracking_reprocess_complete()");
        assertSound(true);

        database.switchToShadow();

        assertSound(false);
        assertThat(current()).isEqualTo(keys(sessions(anew())));
        assertThat(database.texts("SELECT t::text FROM business.site_session_details_s AS t"))
                .containsAll(old);
        assertThat(
                        database.number(
                                "SELECT count(*) FROM business.site_session_details_s"
                                        + " WHERE session_status = 'SUPERSEDED'"
                                        + " AND cardinality(successor_session_bks) > 0"))
                .isPositive();
        database.execute("CALL raw.site_tracking_reprocess_undo()");
        assertSound(false);
        assertThat(current()).isEqualTo(keys(sessions(live())));
    }

    /** Of what is gone from archive and raw, nothing is built anew. */
    @Test
    void keepsWhatWasNotReprocessed() throws Exception {
        Instant border = START.plusSeconds(100_000);
        List<EnrichedEvent> late = new ArrayList<>(anew());
        Map<String, SessionVersion> before = sessions(live());
        Set<String> gone =
                before.entrySet().stream()
                        .filter(session -> session.getValue().end().isBefore(border))
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toCollection(TreeSet::new));
        late.removeIf(e -> gone.stream().anyMatch(key -> holds(key, before.get(key), e)));
        rebuild(late);

        database.execute("CALL raw.site_tracking_reprocess_complete()");
        database.switchToShadow();

        assertSound(false);
        Set<String> expected = new TreeSet<>(keys(sessions(late)));
        expected.addAll(
                keys(
                        before.entrySet().stream()
                                .filter(session -> gone.contains(session.getKey()))
                                .collect(
                                        Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue))));
        assertThat(current()).isEqualTo(expected);
        assertThat(database.number("SELECT count(*) FROM business.site_event_h")).isEqualTo(EVENTS);
    }

    /** Of those that reach over its beginning it knows a part, and production all. */
    @Test
    void keepsSessionsWholeWhereTheArchiveBegins() throws Exception {
        List<EnrichedEvent> archived = new ArrayList<>(live());
        Instant cut = startOfOneWithMoreEvents();
        archived.removeIf(e -> !e.admitted().occurredAt().isAfter(cut));
        database = postgres.copyOf(begun);
        LoadedSessions.load(database, Layers.SHADOW, archived);
        note(database, "'state', 'BUILT'");
        List<String> sessions =
                List.of("business.site_session_details_s", "business.event_session_l");
        Map<String, List<String>> before = VaultRows.rows(database, sessions);
        assertThat(diff().path("equal").asBoolean()).isTrue();
        database.execute("CALL raw.site_tracking_reprocess_complete()");
        assertSound(true);

        database.switchToShadow();

        assertThat(VaultRows.rows(database, sessions)).isEqualTo(before);
        assertSound(false);
    }

    private static Instant startOfOneWithMoreEvents() {
        return sessions(live()).values().stream()
                .filter(session -> session.counts().events() > 1)
                .map(SessionVersion::start)
                .filter(start -> start.isAfter(START.plusSeconds(100_000)))
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    /** What may change or came since the savepoint is the live job's, where nothing follows it. */
    @Test
    void switchKeepsWhatTheLiveJobMayChange() throws Exception {
        rebuildAsOf(SAVEPOINT);
        database.execute("CALL raw.site_tracking_reprocess_complete()");
        assertSound(true);

        database.switchToShadow();

        assertSound(false);
        assertThat(database.number("SELECT count(*) FROM business.site_event_h")).isEqualTo(EVENTS);
        assertThat(current()).containsAll(unsettled()).containsAll(longSettled());
    }

    /** It reads the new tables then, as of when it began. */
    @Test
    void whoWaitsForASwitchReadsAllOfIt() throws Exception {
        rebuildAsOf(SAVEPOINT);
        List<String> before = database.texts(ANALYTICS);
        database.execute("CALL raw.site_tracking_reprocess_complete(true)");
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Connection connection = database.connect();
                Statement switching = connection.createStatement()) {
            connection.setAutoCommit(false);
            switching.execute("CALL raw.site_tracking_reprocess_switch()");
            Future<List<String>> answer = other.submit(() -> database.texts(ANALYTICS));
            database.awaitWaiting(1);
            connection.commit();

            assertThat(answer.get()).isNotEqualTo(before).isEqualTo(database.texts(ANALYTICS));
        } finally {
            other.shutdownNow();
        }
    }

    /** Where a second run follows, its versions are the last ones of what may still change. */
    @Test
    void switchKeepsTheHistoryOfWhatMayChange() throws Exception {
        note(
                database,
                "'state', 'FOLLOWING', 'shadow_job', '0', 'settled_before', timestamptz '"
                        + SETTLED_BEFORE
                        + "'");
        List<String> former = database.texts(HISTORY);
        database.execute("CALL raw.site_tracking_reprocess_complete()");

        database.switchToShadow();

        assertSound(false);
        assertThat(current()).isEqualTo(keys(sessions(anew())));
        assertThat(database.texts(HISTORY)).containsAll(former);
        assertThat(database.texts(SOURCES))
                .containsExactlyInAnyOrder(
                        "test",
                        database.texts("SELECT record_source FROM raw.site_tracking_reprocess_r")
                                .get(0));
    }

    @Test
    void mergeKeepsWhatTheLiveJobMayChange() throws Exception {
        rebuildAsOf(SAVEPOINT);
        note(database, "'tenant_bks', jsonb_build_array('acme')");

        database.execute("CALL raw.site_tracking_reprocess_merge('acme')");

        assertSound(false);
        assertThat(current())
                .containsAll(unsettled())
                .containsAll(of("acme", longSettled()))
                .containsAll(of("globex", keys(sessions(live()))));
    }

    /** Nobody else knows of them. */
    @Test
    void keepsWhatMayChangeWhereProductionHasNothing() throws Exception {
        rebuildAsOf(SAVEPOINT);
        database.execute("TRUNCATE " + String.join(", ", VaultRows.ALL));
        database.execute(
                "TRUNCATE business.site_session_b, business.site_repeat_b, business.site_rollup_b");

        database.switchToShadow();

        assertSound(false);
        assertThat(current()).isEqualTo(keys(sessions(archived(SAVEPOINT))));
    }

    /**
     * What came since the first look, and what could change then: the outcome is that of looking at
     * everything. A transaction that the first look did not see as it was under way is of it.
     */
    @Test
    void looksAgainOnlyAtWhatMayHaveChanged() throws Exception {
        follow(SAVEPOINT, LOOK);
        try (Connection slow = database.connect();
                Statement writes = slow.createStatement()) {
            slow.setAutoCommit(false);
            writes.execute(UNDER_WAY);
            database.execute("CALL raw.site_tracking_reprocess_complete()");
            slow.commit();
        }
        // The live job went on farther than the second run.
        LoadedSessions.load(database, live());
        LoadedSessions.load(database, Layers.SHADOW, before(anew(), LOOK.plusSeconds(10_000)));
        TestDatabase anyway = postgres.copyOf(database);
        anyway.execute("UPDATE raw.site_tracking_reprocess_r SET counts = counts - 'look'");

        assertThat(looked(database, LOOKED)).isEqualTo("t t");
        assertThat(looked(anyway, LOOKED)).isEqualTo("f t");
        assertSwitchedAlike(anyway);
        assertThat(current()).containsAll(longSettled());
        assertThat(database.number("SELECT count(*) FROM business.site_event_h"))
                .isEqualTo(EVENTS + 1);
    }

    /** However long the second run has followed: what both jobs have passed is done before. */
    @Test
    void looksAgainAtNothingThatIsOverSinceTheSavepoint() throws Exception {
        Instant savepoint = START.plusSeconds(20_000);
        Instant look = START.plusSeconds(190_000);
        follow(savepoint, look);
        TestDatabase since = postgres.copyOf(database);
        note(
                database,
                "'counts', jsonb_build_object('settled_before', timestamptz '%s', 'farthest_ms', %d)"
                        .formatted(look.minusMillis(FARTHEST), FARTHEST));
        for (TestDatabase each : List.of(database, since)) {
            each.execute("CALL raw.site_tracking_reprocess_complete()");
            LoadedSessions.load(each, live());
            LoadedSessions.load(each, Layers.SHADOW, before(anew(), look.plusSeconds(2_000)));
        }
        TestDatabase anyway = postgres.copyOf(database);
        anyway.execute("UPDATE raw.site_tracking_reprocess_r SET counts = counts - 'look'");

        int looked = Integer.parseInt(looked(database, SESSIONS_LOOKED_AT));

        assertThat(looked)
                .isPositive()
                .isLessThan(Integer.parseInt(looked(since, SESSIONS_LOOKED_AT)) / 2);
        assertSwitchedAlike(anyway);
        assertSound(false);
    }

    /** Beside a live job that is ahead of the savepoint. */
    private void follow(Instant savepoint, Instant until) throws Exception {
        database = postgres.shadowedVault();
        VaultRows.register(database, TENANTS);
        LoadedSessions.load(database, before(live(), until));
        build(database, before(anew(), savepoint));
        note(
                database,
                "'shadow_job', repeat('0', 32), 'settled_before', timestamptz '%s'"
                        .formatted(savepoint.minusMillis(FARTHEST)));
        LoadedSessions.load(database, Layers.SHADOW, before(anew(), until));
    }

    private void assertSwitchedAlike(TestDatabase anyway) throws SQLException {
        database.switchToShadow();
        anyway.switchToShadow();
        List<String> all = new ArrayList<>(VaultRows.ALL);
        all.addAll(
                List.of(
                        "business.site_session_b",
                        "business.site_rollup_b",
                        "raw.site_tracking_ledger_r"));
        assertThat(VaultRows.rows(database, all)).isEqualTo(VaultRows.rows(anyway, all));
    }

    /** What it looks at, of which nothing stays. */
    private static String looked(TestDatabase database, String query) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("CALL raw.site_tracking_reprocess_complete(true)");
            try (var row = statement.executeQuery(query)) {
                row.next();
                return row.getString(1);
            } finally {
                connection.rollback();
            }
        }
    }

    private static List<EnrichedEvent> before(List<EnrichedEvent> events, Instant end) {
        return events.stream().filter(e -> e.admitted().occurredAt().isBefore(end)).toList();
    }

    private void rebuildAsOf(Instant savepoint) throws Exception {
        rebuild(archived(savepoint));
        note(database, "'settled_before', timestamptz '" + SETTLED_BEFORE + "'");
    }

    private List<EnrichedEvent> archived(Instant savepoint) {
        return before(anew(), savepoint);
    }

    private Set<String> unsettled() {
        return keys(ending(sessions(live()), end -> !end.isBefore(SETTLED_BEFORE)));
    }

    /** So long ago that nothing unsettled is within reach. */
    private Set<String> longSettled() {
        Instant border = SETTLED_BEFORE.minusSeconds(86_400);
        return keys(ending(sessions(anew()), end -> end.isBefore(border)));
    }

    private static Map<String, SessionVersion> ending(
            Map<String, SessionVersion> sessions, Predicate<Instant> when) {
        return sessions.entrySet().stream()
                .filter(session -> when.test(session.getValue().end()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Behind the key of the second one is its number, and they are of one client. */
    @Test
    void theLastOfSessionsThatBeginAtOnceMayChange() throws Exception {
        List<EnrichedEvent> events =
                List.of(alone(0, START), alone(1, START), alone(2, START.plusSeconds(3_600)));
        database = postgres.copyOf(begun);
        LoadedSessions.load(database, events);
        build(database, events);
        note(database, "'settled_before', timestamptz '" + START.plusSeconds(1_800) + "'");
        List<String> settled = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("CALL raw.site_tracking_reprocess_compare()");
            try (var rows = statement.executeQuery(SETTLED)) {
                while (rows.next()) {
                    settled.add(rows.getString(1));
                }
            }
        }

        long at = START.toEpochMilli();
        assertThat(settled)
                .containsExactly(
                        "sess_alone.1." + at + " t",
                        "sess_alone.1." + at + ".2 f",
                        "sess_alone.1." + (at + 3_600_000) + " f");
    }

    /** Older than all that is read, and the last one before a session that may still change. */
    @Test
    void whatTheShadowDoesNotKnowStaysWhereASecondRunFollows() throws Exception {
        List<EnrichedEvent> events = List.of(alone(0, START), alone(1, START.plusSeconds(3_600)));
        database = postgres.shadowedVault();
        VaultRows.register(database, TENANTS);
        LoadedSessions.load(database, events);
        build(database, events.subList(1, 2));
        note(
                database,
                "'shadow_job', repeat('0', 32), 'settled_before', timestamptz '%s'"
                        .formatted(START.plusSeconds(1_800)));
        Set<String> before = current();
        database.execute("CALL raw.site_tracking_reprocess_complete()");

        database.switchToShadow();

        assertThat(current()).hasSize(2).isEqualTo(before);
        assertSound(false);
    }

    /** Each makes a session. */
    private static EnrichedEvent alone(int number, Instant at) {
        return event("alone" + number)
                .tenant("acme")
                .session("alone.1")
                .visitor("vis_alone")
                .occurredAt(at)
                .appendedAt(at)
                .offset(5_000 + number)
                .rules(new SessionRules(1_800_000, 86_400_000, 1, true, null, false))
                .enriched();
    }

    @Test
    void mergesOneTenantAndLeavesTheOthersAsTheyAre() throws Exception {
        List<String> others = new ArrayList<>(rowsOf("globex"));
        others.addAll(rowsOf("initech"));

        database.execute("CALL raw.site_tracking_reprocess_merge('acme')");

        assertSound(false);
        List<String> now = new ArrayList<>(rowsOf("globex"));
        now.addAll(rowsOf("initech"));
        assertThat(now).isEqualTo(others);
        assertThat(currentOf("acme")).isEqualTo(of("acme", keys(sessions(anew()))));
        assertThat(currentOf("globex")).isEqualTo(of("globex", keys(sessions(live()))));
        List<String> merged = rowsOf("acme");
        database.execute("CALL raw.site_tracking_reprocess_merge('acme')");
        assertThat(rowsOf("acme")).isEqualTo(merged);
    }

    /** Instead of an undo. */
    @Test
    void aMergeByTheFormerRulesGoesBack() throws Exception {
        database.execute("CALL raw.site_tracking_reprocess_merge('acme')");
        List<EnrichedEvent> former =
                TOLD.stream().map(event -> event.under(BEFORE, false)).toList();
        while (database.number("SELECT raw.site_tracking_reprocess_drop()") > 0) {
            // The rest.
        }
        try (Connection connection = database.connect()) {
            Migration.makeShadow(connection, applied -> {});
        }
        build(database, former);

        database.execute("CALL raw.site_tracking_reprocess_merge('acme')");

        assertSound(false);
        assertThat(currentOf("acme")).isEqualTo(of("acme", keys(sessions(former))));
    }

    private static List<EnrichedEvent> live() {
        return TOLD.stream().map(event -> event.under(BEFORE, true)).toList();
    }

    private static List<EnrichedEvent> anew() {
        return TOLD.stream().map(event -> event.under(AFTER, false)).toList();
    }

    private void rebuild(List<EnrichedEvent> events) throws Exception {
        database = postgres.copyOf(begun);
        build(database, events);
    }

    private static void note(TestDatabase database, String details) throws SQLException {
        database.execute(
                "SELECT raw.site_tracking_reprocess_note(jsonb_build_object(" + details + "))");
    }

    private JsonNode diff() throws Exception {
        return new ObjectMapper()
                .readTree(database.texts("SELECT raw.site_tracking_reprocess_diff(1000)").get(0));
    }

    /** By tenant and business key. */
    private static Map<String, SessionVersion> sessions(List<EnrichedEvent> events) {
        Map<String, SessionVersion> sessions = new HashMap<>();
        for (SessionUpdate update : LoadedSessions.updates(events)) {
            if (update.version() != null) {
                sessions.put(
                        tenant(update.tenantHk()) + ' ' + update.sessionBk(), update.version());
            }
        }
        return sessions;
    }

    private static String tenant(String hk) {
        for (String tenant : TENANTS) {
            if (TestEvents.tenantHk(tenant).equals(hk)) {
                return tenant;
            }
        }
        throw new IllegalArgumentException(hk);
    }

    private static boolean holds(String key, SessionVersion session, EnrichedEvent event) {
        var admitted = event.admitted();
        return key.startsWith(
                        admitted.tenantBk()
                                + " sess_"
                                + admitted.event().identity().sessionId()
                                + '.')
                && !admitted.occurredAt().isBefore(session.start())
                && !admitted.occurredAt().isAfter(session.end());
    }

    private static boolean same(SessionVersion one, SessionVersion other) {
        return one.equals(
                new SessionVersion(
                        other.status(),
                        other.start(),
                        other.end(),
                        one.loadDate(),
                        other.clientSessionId(),
                        other.visitorBk(),
                        other.counts(),
                        other.bounce(),
                        other.revenue(),
                        other.refunds(),
                        other.entryPageUrl(),
                        other.exitPageUrl(),
                        other.referrer(),
                        other.channel(),
                        other.campaign(),
                        other.device(),
                        other.language(),
                        null,
                        other.predecessorBk(),
                        other.successorBks(),
                        other.repeatedViews()));
    }

    private static Set<String> minus(
            Map<String, SessionVersion> one, Map<String, SessionVersion> other) {
        Set<String> keys = new TreeSet<>(one.keySet());
        keys.removeAll(other.keySet());
        return keys;
    }

    private static Set<String> examples(JsonNode diff, String verdict) {
        Set<String> keys = new TreeSet<>();
        for (JsonNode example : diff.path("examples")) {
            if (example.path("verdict").asText().equals(verdict)) {
                keys.add(example.path("tenant").asText() + ' ' + example.path("session").asText());
            }
        }
        return keys;
    }

    private static Set<String> keys(Map<String, SessionVersion> sessions) {
        return sessions.entrySet().stream()
                .map(s -> s.getKey() + ' ' + s.getValue().counts().events())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<String> current() throws SQLException {
        return new TreeSet<>(
                database.texts(
                        """
                        SELECT tenant_bk || ' ' || session_bk || ' ' || total_events
                        FROM business.site_session_details_current_v
                        JOIN business.site_session_h USING (session_hk)
                        JOIN auth.tenant_h AS t ON t.tenant_hk = site_session_h.tenant_hk
                        """));
    }

    private Set<String> currentOf(String tenant) throws SQLException {
        return of(tenant, current());
    }

    private static Set<String> of(String tenant, Set<String> keys) {
        return keys.stream()
                .filter(key -> key.startsWith(tenant + ' '))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private List<String> rowsOf(String tenant) throws SQLException {
        return VaultRows.ofTenant(database, tenant);
    }

    private void assertSound(boolean shadow) throws SQLException {
        try (Connection connection = database.connect()) {
            assertThat(
                            shadow
                                    ? VaultChecks.runOnShadow(connection, 5)
                                    : VaultChecks.run(connection, 5))
                    .filteredOn(check -> !NOT_OF_A_TEST.contains(check.check()))
                    .allMatch(VaultChecks.Result::passed);
        }
    }
}
