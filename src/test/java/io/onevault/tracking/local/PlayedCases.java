package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.access.TestSecret;
import io.onevault.tracking.migrate.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** All cases but those of operations, played through the real job, and questions about them. */
record PlayedCases(TestDatabase database, SessionNames names) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path CASES = Path.of("src/test/resources/cases");

    /** Need a broker or topic of their own kind. */
    private static final Set<String> OPERATIONS = Set.of("21", "22", "27");

    private static final String PERIOD = "\"from\": \"2026-10-01\", \"to\": \"2026-11-30\"";

    /** In the order of their reception. */
    static PlayedCases play(Path folder, TestDatabase database) throws Exception {
        List<JsonNode> events = new ArrayList<>();
        Set<String> tenants = new TreeSet<>();
        try (Stream<Path> files = Files.list(CASES)) {
            for (Path file : files.sorted().toList()) {
                if (OPERATIONS.contains(file.getFileName().toString().substring(0, 2))) {
                    continue;
                }
                for (String line : Files.readAllLines(file)) {
                    events.add(JSON.readTree(line));
                }
            }
        }
        events.forEach(event -> tenants.add(event.path("tenantId").asText()));
        events.sort(Comparator.comparing(PlayedCases::receivedAt));
        VaultRows.register(database, tenants.toArray(String[]::new));
        try (JobRuns runs = new JobRuns(folder)) {
            List<byte[]> lines =
                    events.stream().map(event -> JobRuns.utf8(event.toString())).toList();
            // The visits without cookies are older than any salt that is drawn now.
            var settings = Map.of("privacy.salts", "DERIVED");
            runs.run("cases", runs.topic(lines), database, settings);
        }
        SessionNames names = new SessionNames(TestSecret.reference(JobRuns.SECRET));
        for (JsonNode event : events) {
            names.note(event.path("tenantId").asText(null), event.path("session_id").asText(null));
        }
        return new PlayedCases(database, names);
    }

    private static Instant receivedAt(JsonNode event) {
        JsonNode time = event.has("received_at") ? event.path("received_at") : at(event);
        return Instant.parse(time.asText());
    }

    private static JsonNode at(JsonNode event) {
        return event.has("event_timestamp") ? event.path("event_timestamp") : event.path("sent_at");
    }

    /**
     * @param function of schema api that takes a tenant and options
     * @param options with single quotes
     */
    JsonNode ask(String function, String tenant, String options) throws Exception {
        return ApiAnswers.data(
                database,
                "api." + function + "(?, ?::jsonb)",
                tenant,
                '{' + options.replace('\'', '"') + '}');
    }

    JsonNode analytics(String tenant, String options) throws Exception {
        return ask("get_session_analytics", tenant, options);
    }

    /** Of all its time. */
    JsonNode metrics(String tenant, String more) throws Exception {
        return analytics(tenant, PERIOD + more);
    }

    void assertMetrics(String tenant, String expected) throws Exception {
        JsonNode all = metrics(tenant, ", 'breakdowns': []");
        for (Map.Entry<String, JsonNode> metric :
                JSON.readTree(expected.replace('\'', '"')).properties()) {
            ApiAnswers.assertSame(
                    tenant + ' ' + metric.getKey(), all.path(metric.getKey()), metric.getValue());
        }
    }

    Map<String, Integer> breakdown(String tenant, String name) throws Exception {
        Map<String, Integer> visits = new TreeMap<>();
        metrics(tenant, ", 'breakdowns': ['" + name + "']")
                .path(name)
                .forEach(row -> visits.put(row.path("value").asText(), row.path("visits").asInt()));
        return visits;
    }

    /** Items with purchases, pieces and money, and what came back. */
    void assertItems(String tenant, String expected) throws Exception {
        JsonNode wanted = JSON.readTree(expected.replace('\'', '"'));
        JsonNode items = metrics(tenant, ", 'breakdowns': ['items']").path("items");
        assertThat(items).hasSameSizeAs(wanted);
        for (JsonNode item : wanted) {
            assertThat(items)
                    .filteredOn(actual -> actual.path("value").equals(item.path("value")))
                    .singleElement()
                    .satisfies(
                            actual -> {
                                for (var member : item.properties()) {
                                    ApiAnswers.assertSame(
                                            member.getKey(),
                                            actual.path(member.getKey()),
                                            member.getValue());
                                }
                            });
        }
    }

    List<String> funnel(String tenant, String steps) throws Exception {
        List<String> visitors = new ArrayList<>();
        ApiAnswers.data(
                        database,
                        "api.get_funnel(?, ?::jsonb, ?::jsonb)",
                        tenant,
                        steps.replace('\'', '"'),
                        '{' + PERIOD + '}')
                .path("steps")
                .forEach(step -> visitors.add(step.path("visitors").asText()));
        return visitors;
    }

    /** Starts and labels of the intervals with their visits. */
    static List<String> series(JsonNode answer) {
        List<String> series = new ArrayList<>();
        for (JsonNode interval : answer.path("series")) {
            series.add(interval.path("start").asText() + ' ' + interval.path("visits").asText());
        }
        return series;
    }

    /** Starts of the cohorts with their visitors and who returned. */
    List<String> cohorts(String tenant, String options) throws Exception {
        List<String> cohorts = new ArrayList<>();
        for (JsonNode cohort : ask("get_retention", tenant, options).path("cohorts")) {
            cohorts.add(
                    cohort.path("start").asText()
                            + ' '
                            + cohort.path("visitors")
                            + ' '
                            + cohort.path("returned"));
        }
        return cohorts;
    }

    /** Current sessions in the order of their start, with the columns that are asked for. */
    List<String> sessions(String tenant, String columns) throws Exception {
        return rows(
                "business.site_session_details_current_v",
                tenant,
                columns,
                "session_start, client_session_id");
    }

    List<String> events(String tenant, String columns) throws Exception {
        return rows("staging.site_tracking_events_v", tenant, columns, "event_timestamp, event_bk");
    }

    List<String> rejected(String tenant) throws Exception {
        return rows(
                "raw.site_tracking_events_r",
                tenant,
                "status_codes[1], status_detail",
                "event_timestamp",
                "processing_status = 'ERROR'");
    }

    /** Outcomes of the ledger with their numbers. */
    List<String> ledger(String tenant) throws Exception {
        return rows(
                "(SELECT tenant_hk, outcome, sum(event_count) AS events"
                        + " FROM raw.site_tracking_ledger_r GROUP BY 1, 2) AS ledger",
                tenant,
                "outcome, events",
                "outcome");
    }

    List<String> rows(String table, String tenant, String columns, String order) throws Exception {
        return rows(table, tenant, columns, order, "true");
    }

    private List<String> rows(
            String table, String tenant, String columns, String order, String condition)
            throws Exception {
        List<String> rows =
                database.texts(
                        """
                SELECT concat_ws(' ', $columns)
                  FROM $table
                 WHERE tenant_hk = util.hash_binary('$tenant') AND $condition
                 ORDER BY $order"""
                                .replace("$columns", columns)
                                .replace("$table", table)
                                .replace("$tenant", tenant)
                                .replace("$condition", condition)
                                .replace("$order", order));
        rows.replaceAll(names::named);
        return rows;
    }
}
