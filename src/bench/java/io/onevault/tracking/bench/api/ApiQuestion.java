package io.onevault.tracking.bench.api;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.StringJoiner;

/**
 * A question to the api layer.
 *
 * @param call SQL expression of the answer
 * @param goalMillis what the median of warm answers over 5 million events may take; 0: no goal
 */
record ApiQuestion(String name, String call, int goalMillis) {

    private static final double NANOS_PER_MILLI = 1_000_000;

    static List<ApiQuestion> all(int days) {
        String period = "\"days\": " + days;
        String overview = period + ", \"breakdowns\": []";
        return List.of(
                analytics("overview", overview, 25),
                analytics(
                        "overview, Auckland",
                        overview + ", \"timezone\": \"Pacific/Auckland\"",
                        25),
                analytics("all breakdowns", period, 200),
                analytics(
                        "all breakdowns, Auckland, compared",
                        period + ", \"timezone\": \"Pacific/Auckland\", \"compare\": true",
                        200),
                analytics(
                        "overview, filtered",
                        overview + ", \"filters\": {\"device\": \"tablet\"}",
                        150),
                analytics(
                        "all breakdowns, filtered",
                        period + ", \"filters\": {\"channel\": \"email\", \"device\": \"tablet\"}",
                        500),
                analytics(
                        "overview, filtered by an event",
                        overview + ", \"filters\": {\"event\": \"purchase\"}",
                        150),
                analytics(
                        "goals and events",
                        period + ", \"breakdowns\": [\"goals\", \"event_types\", \"properties\"]",
                        0),
                other("visits", "get_sessions('bench', '{" + period + "}')", 0),
                other("realtime", "get_realtime('bench', 30)", 0),
                other("events", "get_events('bench', '{" + period + "}')", 0),
                other("items", "get_items('bench', '{" + period + "}')", 100),
                other(
                        "items, Auckland",
                        "get_items('bench', '{"
                                + period
                                + ", \"timezone\": \"Pacific/Auckland\"}')",
                        0),
                other(
                        "items, filtered",
                        "get_items('bench', '{"
                                + period
                                + ", \"filters\": {\"device\": \"tablet\"}}')",
                        0),
                other("paths of pages", "get_paths('bench', '{" + period + "}')", 0),
                other(
                        "paths of events to a purchase",
                        "get_paths('bench', '{"
                                + period
                                + ", \"of\": \"events\", \"before\": {\"evt_type\": \"purchase\"}}')",
                        0),
                other("journey", "get_visitor_journey('bench', '{\"visitor\": \"vis_1\"}')", 0),
                other("attribution", "get_attribution('bench', '{" + period + "}')", 0),
                funnel("funnel", period, 600, "item_view", "add_to_cart", "purchase"),
                funnel(
                        "funnel of five steps",
                        period,
                        600,
                        "page_view",
                        "page_ping",
                        "item_view",
                        "add_to_cart",
                        "purchase"),
                other("retention", "get_retention('bench', '{" + period + "}')", 100));
    }

    private static ApiQuestion analytics(String name, String options, int goalMillis) {
        String call = "api.get_session_analytics('bench', '{" + options + "}')";
        return new ApiQuestion(name, call, goalMillis);
    }

    private static ApiQuestion funnel(String name, String period, int goalMillis, String... types) {
        StringJoiner steps = new StringJoiner(", ", "[", "]");
        for (String type : types) {
            steps.add("{\"evt_type\": \"" + type + "\"}");
        }
        return other(name, "get_funnel('bench', '" + steps + "', '{" + period + "}')", goalMillis);
    }

    private static ApiQuestion other(String name, String call, int goalMillis) {
        return new ApiQuestion(name, "api." + call, goalMillis);
    }

    /** Milliseconds of each run but the first, in ascending order. */
    List<Double> millis(Connection connection, int runs) throws SQLException {
        List<Double> millis = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            for (int run = 0; run < runs; run++) {
                long begin = System.nanoTime();
                answer(statement);
                millis.add((System.nanoTime() - begin) / NANOS_PER_MILLI);
            }
        }
        millis.remove(0);
        Collections.sort(millis);
        return millis;
    }

    private void answer(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT " + call)) {
            row.next();
            String answer = row.getString(1);
            if (!answer.contains("\"success\": true")) {
                throw new IllegalStateException(name + ": " + answer);
            }
        }
    }

    /** The plans of all statements inside the function, with their times. */
    List<String> plans(Connection connection) throws SQLException {
        List<String> plans = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "LOAD 'auto_explain';"
                            + " SET auto_explain.log_min_duration = 0;"
                            + " SET auto_explain.log_nested_statements = on;"
                            + " SET auto_explain.log_analyze = on;"
                            + " SET auto_explain.log_buffers = on;"
                            + " SET auto_explain.log_level = notice");
            statement.clearWarnings();
            answer(statement);
            SQLWarning warning = statement.getWarnings();
            while (warning != null) {
                plans.add(warning.getMessage());
                warning = warning.getNextWarning();
            }
            statement.execute("SET auto_explain.log_min_duration = -1");
        }
        return plans;
    }

    static long count(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
            row.next();
            return row.getLong(1);
        }
    }
}
