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
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Paths, journeys, attribution and an experiment of few visits, computed by hand. */
@ExtendWith(PostgresExtension.class)
class JourneysTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SITE = "https://shop.example/";
    private static final String EMAIL = "?utm_source=news&utm_medium=email&utm_campaign=spring";
    private static final String ADS = "?utm_source=google&utm_medium=cpc&utm_campaign=brand";
    private static final String PERIOD = "{\"from\": \"2026-11-20\", \"to\": \"2026-11-30\"";

    private static TestDatabase database;

    @BeforeAll
    static void load(TestPostgres postgres) throws Exception {
        database = postgres.vault();
        VaultRows.register(database, "acme");
        List<EnrichedEvent> events = new ArrayList<>();
        visit(events, "vis_1", 0, EMAIL, "a b c");
        visit(events, "vis_1", 2, "", "a b ping b 100");
        visit(events, "vis_2", 1, "", "a c ping c search c");
        visit(events, "vis_3", 1, "", "b search a");
        visit(events, "vis_4", 0, ADS, "a");
        visit(events, "vis_4", 1, EMAIL, "b");
        visit(events, "vis_4", 2, "", "search");
        visit(events, "vis_4", 3, "", "a b 40");
        LoadedSessions.load(database, events);
        LoadedSessions.load(database, experiment());
    }

    /** 30 of 200 convert and 45 of 180; one visitor was shown both, one robot one of them. */
    private static List<EnrichedEvent> experiment() {
        List<EnrichedEvent> events = new ArrayList<>();
        for (int i = 0; i < 380; i++) {
            events.add(exposed(i, i < 200 ? "a" : "b", 0).enriched());
            boolean isEarly = i % 100 == 99;
            if (i < 30 || i >= 200 && i < 245 || isEarly) {
                TestEvents sale =
                        exposed(i, "", isEarly ? -7_200 : 7_200).type("purchase").conversion();
                sale.properties("{}");
                events.add(sale.purchase(new Purchase("x" + i, BigDecimal.TEN, "EUR")).enriched());
            }
        }
        events.add(exposed(380, "a", 0).enriched());
        events.add(exposed(380, "b", 60).enriched());
        events.add(exposed(381, "b", 0).bot().enriched());
        return events;
    }

    private static TestEvents exposed(int visitor, String variant, int seconds) {
        Instant at = Instant.parse("2027-02-01T12:00:00Z").plusSeconds(visitor + seconds);
        return TestEvents.event("x" + visitor + variant)
                .visitor("vis_x" + visitor)
                .session("x" + visitor)
                .type("experiment_exposure")
                .properties(
                        "{\"experiment_id\": \"checkout\", \"variant_id\": \"" + variant + "\"}")
                .occurredAt(at)
                .appendedAt(at);
    }

    /** By the formulas of a textbook, of 30 of 200 and 45 of 180. */
    @Test
    void anExperimentComparesItsVariants() throws Exception {
        JsonNode data =
                ApiAnswers.data(
                        database,
                        "api.get_experiment(?, ?::jsonb)",
                        "acme",
                        "{\"from\": \"2027-02-01\", \"to\": \"2027-02-01\", \"experiment\": \"checkout\"}");

        ApiAnswers.assertSame(
                "variants",
                data.path("variants"),
                JSON.readTree(
                        """
                        [{"variant": "a", "visitors": 200, "converted": 30, "conversions": 30,
                          "conversion_rate": 0.15, "revenue": {"EUR": 300}},
                         {"variant": "b", "visitors": 180, "converted": 45, "conversions": 45,
                          "conversion_rate": 0.25, "revenue": {"EUR": 450},
                          "difference": 0.1, "interval": [0.0197, 0.1803], "uplift": 0.6667}]"""));
        assertThat(data.path("in_several").asInt()).isEqualTo(1);
        assertThat(data.path("chi_square").asDouble()).isEqualTo(1.0526);
        assertThat(data.path("is_even").asBoolean()).isTrue();
    }

    /** A minute each; a letter is a page view, a number a purchase of as many euros. */
    private static void visit(
            List<EnrichedEvent> events, String visitor, int day, String campaign, String told) {
        Instant at = START.plus(day, ChronoUnit.DAYS);
        String page = "";
        for (String what : told.split(" ")) {
            String id = visitor + "-" + day + "-" + events.size();
            page = what.length() == 1 ? what : page;
            TestEvents event =
                    TestEvents.event(id)
                            .visitor(visitor)
                            .session(visitor + "-" + day)
                            .pageViewId(id)
                            .url(SITE + page + campaign)
                            .occurredAt(at)
                            .appendedAt(at);
            if (what.equals("ping")) {
                event.type("page_ping");
            } else if (what.matches("[0-9]+")) {
                event.type("purchase").conversion();
                event.purchase(new Purchase("o-" + id, new BigDecimal(what), "EUR"));
            } else if (what.length() > 1) {
                event.type(what);
            }
            events.add(event.enriched());
            at = at.plusSeconds(60);
        }
    }

    private static JsonNode ask(String function, String options) throws Exception {
        return ApiAnswers.data(
                database, "api." + function + "(?, ?::jsonb)", "acme", PERIOD + options + "}");
    }

    /** Ways with visits and how many of them end there, and visits and ends by step. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|a b 2 2, a 1 1, a b c 1 1, a c 1 1, b 1 1, b a 1 1|7 2, 5 4, 1 1",
                ", \"length\": 1|a 5 1, b 2 1|7 2",
                ", \"after\": {\"page_url\": \"https://shop.example/b\"}|b 3 3, b a 1 1, b c 1 1|5 3, 2 2",
                ", \"before\": {\"page_url\": \"https://shop.example/c\"}|a b c 1 1, a c 1 1|2 0, 2 1, 1 1",
                ", \"before\": {\"evt_type\": \"purchase\"}, \"length\": 1|b 2 0|2 0",
                ", \"after\": {\"evt_type\": \"purchase\"}|''|",
                ", \"of\": \"events\", \"after\": {\"evt_type\": \"search\"}|search 1 1, search page_view 2 2|3 1, 2 2",
                ", \"of\": \"events\", \"filters\": {\"visitor\": \"vis_1\"}|page_view 1 1, page_view purchase 1 1|2 1, 1 1",
            })
    void pathsGoOneWayAfterTheOther(String options, String paths, String steps) throws Exception {
        JsonNode data = ask("get_paths", options);

        List<String> told = new ArrayList<>();
        for (JsonNode path : data.path("paths")) {
            StringBuilder way = new StringBuilder();
            path.path("path").forEach(s -> way.append(s.asText().replace(SITE, "")).append(' '));
            told.add(way.toString() + path.path("visits") + " " + path.path("ended"));
        }
        List<String> bySteps = new ArrayList<>();
        for (JsonNode step : data.path("steps")) {
            if (step.path("visits").asInt() > 0) {
                bySteps.add(step.path("visits") + " " + step.path("ended"));
            }
        }
        List<String> expected = paths.isEmpty() ? List.of() : List.of(paths.split(", "));
        assertThat(told).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(String.join(", ", bySteps)).isEqualTo(steps == null ? "" : steps);
    }

    @Test
    void aJourneyTellsSessionsWithTheirGoals() throws Exception {
        JsonNode data = ask("get_visitor_journey", ", \"visitor\": \"vis_4\", \"limit\": 3");
        JsonNode rest =
                ask(
                        "get_visitor_journey",
                        ", \"visitor\": \"vis_4\", \"cursor\": " + data.path("next_cursor"));

        List<String> told = new ArrayList<>();
        for (JsonNode sessions : List.of(data.path("sessions"), rest.path("sessions"))) {
            for (JsonNode session : sessions) {
                told.add(
                        String.join(
                                " ",
                                session.path("from").asText(),
                                session.path("channel").asText(),
                                session.path("seconds_since_previous").asText(),
                                session.path("conversions").asText(),
                                session.path("goals").toString()));
            }
        }
        assertThat(told)
                .containsExactly(
                        "2026-11-20T10:00:00Z paid_search null 0 []",
                        "2026-11-21T10:00:00Z email 86400 0 []",
                        "2026-11-22T10:00:00Z direct 86400 0 []",
                        "2026-11-23T10:00:00Z direct 86400 1 [{\"evt_type\":\"purchase\","
                                + "\"event_timestamp\":\"2026-11-23T10:02:00Z\"}]");
        assertThat(rest.path("next_cursor").isNull()).isTrue();
    }

    /**
     * Of two conversions, of 100 and 40 euros, one after e-mail and a direct visit, the other after
     * an ad, e-mail and two direct visits.
     */
    @Test
    void modelsShareConversionsAmongTouches() throws Exception {
        JsonNode data = ask("get_attribution", ", \"half_life_days\": 2");

        assertThat(data.path("conversions").asInt()).isEqualTo(2);
        ApiAnswers.assertSame(
                "channels",
                data.path("channels"),
                JSON.readTree(
                        """
                        [{"value": "direct",
                          "first": {"conversions": 0, "revenue": {}},
                          "last": {"conversions": 2, "revenue": {"EUR": 140}},
                          "linear": {"conversions": 1, "revenue": {"EUR": 70}},
                          "position": {"conversions": 1, "revenue": {"EUR": 70}},
                          "time_decay": {"conversions": 1.3333, "revenue": {"EUR": 93.3333}}},
                         {"value": "email",
                          "first": {"conversions": 1, "revenue": {"EUR": 100}},
                          "last": {"conversions": 0, "revenue": {}},
                          "linear": {"conversions": 0.75, "revenue": {"EUR": 60}},
                          "position": {"conversions": 0.6, "revenue": {"EUR": 54}},
                          "time_decay": {"conversions": 0.5286, "revenue": {"EUR": 41.1438}}},
                         {"value": "paid_search",
                          "first": {"conversions": 1, "revenue": {"EUR": 40}},
                          "last": {"conversions": 0, "revenue": {}},
                          "linear": {"conversions": 0.25, "revenue": {"EUR": 10}},
                          "position": {"conversions": 0.4, "revenue": {"EUR": 16}},
                          "time_decay": {"conversions": 0.1381, "revenue": {"EUR": 5.5228}}}]"""));
        assertThat(data.path("campaigns").findValuesAsText("value"))
                .containsExactly("null", "spring", "brand");
    }

    @Test
    void whatLiesBeforeTheLookbackIsNoTouch() throws Exception {
        JsonNode data = ask("get_attribution", ", \"lookback_days\": 1");

        assertThat(data.path("channels").findValuesAsText("value")).containsExactly("direct");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "get_paths|{\"after\": {\"evt_type\": \"a\"}, \"before\": {\"evt_type\": \"a\"}}|before",
                "get_paths|{\"after\": \"a\"}|after",
                "get_paths|{\"before\": {\"evt_type\": 1}}|before.evt_type",
                "get_paths|{\"of\": \"sessions\"}|of",
                "get_paths|{\"length\": 11}|length",
                "get_visitor_journey|{}|visitor",
                "get_experiment|{}|experiment",
                "get_attribution|{\"lookback_days\": 366}|lookback_days",
            })
    void refusesWhatIsNoQuestion(String function, String options, String field) throws Exception {
        JsonNode answer =
                ApiAnswers.answer(database, "api." + function + "(?, ?::jsonb)", "acme", options);

        assertThat(answer.path("error_code").asText()).isEqualTo("INVALID_ARGUMENT");
        assertThat(answer.path("field").asText()).isEqualTo(field);
    }
}
