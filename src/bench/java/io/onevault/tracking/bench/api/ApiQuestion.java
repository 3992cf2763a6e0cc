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
 * @param goals milliseconds that the median of warm answers may take over 5 million events, and
 *     over 50 million; empty without a goal
 */
record ApiQuestion(String name, String call, List<Integer> goals) {

    private static final double NANOS_PER_MILLI = 1_000_000;
    private static final double FEW = 5_000_000;
    private static final double MANY = 50_000_000;

    private static final String ELSEWHERE = ", \"timezone\": \"Pacific/Auckland\"";
    private static final String TABLETS = ", \"filters\": {\"device\": \"tablet\"}";
    private static final String PURCHASES = ", \"filters\": {\"event\": \"purchase\"}";
    private static final String OVERVIEW = ", \"breakdowns\": []";
    private static final List<Integer> NONE = List.of();

    /**
     * All that is asked.
     *
     * @param session key of one of the sessions
     */
    static List<ApiQuestion> all(int days, String session) {
        List<ApiQuestion> questions = new ArrayList<>();
        questions.addAll(analytics(days));
        questions.addAll(journeys(days));
        questions.addAll(others(days, session));
        return questions;
    }

    private static List<ApiQuestion> analytics(int days) {
        return List.of(
                analytics("overview", days, OVERVIEW, 25, 50),
                analytics("overview, Auckland", days, OVERVIEW + ELSEWHERE, 25, 50),
                analytics("all breakdowns", days, "", 200, 400),
                analytics(
                        "all breakdowns, Auckland, compared",
                        days,
                        ELSEWHERE + ", \"compare\": true",
                        200,
                        400),
                analytics("overview, filtered", days, OVERVIEW + TABLETS, 150, 1_000),
                analytics("overview, filtered by an event", days, OVERVIEW + PURCHASES, 150, 1_000),
                analytics("all breakdowns, filtered", days, TABLETS, 500, 3_000),
                analytics(
                        "all breakdowns, filtered by two",
                        days,
                        ", \"filters\": {\"channel\": \"email\", \"device\": \"tablet\"}",
                        500,
                        3_000),
                analytics(
                        "goals and events", days, ", \"breakdowns\": [\"goals\", \"event_types\"]"),
                analytics("properties", days, ", \"breakdowns\": [\"properties\"]"));
    }

    private static List<ApiQuestion> journeys(int days) {
        String before = ", \"of\": \"events\", \"before\": {\"evt_type\": \"purchase\"}";
        return List.of(
                funnel("funnel", days, "item_view", "add_to_cart", "purchase"),
                funnel(
                        "funnel of five steps",
                        days,
                        "page_view",
                        "page_ping",
                        "item_view",
                        "add_to_cart",
                        "purchase"),
                question(
                        "funnel of five steps, one rare",
                        "get_funnel('bench', '"
                                + steps("page_view", "scroll", "item_view", "click", "refund"),
                        days,
                        "",
                        150,
                        1_000),
                question("paths of pages", "get_paths('bench", days, "", 300, 2_000),
                question(
                        "paths of events to a purchase",
                        "get_paths('bench",
                        days,
                        before,
                        300,
                        2_000),
                question("attribution", "get_attribution('bench", days, "", 300, 2_000),
                question(
                        "journey",
                        "get_visitor_journey('bench",
                        days,
                        ", \"visitor\": \"vis_1\"",
                        300,
                        2_000));
    }

    private static List<ApiQuestion> others(int days, String session) {
        return List.of(
                question("items", "get_items('bench", days, "", 100, 200),
                question("items, Auckland", "get_items('bench", days, ELSEWHERE),
                question("items, filtered", "get_items('bench", days, TABLETS),
                question("retention", "get_retention('bench", days, "", 100, 200),
                question("retention, Auckland", "get_retention('bench", days, ELSEWHERE),
                question(
                        "events of a session",
                        "get_events('bench",
                        days,
                        ", \"filters\": {\"session\": \"" + session + "\"}",
                        10,
                        10),
                question("events", "get_events('bench", days, ""),
                question("visits", "get_sessions('bench", days, ""),
                new ApiQuestion("realtime", "api.get_realtime('bench', 30)", NONE));
    }

    private static ApiQuestion analytics(String name, int days, String options, Integer... goals) {
        return question(name, "get_session_analytics('bench", days, options, goals);
    }

    private static ApiQuestion funnel(String name, int days, String... types) {
        return question(name, "get_funnel('bench', '" + steps(types), days, "", 600, 4_000);
    }

    private static String steps(String... types) {
        StringJoiner steps = new StringJoiner(", ", "[", "]");
        for (String type : types) {
            steps.add("{\"evt_type\": \"" + type + "\"}");
        }
        return steps.toString();
    }

    /** Of what stands before the options, up to the last argument's end. */
    private static ApiQuestion question(
            String name, String function, int days, String options, Integer... goals) {
        String call = "api." + function + "', '{\"days\": " + days + options + "}')";
        return new ApiQuestion(name, call, List.of(goals));
    }

    /** What the median may take over so many events; infinite without a goal. */
    double goalMillis(long events) {
        if (goals.isEmpty()) {
            return Double.POSITIVE_INFINITY;
        }
        double share = Math.min(1, Math.max(0, (events - FEW) / (MANY - FEW)));
        return goals.get(0) + share * (goals.get(1) - goals.get(0));
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

    static double number(Connection connection, String query) throws SQLException {
        return Double.parseDouble(text(connection, query));
    }

    static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
