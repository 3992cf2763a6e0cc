package io.onevault.tracking.bench.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What answers took, beside what they may take. */
final class ApiGoals {

    private static final String ROW = "%-36s %10s %10s %10s  %s%n";

    private final List<Row> rows = new ArrayList<>();

    /** Of a figure the median, the least and the greatest, and its goal. */
    private record Row(String name, double median, double least, double most, double goal) {

        boolean isKept() {
            return median <= goal;
        }
    }

    /**
     * Takes the times of a question.
     *
     * @param ascending milliseconds
     */
    void add(String name, List<Double> ascending, double goal) {
        double median = ascending.get(ascending.size() / 2);
        double most = ascending.get(ascending.size() - 1);
        rows.add(new Row(name, median, ascending.get(0), most, goal));
    }

    void add(String name, double figure, double goal) {
        rows.add(new Row(name, figure, figure, figure, goal));
    }

    boolean areKept() {
        return rows.stream().allMatch(Row::isKept);
    }

    /** As members of a report. */
    Map<String, Object> answers() {
        Map<String, Object> answers = new LinkedHashMap<>();
        for (Row row : rows) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("median", rounded(row.median()));
            answer.put("least", rounded(row.least()));
            answer.put("most", rounded(row.most()));
            if (Double.isFinite(row.goal())) {
                answer.put("goal", rounded(row.goal()));
            }
            answers.put(row.name(), answer);
        }
        return answers;
    }

    /** A question a line. */
    String toTable() {
        StringBuilder table =
                new StringBuilder(
                        String.format(ROW, "milliseconds", "median", "least", "goal", ""));
        for (Row row : rows) {
            boolean hasGoal = Double.isFinite(row.goal());
            table.append(
                    String.format(
                            ROW,
                            row.name(),
                            rounded(row.median()),
                            rounded(row.least()),
                            hasGoal ? rounded(row.goal()) : "",
                            row.isKept() ? "" : "missed"));
        }
        return table.toString();
    }

    private static double rounded(double millis) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.1f", millis));
    }
}
