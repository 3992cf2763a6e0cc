package io.onevault.tracking.bench.api;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A question to the api layer.
 *
 * @param call SQL expression of the answer
 * @param promisedMillis what the median of warm answers may take; 0 where nothing is promised
 */
record ApiQuestion(String name, String call, int promisedMillis) {

    private static final double NANOS_PER_MILLI = 1_000_000;
    private static final int OVERVIEW_MILLIS = 50;
    private static final int BREAKDOWNS_MILLIS = 300;

    static List<ApiQuestion> all(int days) {
        String period = "\"days\": " + days;
        return List.of(
                analytics("overview", period + ", \"breakdowns\": []", OVERVIEW_MILLIS),
                analytics(
                        "overview, Auckland",
                        period + ", \"breakdowns\": [], \"timezone\": \"Pacific/Auckland\"",
                        OVERVIEW_MILLIS),
                analytics("all breakdowns", period, BREAKDOWNS_MILLIS),
                analytics(
                        "all breakdowns, Auckland, compared",
                        period + ", \"timezone\": \"Pacific/Auckland\", \"compare\": true",
                        BREAKDOWNS_MILLIS),
                analytics(
                        "overview, filtered",
                        period + ", \"breakdowns\": [], \"filters\": {\"device\": \"tablet\"}",
                        0),
                analytics(
                        "all breakdowns, filtered",
                        period + ", \"filters\": {\"channel\": \"email\", \"device\": \"tablet\"}",
                        0),
                analytics(
                        "overview, filtered by an event",
                        period + ", \"breakdowns\": [], \"filters\": {\"event\": \"purchase\"}",
                        0),
                analytics(
                        "goals and events",
                        period + ", \"breakdowns\": [\"goals\", \"event_types\", \"properties\"]",
                        0),
                other("visits", "get_sessions('bench', '{" + period + "}')"),
                other("realtime", "get_realtime('bench', 30)"),
                other("events", "get_events('bench', '{" + period + "}')"),
                other("items", "get_items('bench', '{" + period + "}')"),
                other(
                        "funnel",
                        "get_funnel('bench', '[{\"evt_type\": \"item_view\"},"
                                + " {\"evt_type\": \"add_to_cart\"}, {\"evt_type\": \"purchase\"}]',"
                                + " '{"
                                + period
                                + "}')"),
                other("retention", "get_retention('bench', '{" + period + "}')"));
    }

    private static ApiQuestion analytics(String name, String options, int promisedMillis) {
        String call = "api.get_session_analytics('bench', '{" + options + "}')";
        return new ApiQuestion(name, call, promisedMillis);
    }

    private static ApiQuestion other(String name, String call) {
        return new ApiQuestion(name, "api." + call, 0);
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
