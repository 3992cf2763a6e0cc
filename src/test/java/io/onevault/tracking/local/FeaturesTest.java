package io.onevault.tracking.local;

import static io.onevault.tracking.vault.TestEvents.START;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.TestEvents;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What was known at a time, and what models say of visitors and sessions. */
@ExtendWith(PostgresExtension.class)
class FeaturesTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration DAY = Duration.ofDays(1);
    private static final String SCORES = "SELECT count(*) FROM raw.site_tracking_score_s";
    private static final String FIRST = "sess_first." + START.toEpochMilli();

    private TestDatabase database;

    @BeforeEach
    void load(TestPostgres postgres) throws Exception {
        database = LoadedVault.of(postgres, firstDay());
    }

    private static List<EnrichedEvent> firstDay() {
        List<EnrichedEvent> events = new ArrayList<>();
        events.add(seen("a", "first", Duration.ZERO).enriched());
        events.add(seen("b", "first", Duration.ofMinutes(1)).enriched());
        events.add(seen("c", "robot", Duration.ZERO).visitor("vis_robot").bot().enriched());
        events.add(seen("d", "first", Duration.ZERO).tenant("other").enriched());
        return events;
    }

    /** A visit with a purchase, and what the first visit told five days late. */
    private static List<EnrichedEvent> laterDays() {
        List<EnrichedEvent> events = firstDay();
        events.add(seen("e", "second", DAY.multipliedBy(3)).enriched());
        TestEvents sale = seen("f", "second", DAY.multipliedBy(3).plusMinutes(2));
        sale.type("purchase").conversion().purchase(new Purchase("o1", BigDecimal.TEN, "EUR"));
        events.add(sale.enriched());
        TestEvents late = seen("g", "first", Duration.ofMinutes(3));
        events.add(late.appendedAt(START.plus(DAY.multipliedBy(5))).enriched());
        return events;
    }

    private static TestEvents seen(String id, String session, Duration after) {
        return TestEvents.event(id)
                .visitor("vis_1")
                .session(session)
                .pageViewId(id)
                .occurredAt(START.plus(after))
                .appendedAt(START.plus(after));
    }

    private List<JsonNode> export(String options) throws Exception {
        List<JsonNode> lines = new ArrayList<>();
        for (String line :
                database.texts("SELECT api.export_features('acme', '" + options + "')::text")) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    private List<JsonNode> export(String features, Duration asOf) throws Exception {
        Instant at = START.plus(asOf);
        return export("{\"features\": \"" + features + "\", \"as_of\": \"" + at + "\"}");
    }

    private static List<String> told(List<JsonNode> lines, String... names) {
        List<String> told = new ArrayList<>();
        for (JsonNode line : lines) {
            List<String> values = new ArrayList<>();
            for (String name : names) {
                assertThat(line.has(name)).as(name + " in " + line).isTrue();
                values.add(line.path(name).asText());
            }
            told.add(String.join(" ", values));
        }
        return told;
    }

    @ParameterizedTest
    @CsvSource({"sessions", "visitors", "visitor_days"})
    void whatComesLaterIsInNothingAsOfATimeBefore(String features) throws Exception {
        List<JsonNode> before = export(features, DAY);

        LoadedSessions.load(database, laterDays());

        assertThat(before).hasSize(1);
        assertThat(export(features, DAY)).isEqualTo(before);
        assertThat(export(features, DAY.multipliedBy(4))).isNotEqualTo(before);
        assertThat(export(features, Duration.ofMinutes(-1))).isEmpty();
    }

    @Test
    void leavesOutWhoObjectsAndOfWhomNobodyKnows() throws Exception {
        database.execute(
                "UPDATE raw.site_tracking_events_r SET payload ="
                        + " (payload::jsonb || jsonb_build_object('gpc', payload ->> 'event_id' = 'b'))::json");
        LoadedSessions.load(database, laterDays());
        String asked = "{\"features\": \"%s\", \"opted_out\": %s}";

        assertThat(told(export(asked.formatted("sessions", false)), "session_bk")).hasSize(1);
        assertThat(told(export(asked.formatted("sessions", true)), "session_bk"))
                .containsExactly(FIRST);
        String all = "{\"features\": \"%s\", \"include_opted_out\": true}";
        assertThat(told(export("{\"features\": \"sessions\"}"), "opted_out"))
                .containsExactly("false");
        assertThat(told(export(all.formatted("sessions")), "opted_out"))
                .containsExactly("true", "false");
        for (String features : List.of("visitors", "visitor_days")) {
            assertThat(export(asked.formatted(features, false))).isEmpty();
            assertThat(export(asked.formatted(features, true))).isNotEmpty();
            assertThat(export("{\"features\": \"" + features + "\"}")).isEmpty();
            assertThat(told(export(all.formatted(features)), "opted_out")).containsOnly("true");
        }
        database.execute(
                "DELETE FROM raw.site_tracking_events_r WHERE payload ->> 'event_id' = 'b'");
        for (String features : List.of("visitors", "visitor_days")) {
            assertThat(export(asked.formatted(features, false))).isEmpty();
            assertThat(told(export("{\"features\": \"" + features + "\"}"), "opted_out"))
                    .containsOnly("null");
        }
        database.execute("DELETE FROM raw.site_tracking_events_r");
        assertThat(export(asked.formatted("sessions", false))).isEmpty();
        assertThat(export(asked.formatted("sessions", true))).isEmpty();
    }

    /** The payload that told it goes long before the sessions. */
    @Test
    void leavesOutWhoObjectedBeforeRetentionTookTheEvent() throws Exception {
        database.execute(
                """
                UPDATE raw.site_tracking_events_r
                   SET payload = (payload::jsonb || '{"gpc": true}')::json
                 WHERE payload ->> 'event_id' = 'b'""");
        database.execute(
                """
                INSERT INTO auth.tenant_site_tracking_s
                       (tenant_hk, load_date, keep_raw_days, hash_diff, record_source)
                SELECT tenant_hk, now(), 1, sha256(''), 'test' FROM auth.tenant_h""");

        while (database.texts("SELECT raw.site_tracking_expire('2027-01-31')").get(0) != null) {
            assertThat(LoadedVault.failedChecks(database)).isEmpty();
        }

        assertThat(database.number("SELECT count(*) FROM raw.site_tracking_events_r")).isZero();
        String asked = "{\"features\": \"%s\", \"opted_out\": %s}";
        for (String features : List.of("sessions", "visitors", "visitor_days")) {
            assertThat(export("{\"features\": \"" + features + "\"}")).as(features).isEmpty();
            assertThat(export(asked.formatted(features, false))).as(features).isEmpty();
            assertThat(export(asked.formatted(features, true))).as(features).isNotEmpty();
        }
        String visitor = "{\"visitor_hk\": \"" + ErasedVisitor.hk("vis_1") + "\"}";
        String objections =
                "SELECT line ->> 'objected_on' FROM api.export_visitor('acme', '"
                        + visitor
                        + "') AS line WHERE line ->> 'kind' = 'objection'";
        assertThat(database.texts(objections)).hasSize(1);
        ErasedVisitor.forget(database, visitor);
        ErasedVisitor.carryOut(database);
        assertThat(database.texts("SELECT visitor_hk::text FROM raw.site_tracking_objection_r"))
                .isEmpty();
    }

    /** As the tenant's policy lets an objection be kept without its visitor. */
    @Test
    void leavesOutWhoObjectsInAnEventThatKeepsNobody() throws Exception {
        EnrichedEvent known = seen("h", "first", Duration.ZERO).objector("vis_1").enriched();
        EnrichedEvent stranger = seen("i", "first", Duration.ZERO).objector("vis_2").enriched();
        LoadedSessions.load(database, List.of(known, stranger));

        String objected = "SELECT objected_on FROM raw.site_tracking_objection_r";
        assertThat(database.texts(objected)).containsExactly("2026-11-20");
        String asked = "{\"features\": \"%s\", \"opted_out\": %s}";
        for (String features : List.of("sessions", "visitors", "visitor_days")) {
            assertThat(told(export("{\"features\": \"" + features + "\"}"), "visitor_bk"))
                    .doesNotContain("vis_1");
            assertThat(told(export(asked.formatted(features, false)), "visitor_bk"))
                    .doesNotContain("vis_1");
            assertThat(told(export(asked.formatted(features, true)), "visitor_bk"))
                    .containsExactly("vis_1");
        }
        ErasedVisitor.forget(database, "{\"visitor_hk\": \"" + ErasedVisitor.hk("vis_1") + "\"}");
        ErasedVisitor.carryOut(database);
        LoadedSessions.load(database, List.of(known));
        assertThat(database.texts(objected)).isEmpty();
    }

    /** What they did on another device was theirs, too. */
    @Test
    void leavesOutAllVisitorsOfAUserWhoObjects() throws Exception {
        LoadedSessions.load(
                database,
                List.of(
                        seen("h", "first", Duration.ofMinutes(2)).user("vis_user").enriched(),
                        seen("i", "second", DAY).visitor("vis_other").enriched()));
        assertThat(told(export("{\"features\": \"visitors\"}"), "visitor_bk"))
                .containsExactlyInAnyOrder("vis_1", "vis_other");

        LoadedSessions.load(
                database, List.of(seen("j", "x", DAY).objector("vis_new", "vis_user").enriched()));

        assertThat(told(export("{\"features\": \"visitors\"}"), "visitor_bk"))
                .containsExactly("vis_other");
        assertThat(database.number("SELECT count(*) FROM raw.site_tracking_objection_r")).isOne();
    }

    /** Such as the request's last part finds, of the same day. */
    @Test
    void keepsAnObjectionOfAfterARequestForErasure() throws Exception {
        ErasedVisitor.forget(database, "{\"visitor_hk\": \"" + ErasedVisitor.hk("vis_1") + "\"}");
        Instant later = Instant.now().plusSeconds(60);
        LoadedSessions.load(
                database,
                List.of(
                        seen("h", "first", Duration.ZERO)
                                .occurredAt(later)
                                .appendedAt(later)
                                .objector("vis_1")
                                .enriched()));

        ErasedVisitor.carryOut(database);

        assertThat(database.texts("SELECT objected_on FROM raw.site_tracking_objection_r"))
                .containsExactly(LocalDate.ofInstant(later, ZoneOffset.UTC).toString());
    }

    /** As it came too late for one. */
    @Test
    void leavesOutWhoObjectsInAnEventWithoutSession() throws Exception {
        LoadedSessions.load(
                database, List.of(seen("late", "first", Duration.ofMinutes(3)).late().enriched()));
        String asked = "{\"features\": \"%s\", \"opted_out\": %s}";
        assertThat(export(asked.formatted("visitors", false))).hasSize(1);

        database.execute(
                """
                UPDATE raw.site_tracking_events_r
                   SET payload = (payload::jsonb || '{"gpc": true}')::json
                 WHERE payload ->> 'event_id' = 'late'""");
        for (String features : List.of("visitors", "visitor_days")) {
            assertThat(export(asked.formatted(features, false))).isEmpty();
            assertThat(export(asked.formatted(features, true))).isNotEmpty();
        }
        database.execute(
                "DELETE FROM raw.site_tracking_events_r WHERE payload ->> 'event_id' = 'late'");
        for (String features : List.of("visitors", "visitor_days")) {
            assertThat(export(asked.formatted(features, false))).isEmpty();
            assertThat(export(asked.formatted(features, true))).isEmpty();
        }
    }

    /** Whether the visitor goes on is not known before the session's gap is over. */
    @Test
    void aSessionIsKnownOnceItWasSilentForTheGap() throws Exception {
        assertThat(export("sessions", Duration.ofMinutes(30))).isEmpty();
        assertThat(export("sessions", Duration.ofMinutes(31))).hasSize(1);
    }

    @Test
    void featuresTellOfSessionsVisitorsAndDays() throws Exception {
        LoadedSessions.load(database, laterDays());

        assertThat(
                        told(
                                export("sessions", DAY.multipliedBy(6)),
                                "session_bk",
                                "page_views",
                                "conversions",
                                "sessions_before",
                                "page_views_before",
                                "seconds_since_previous"))
                .containsExactly(
                        FIRST + " 3 0 0 0 null",
                        "sess_second."
                                + START.plus(DAY.multipliedBy(3)).toEpochMilli()
                                + " 1 1 1 3 259200");
        assertThat(
                        told(
                                export("visitors", DAY.multipliedBy(9)),
                                "visitor_bk",
                                "days_since_first",
                                "days_since_last",
                                "sessions",
                                "sessions_7_days",
                                "active_days",
                                "page_views",
                                "conversions"))
                .containsExactly("vis_1 9 5 2 1 2 4 1");
        assertThat(
                        told(
                                export("visitor_days", DAY.multipliedBy(6)),
                                "day",
                                "page_views",
                                "conversions",
                                "days_since_previous"))
                .containsExactly("2026-11-20 3 0 null", "2026-11-23 1 1 3");
        assertThat(export("{\"features\": \"sessions\", \"from\": \"2026-11-21\"}")).hasSize(1);
    }

    /** A setting tells of when views speak; of one session nothing is left for the next. */
    @Test
    void viewsTellWhatExportsTell() throws Exception {
        LoadedSessions.load(database, laterDays());

        database.execute(
                "BEGIN; SET LOCAL site_tracking.as_of = '2026-11-21T10:00:00Z';"
                        + " CREATE TABLE public.told AS SELECT * FROM business.site_session_features_v"
                        + " WHERE tenant_hk = '\\x"
                        + TestEvents.tenantHk("acme")
                        + "'; COMMIT");

        assertThat(database.texts("SELECT session_bk || ' ' || page_views FROM public.told"))
                .containsExactly(FIRST + " 2");
        assertThat(database.number("SELECT count(*) FROM business.site_session_features_v"))
                .isEqualTo(3);
    }

    private JsonNode put(String asOf, String scores) throws Exception {
        return ApiAnswers.data(
                database,
                "api.put_scores(?, ?::jsonb)",
                "acme",
                "{\"model\": \"churn\", \"version\": \"1.0\", \"as_of\": \""
                        + asOf
                        + "\", \"scores\": ["
                        + scores
                        + "]}");
    }

    private static final String BOTH =
            "{\"visitor\": \"vis_1\", \"score\": 0.5}, {\"session\": \""
                    + FIRST
                    + "\", \"score\": 2}";

    @Test
    void scoresAreWrittenOnceAndOfWhomTheTenantHasSeen() throws Exception {
        String strangers =
                ", {\"visitor\": \"vis_9\", \"score\": 1}, {\"visitor\": \"vis_robot\", \"score\": 1},"
                        + " {\"session\": \"sess_first.1\", \"score\": 1}";

        JsonNode first = put("2026-11-21T00:00:00Z", BOTH + strangers);
        JsonNode again = put("2026-11-21T00:00:00Z", BOTH);
        JsonNode other = put("2026-11-21T00:00:00Z", "{\"visitor\": \"vis_1\", \"score\": 0.25}");
        put("2026-11-20T23:00:00Z", "{\"visitor\": \"vis_1\", \"score\": 0.75}");

        assertThat(told(List.of(first, again, other), "given", "known", "written"))
                .containsExactly("5 2 2", "2 2 0", "1 1 1");
        assertThat(
                        database.texts(
                                "SELECT is_of_session || ' ' || score FROM business.site_scores_current_v"
                                        + " ORDER BY 1"))
                .containsExactly("false 0.25", "true 2");
        assertThat(
                        database.texts(
                                "SELECT DISTINCT encode(tenant_hk, 'hex') FROM raw.site_tracking_score_s"))
                .containsExactly(TestEvents.tenantHk("acme"));
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
    }

    /** A session passes by its own score or its visitor's. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"score:churn\": \"0.5..\"|2",
                "\"score:churn\": \"1..\"|1",
                "\"score:churn\": [\"..0.2\", \"2..3\"]|1",
                "\"score:churn\": \"..0.4\"|0",
                "\"score:other\": \"..\"|0",
                "\"score:churn\": \"..\", \"event\": \"purchase\"|1",
                "\"score:churn\": \"..\", \"session\": \"none\"|0",
            })
    void scoresAreFilters(String filters, int visits) throws Exception {
        LoadedSessions.load(database, laterDays());
        put("2026-11-21T00:00:00Z", BOTH);

        JsonNode data =
                ApiAnswers.data(
                        database,
                        "api.get_session_analytics(?, ?::jsonb)",
                        "acme",
                        "{\"from\": \"2026-11-20\", \"to\": \"2026-11-30\", \"breakdowns\": [],"
                                + " \"filters\": {"
                                + filters
                                + "}}");

        assertThat(data.path("visits").asInt()).isEqualTo(visits);
    }

    @Test
    void scoresGoWithTheirVisitorAndDoNotComeBack() throws Exception {
        put("2026-11-21T00:00:00Z", BOTH);
        String visitor = "{\"visitor_hk\": \"" + ErasedVisitor.hk("vis_1") + "\"}";
        String held =
                "SELECT count(*) FROM api.export_visitor('acme', '"
                        + visitor
                        + "') AS line"
                        + " WHERE line ->> 'kind' = 'score'";
        assertThat(database.number(held)).isEqualTo(2);

        ErasedVisitor.forget(database, visitor);
        ErasedVisitor.carryOut(database);

        assertThat(database.number(SCORES)).isZero();
        assertThat(
                        database.texts(
                                "SELECT api.get_erasures('acme') #>> '{data,erasures,0,erased_rows,raw.site_tracking_score_s}'"))
                .containsExactly("2");
        assertThat(put("2026-11-21T00:00:00Z", BOTH).path("known").asInt()).isZero();
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
    }

    /** A score that was made of what is erased is refused where the visitor came back. */
    @Test
    void scoresOfBeforeAnErasureAreNotTaken() throws Exception {
        ErasedVisitor.forget(database, "{\"visitor_hk\": \"" + ErasedVisitor.hk("vis_1") + "\"}");
        ErasedVisitor.carryOut(database);
        Instant later = Instant.now().plusSeconds(60);
        LoadedSessions.load(
                database,
                List.of(seen("h", "third", DAY).occurredAt(later).appendedAt(later).enriched()));
        String score = "{\"visitor\": \"vis_1\", \"score\": 0.5}";

        assertThat(put("2026-11-21T00:00:00Z", score).path("known").asInt()).isZero();
        assertThat(
                        put(
                                        Instant.now()
                                                .plusSeconds(30)
                                                .truncatedTo(ChronoUnit.SECONDS)
                                                .toString(),
                                        score)
                                .path("known")
                                .asInt())
                .isEqualTo(1);
    }

    @Test
    void scoresAreKeptAsLongAsSessions() throws Exception {
        put("2026-11-21T00:00:00Z", BOTH);
        database.execute(
                """
                INSERT INTO auth.tenant_site_tracking_s
                       (tenant_hk, load_date, keep_events_days, keep_sessions_days, hash_diff, record_source)
                SELECT tenant_hk, now(), 31, 31, sha256(''), 'test' FROM auth.tenant_h""");

        while (database.texts("SELECT raw.site_tracking_expire('2026-12-15')").get(0) != null) {
            assertThat(database.number(SCORES)).isEqualTo(2);
        }
        while (database.texts("SELECT raw.site_tracking_expire('2027-01-31')").get(0) != null) {
            assertThat(LoadedVault.failedChecks(database)).isEmpty();
        }

        assertThat(database.number(SCORES)).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "export_features|{}|features",
                "export_features|{\"features\": \"pages\"}|features",
                "export_features|{\"features\": \"sessions\", \"as_of\": \"soon\"}|as_of",
                "export_features|{\"features\": \"sessions\", \"until\": 1}|until",
                "get_session_analytics|{\"filters\": {\"score:churn\": \"high\"}}|filters.score:churn",
                "put_scores|[]|scores",
                "put_scores|{\"version\": \"1\"}|model",
                "put_scores|{\"model\": \"a b\", \"version\": \"1\"}|model",
                "put_scores|{\"model\": \"m\", \"version\": \"1\", \"scores\": []}|scores",
                "put_scores|{\"model\": \"m\", \"version\": \"1\", \"scores\": [{\"visitor\": \"v\"}]}|scores[0]",
                "put_scores|{\"model\": \"m\", \"version\": \"1\", \"scores\": [{\"visitor\": \"v\", \"session\": \"s\", \"score\": 1}]}|scores[0]",
                "put_scores|{\"model\": \"m\", \"version\": \"1\", \"scores\": [{\"visitor\": \"v\", \"score\": 1}]}|as_of",
                "put_scores|{\"model\": \"m\", \"version\": \"1\", \"as_of\": \"2099-01-01\", \"scores\": [{\"visitor\": \"v\", \"score\": 1}]}|as_of",
            })
    void refusesWhatIsNoQuestion(String function, String options, String field) throws Exception {
        JsonNode answer =
                ApiAnswers.answer(database, "api." + function + "(?, ?::jsonb)", "acme", options);

        assertThat(answer.path("error_code").asText()).isEqualTo("INVALID_ARGUMENT");
        assertThat(answer.path("field").asText()).isEqualTo(field);
    }
}
