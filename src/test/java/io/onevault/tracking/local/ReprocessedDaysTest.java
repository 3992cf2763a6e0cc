package io.onevault.tracking.local;

import static io.onevault.tracking.vault.TestEvents.START;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.migrate.VaultChecks;
import io.onevault.tracking.vault.Description;
import io.onevault.tracking.vault.Descriptions;
import io.onevault.tracking.vault.Layers;
import io.onevault.tracking.vault.Loader;
import io.onevault.tracking.vault.TestEvents;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A reprocess of some days, by a shorter or a longer gap, over random vaults: what is said of
 * sessions is what a count by brute force says, whose sessions are whole across the border, and
 * nothing else is touched.
 */
@ExtendWith(PostgresExtension.class)
class ReprocessedDaysTest {

    private static final String[] TENANTS = {"acme", "globex"};
    private static final int CLIENTS = 3;
    private static final int VIEWS_EACH = 60;
    private static final Duration SHORT = Duration.ofMinutes(20);
    private static final Duration LONG = Duration.ofMinutes(30);

    private static final String RUN = "reprocess of days";

    /** Of vaults made by hand: without a ledger, of events that carry no times. */
    private static final Set<String> NOT_OF_A_TEST =
            Set.of("event_key_recomputed", "ledger_matches_events", "salts_forgotten");

    private static final String VERSIONS =
            "SELECT t::text FROM business.site_session_details_s AS t ORDER BY 1";

    /** Those of the run, by the session's key. */
    private static final String NEW_VERSIONS =
            """
            SELECT tenant_bk || ' ' || session_bk
              FROM business.site_session_details_history_v AS versions
              JOIN business.site_session_h USING (session_hk)
              JOIN auth.tenant_h ON tenant_h.tenant_hk = versions.tenant_hk
             WHERE versions.record_source = '$run'
               AND rules_version = $rules
               AND load_end_date IS NULL
             ORDER BY 1"""
                    .replace("$run", RUN)
                    .replace("$rules", String.valueOf(SessionRules.VERSION));

    private static final String CONVERSIONS =
            "SELECT sum(conversions) FROM business%s.site_session_details_current_v";

    private static final String DESCRIPTIONS =
            """
            SELECT t::text FROM business.site_page_details_s AS t WHERE event_timestamp < '%1$s'
            UNION ALL
            SELECT t::text FROM business.site_visitor_details_s AS t WHERE event_timestamp < '%1$s'
            ORDER BY 1""";

    private final TestPostgres postgres;
    private final List<View> views = new ArrayList<>();
    private TestDatabase database;

    /** A page view. */
    private record View(String tenant, String client, Instant at, int number) {

