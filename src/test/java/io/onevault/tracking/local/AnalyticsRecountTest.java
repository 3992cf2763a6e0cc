package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.bench.feed.FilledVault;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.migrate.VaultChecks;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Session analytics against a recount of generated vaults, over changes of the clock. */
@ExtendWith(PostgresExtension.class)
class AnalyticsRecountTest {

    private static final Instant UNTIL = Instant.parse("2026-11-05T13:37:00Z");
    private static final int DAYS = 40;

    /**
     * Properties, some of them null or no texts, exposures, robots of several kinds, and a goal.
     */
    private static final String TELLING =
            """
            UPDATE business.site_event_details_s SET properties = CASE get_byte(event_hk, 0) % 4
                WHEN 0 THEN '{"plan": "free"}' WHEN 1 THEN '{"plan": "paid", "seats": 3}'
                WHEN 2 THEN '{"plan": null, "tags": ["a"]}' END::jsonb;
            UPDATE business.site_event_details_s
               SET evt_type = 'experiment_exposure',
                   properties = (ARRAY['{"experiment_id": "checkout", "variant_id": "a"}',
                       '{"experiment_id": "checkout", "variant_id": "b"}', '{"experiment_id": 7, "variant_id": "c"}',
                       '{"experiment_id": "checkout", "variant_id": null}', '{"variant_id": "a"}',
                       '{"experiment_id": "", "variant_id": "a"}']::jsonb[])[1 + get_byte(event_hk, 2) % 6]
             WHERE evt_type = 'click';
            INSERT INTO business.business_item_details_s
                (business_item_hk, event_timestamp, load_date, item_category, item_brand, item_type, hash_diff,
                 tenant_hk, record_source)
            SELECT business_item_hk, timestamptz '2026-01-01' + days * INTERVAL '1 day', now(),
                   (ARRAY['Shoes', 'Shoes > Running', 'Shoes>Running > Trail', ' Shoes >> Walking', 'Shoestrings', '>',
                       NULL])[1 + get_byte(business_item_hk, days) % 7],
                   (ARRAY['a', 'B', NULL])[1 + get_byte(business_item_hk, days + 1) % 3],
                   (ARRAY['product', 'plan'])[1 + get_byte(business_item_hk, days + 2) % 2],
                   sha256(days::text::bytea), tenant_hk, 'test'
              FROM business.business_item_h
             CROSS JOIN generate_series(1, 2) AS days
             WHERE get_byte(business_item_hk, 8) % 8 > 0;
            UPDATE business.site_session_details_s
               SET robot_kind = (ARRAY['search', 'ai', NULL])[1 + get_byte(session_hk, 0) % 3]
             WHERE is_bot;
            INSERT INTO auth.tenant_site_tracking_s
                (tenant_hk, load_date, goal_event_types, hash_diff, record_source)
            VALUES (util.hash_binary('bench'), now(), '{add_to_cart,never}', sha256('h'), 'test')""";

    private static TestDatabase database;
    private static VaultFacts facts;

    @BeforeAll
    static void generate(TestPostgres postgres) throws Exception {
        database = postgres.vault();
        try (Connection connection = database.connect()) {
            FilledVault.fill(connection, 600, DAYS, UNTIL);
        }
        database.execute(TELLING);
        database.execute(Recount.namedGoalsOf("bench"));
        ViewsToldAgain.in(database);
        facts = VaultFacts.of(database, "bench");
    }

    private static AnalyticsQuestions questions(RepetitionInfo repetition) throws Exception {
        boolean areFew = repetition.getCurrentRepetition() % 3 != 1;
        FewSessions.upTo(database, areFew ? 10_000 : 0);
        ManyEvents.are(database, repetition.getCurrentRepetition() % 2 == 0);
        var random = new Random(repetition.getCurrentRepetition());
        Instant first = UNTIL.minusSeconds(DAYS * 86_400L);
        return new AnalyticsQuestions(database, facts, first, DAYS, random);
    }

    @Test
    void theGeneratedVaultKeepsItsInvariants() throws Exception {
        try (Connection connection = database.connect()) {
            assertThat(VaultChecks.run(connection, 3))
                    // Raw, staging and the ledger are not generated.
                    .filteredOn(result -> !result.check().matches("event_rows_.*|ledger_.*"))
                    .filteredOn(result -> !result.passed())
                    .isEmpty();
        }
    }

    @RepeatedTest(6)
    void countsPeriodsOfDays(RepetitionInfo repetition) throws Exception {
        questions(repetition).askByDays(false);
    }

    @RepeatedTest(4)
    void countsPeriodsOfInstants(RepetitionInfo repetition) throws Exception {
        questions(repetition).askByInstants(false);
    }

    @RepeatedTest(8)
    void countsWhatPassesFilters(RepetitionInfo repetition) throws Exception {
        questions(repetition).askByDays(true);
        questions(repetition).askByInstants(true);
    }