        EnrichedEvent under(Duration gap) {
            SessionRules d = SessionRules.DEFAULT;
            return event("e" + number)
                    .tenant(tenant)
                    .session(client)
                    .visitor("vis_" + client)
                    .occurredAt(at)
                    .appendedAt(at.plusSeconds(1))
                    .offset(number)
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

    ReprocessedDaysTest(TestPostgres postgres) {
        this.postgres = postgres;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void sessionsAreWholeAndNothingElseIsTouched(int seed) throws Exception {
        Random random = new Random(seed);
        Duration before = seed % 2 == 0 ? SHORT : LONG;
        Duration after = before.equals(SHORT) ? LONG : SHORT;
        make(random);
        build(before, after);
        Instant from = views.get(random.nextInt(views.size() / 2)).at();
        Instant to = views.get(views.size() / 2 + random.nextInt(views.size() / 2)).at();
        note(", 'from_at', '%s', 'to_at', '%s'".formatted(from, to));
        List<String> versions = database.texts(VERSIONS);
        List<String> sessions = Visits.stored(database, "business");

        for (String tenant : TENANTS) {
            database.execute("CALL raw.site_tracking_reprocess_merge('" + tenant + "')");
        }

        assertThat(Visits.stored(database, "business"))
                .isEqualTo(expected(before, after, from, to));
        List<String> now = database.texts(VERSIONS);
        List<String> differing = differing(sessions);
        assertThat(differing).isNotEmpty();
        assertThat(database.texts(NEW_VERSIONS)).isEqualTo(differing);
        assertThat(now).hasSize(versions.size() + differing.size()).containsAll(versions);
        assertSound();
    }

    /** A session that was none before is as the job of the new rules makes it. */
    @Test
    void aSwitchedVaultHasNewVersionsOfWhatDiffers() throws Exception {
        make(new Random(5));
        build(LONG, SHORT);
        note("");
        List<String> versions = database.texts(VERSIONS);
        List<String> sessions = Visits.stored(database, "business");

        database.switchToShadow();

        List<String> now = database.texts(VERSIONS);
        List<String> differing = differing(sessions);
        assertThat(now).hasSize(versions.size() + differing.size()).containsAll(versions);
        Set<String> known = keys(sessions);
        assertThat(database.texts(NEW_VERSIONS))
                .isNotEmpty()
                .isEqualTo(differing.stream().filter(known::contains).toList());
        assertSound();
    }

    /** The live job counted it by the later event, as the earlier one came too late. */
    @ParameterizedTest
    @ValueSource(strings = {"from_at", "to_at"})
    void anOrderCountsOnceOverTheBorder(String border) throws Exception {
        database = postgres.shadowedVault();
        VaultRows.register(database, TENANTS);
        EnrichedEvent view = event("view").enriched();
        EnrichedEvent later = order("later", START.plusSeconds(100_000)).enriched();
        TestEvents late = order("late", START.plusSeconds(60));
        LoadedSessions.load(database, List.of(view, late.late().enriched(), later));
        EnrichedEvent earlier = order("late", START.plusSeconds(60)).enriched();
        LoadedSessions.load(database, Layers.SHADOW, List.of(view, earlier, later));
        note(", '%s', '%s'".formatted(border, START.plusSeconds(50_000)));
        assertThat(database.number(CONVERSIONS.formatted("_shadow"))).isEqualTo(1);

        database.execute("CALL raw.site_tracking_reprocess_merge('acme')");

        assertThat(database.number(CONVERSIONS.formatted(""))).isEqualTo(1);
        assertSound();
    }

    /** The live job's history of pages and visitors begins later than the archive. */
    @Test
    void noDescriptionOutsideOfTheDaysIsTouched() throws Exception {
        make(new Random(7));
        Instant described = views.get(views.size() / 3).at();
        Instant from = views.get(views.size() / 2).at();
        build(LONG, SHORT);
        LoadedVault.describe(
                database,
                under(LONG).stream()
                        .filter(event -> !event.admitted().occurredAt().isBefore(described))
                        .toList());
        List<Description> descriptions = new ArrayList<>();
        under(SHORT).forEach(event -> descriptions.addAll(Descriptions.of(event)));
        try (Connection connection = database.connect()) {
            Loader.ofDescriptions("test").into(Layers.SHADOW).load(connection, descriptions);
        }
        note(", 'from_at', '%s'".formatted(from));
        String before = DESCRIPTIONS.formatted(from);
        List<String> rows = database.texts(before);
        assertThat(rows).isNotEmpty();

        for (String tenant : TENANTS) {
            database.execute("CALL raw.site_tracking_reprocess_merge('" + tenant + "')");
        }

        assertThat(database.texts(before)).isEqualTo(rows);
        assertSound();
    }

    private static TestEvents order(String id, Instant at) {
        return event(id)
                .type(EventType.PURCHASE)
                .purchase(new Purchase("t1", BigDecimal.TEN, "EUR"))
                .conversion()
                .occurredAt(at)
                .appendedAt(at.plusSeconds(1));
    }

    /** Keys of sessions that were others before, or that were none before, or are none now. */
    private List<String> differing(List<String> before) throws SQLException {
        Set<String> differing = new TreeSet<>(before);
        Set<String> now = new HashSet<>(Visits.stored(database, "business"));
        differing.removeAll(now);
        now.removeAll(before);
        differing.addAll(now);
        return List.copyOf(keys(differing));
    }

    private static Set<String> keys(Collection<String> sessions) {
        Set<String> keys = new TreeSet<>();
        for (String session : sessions) {
            String[] parts = session.split(" ");
            long start = Instant.parse(parts[2]).toEpochMilli();
            keys.add(parts[0] + " sess_" + parts[1] + '.' + start);
        }
        return keys;
    }

    private void make(Random random) {
        for (int client = 0; client < TENANTS.length * CLIENTS; client++) {
            Instant at = START.plusSeconds(random.nextInt(3_600));
            for (int i = 0; i < VIEWS_EACH; i++) {
                String tenant = TENANTS[client % TENANTS.length];
                views.add(new View(tenant, "c" + client, at, views.size()));
                at = at.plusSeconds(60 + random.nextInt(2_400));
            }
        }
        views.sort((one, other) -> one.at().compareTo(other.at()));
    }

    private void build(Duration before, Duration after) throws Exception {
        database = postgres.shadowedVault();
        VaultRows.register(database, TENANTS);
        LoadedSessions.load(database, under(before));
        LoadedSessions.load(database, Layers.SHADOW, under(after));
    }

    private List<EnrichedEvent> under(Duration gap) {
        return views.stream().map(view -> view.under(gap)).toList();
    }

    private void note(String days) throws SQLException {
        database.execute(
                """
                SELECT raw.site_tracking_reprocess_note(jsonb_build_object('state', 'BUILT',
                    'record_source', '%s'%s))"""
                        .formatted(RUN, days));
    }

    /** Borders of both gaps are those of the longer one: what lies between belongs together. */
    private List<String> expected(Duration before, Duration after, Instant from, Instant to) {
        List<String> expected = new ArrayList<>();
        for (List<View> together : split(views, LONG)) {
            Instant begins = together.get(0).at();
            boolean anew = !begins.isBefore(from) && begins.isBefore(to);
            for (List<View> session : split(together, anew ? after : before)) {
                View first = session.get(0);
                expected.add(
                        "%s %s %s %s %d"
                                .formatted(
                                        first.tenant(),
                                        first.client(),
                                        first.at(),
                                        session.get(session.size() - 1).at(),
                                        session.size()));
            }
        }
        expected.sort(null);
        return expected;
    }

    /** Parts of a client's views between which it is silent for longer than the gap. */
    private static List<List<View>> split(List<View> views, Duration gap) {
        List<List<View>> parts = new ArrayList<>();
        for (String client : views.stream().map(View::client).distinct().toList()) {
            View last = null;
            for (View view : views) {
                if (view.client().equals(client)) {
                    if (last == null || view.at().isAfter(last.at().plus(gap))) {
                        parts.add(new ArrayList<>());
                    }
                    parts.get(parts.size() - 1).add(view);
                    last = view;
                }
            }
        }
        return parts;
    }

    private void assertSound() throws SQLException {
        try (Connection connection = database.connect()) {
            assertThat(VaultChecks.run(connection, 5))
                    .filteredOn(check -> !NOT_OF_A_TEST.contains(check.check()))
                    .allMatch(VaultChecks.Result::passed);
        }
    }
}