    /** In one look by one process or two, among those that are named, and one by one. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tellsTheSameHoweverSessionsAreFound(boolean withRobots) throws Exception {
        ManyEvents.are(database, false);
        JsonNode looked = ofAllDevices("", withRobots);
        ManyEvents.are(database, true);
        assertThat(ofAllDevices("", withRobots)).isEqualTo(looked);
        String ofAllKinds = ", \"visitor_kind\": [\"recognised\", \"anonymous\"]";
        FewSessions.upTo(database, 0);
        assertThat(ofAllDevices(ofAllKinds, withRobots)).isEqualTo(looked);
        FewSessions.upTo(database, 10_000);
        assertThat(ofAllDevices(ofAllKinds, withRobots)).isEqualTo(looked);
        assertThat(ofAllDevices("", !withRobots).path("top_pages"))
                .isNotEqualTo(looked.path("top_pages"));
        assertThat(ofAllDevices("", !withRobots).path("items")).isNotEqualTo(looked.path("items"));
    }

    private static JsonNode ofAllDevices(String more, boolean withRobots) throws Exception {
        return ApiAnswers.data(
                database,
                "api.get_session_analytics(?, ?::jsonb)",
                "bench",
                """
                {"from": "%s", "to": "%s", "include_bots": %s, "limit": 1000,
                 "filters": {"device": ["desktop", "mobile", "tablet", "tv"]%s}}"""
                        .formatted(UNTIL.minusSeconds(DAYS * 86_400L), UNTIL, withRobots, more));
    }

    @RepeatedTest(8)
    void countsItems(RepetitionInfo repetition) throws Exception {
        questions(repetition).askForItems(repetition.getCurrentRepetition() % 4 == 0);
    }

    @RepeatedTest(8)
    void countsItemsByWhatTheyAre(RepetitionInfo repetition) throws Exception {
        questions(repetition).askForGroupsOfItems(repetition.getCurrentRepetition() % 2 == 0);
    }

    @RepeatedTest(16)
    void countsRetention(RepetitionInfo repetition) throws Exception {
        questions(repetition).askForRetention();
    }

    @RepeatedTest(8)
    void countsAnExperiment(RepetitionInfo repetition) throws Exception {
        questions(repetition).askForAnExperiment();
    }

    @RepeatedTest(12)
    void countsHowFastPagesWere(RepetitionInfo repetition) throws Exception {
        var random = new Random(repetition.getCurrentRepetition());
        var vitals = new VitalQuestions(database, facts, random);
        assertThat(vitals.ask(questions(repetition).period())).isPositive();
    }

    /** Of the hours up to a whole quarter, and against those of a week before. */
    @RepeatedTest(4)
    void alertsLookAtWhatAnalyticsTell(RepetitionInfo repetition) throws Exception {
        var random = new Random(repetition.getCurrentRepetition());
        int hours = 1 + random.nextInt(168);
        Instant at = UNTIL.minusSeconds(random.nextInt(20 * 86_400));
        Instant to = at.minusSeconds(at.getEpochSecond() % 900);
        JsonNode now = metrics(to, hours);
        JsonNode before = metrics(to.minusSeconds(168 * 3_600), hours);
        for (String metric : List.of("visitors", "visits", "pageviews", "bounce_rate", "events")) {
            BigDecimal value = now.path(metric).decimalValue();
            BigDecimal past = before.path(metric).decimalValue();
            assertThat(alert(metric, hours, false, at)).isEqualByComparingTo(value);
            assertThat(alert(metric, hours, true, at))
                    .isEqualByComparingTo(
                            value.subtract(past).divide(past, 4, RoundingMode.HALF_UP));
        }
    }

    private static JsonNode metrics(Instant to, int hours) throws Exception {
        return ApiAnswers.data(
                database,
                "api.get_session_analytics(?, ?::jsonb)",
                "bench",
                "{\"from\": \"%s\", \"to\": \"%s\", \"breakdowns\": []}"
                        .formatted(to.minusSeconds(hours * 3_600L), to));
    }

    private static BigDecimal alert(String metric, int hours, boolean compared, Instant at)
            throws Exception {
        return new BigDecimal(
                database.texts(
                                "SELECT business.site_alert_value(util.hash_binary('bench'),"
                                        + " '{\"metric\": \"%s\", \"hours\": %d, \"compared\": %s}', '%s')"
                                                .formatted(metric, hours, compared, at))
                        .get(0));
    }

    private static JourneyQuestions journeys(RepetitionInfo repetition) throws Exception {
        var random = new Random(-repetition.getCurrentRepetition());
        return new JourneyQuestions(database, facts, questions(repetition), random);
    }

    @RepeatedTest(12)
    void countsPaths(RepetitionInfo repetition) throws Exception {
        journeys(repetition).askForPaths();
    }

    @RepeatedTest(8)
    void countsAttribution(RepetitionInfo repetition) throws Exception {
        journeys(repetition).askForAttribution();
    }
}
