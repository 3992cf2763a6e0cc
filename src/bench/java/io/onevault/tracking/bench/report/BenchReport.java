package io.onevault.tracking.bench.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a benchmark found: JSON members in the order of reading, and whether the books balance. */
public final class BenchReport {

    static final String ERRORS = "errors";

    private static final String BALANCED = "balanced";
    private static final int INDENT = 2;
    private static final int LABEL_CHARS = 44;

    private final Map<String, Object> members = new LinkedHashMap<>();
    private final List<String> errors = new ArrayList<>();

    /** The report whose JSON was read. */
    public static BenchReport of(Map<String, Object> read) {
        BenchReport report = new BenchReport();
        report.members.putAll(read);
        if (read.get(ERRORS) instanceof List<?> found) {
            found.forEach(error -> report.errors.add(error.toString()));
        }
        return report;
    }

    public void put(String name, Object value) {
        members.put(name, value);
    }

    /** A figure at the end of a path of members; NaN where there is none. */
    public double number(String... path) {
        Object value = members;
        for (String name : path) {
            value = value instanceof Map<?, ?> nested ? nested.get(name) : null;
        }
        return value instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    Map<String, Object> members() {
        return members;
    }

    List<String> errors() {
        return errors;
    }

    boolean isChecked() {
        return members.containsKey(BALANCED);
    }

    public @Nullable Object member(String name) {
        return members.get(name);
    }

    /** What does not balance, besides what was found before. */
    public void addErrors(List<String> found) {
        errors.addAll(found);
        // Where everybody looks first: at the end.
        members.remove(BALANCED);
        members.remove(ERRORS);
        members.put(BALANCED, errors.isEmpty());
        members.put(ERRORS, errors);
    }

    /** Whether nothing was found that does not balance. */
    public boolean balanced() {
        return errors.isEmpty();
    }

    public String toJson() throws JsonProcessingException {
        return new ObjectMapper().writeValueAsString(members);
    }

    /** The same for people, a figure a line; without the reports of single runs. */
    public String toTable() {
        StringBuilder table = new StringBuilder();
        append(members, 0, table);
        return table.toString();
    }

    private static void append(Map<?, ?> values, int depth, StringBuilder table) {
        for (Map.Entry<?, ?> value : values.entrySet()) {
            String label = " ".repeat(depth * INDENT) + value.getKey();
            if (value.getValue() instanceof Map<?, ?> nested) {
                table.append(label).append(System.lineSeparator());
                append(nested, depth + 1, table);
            } else if (!isReports(value.getValue())) {
                String gap = " ".repeat(Math.max(1, LABEL_CHARS - label.length()));
                table.append(label).append(gap).append(text(value.getValue()));
                table.append(System.lineSeparator());
            }
        }
    }

    private static boolean isReports(Object value) {
        return value instanceof List<?> all && !all.isEmpty() && all.get(0) instanceof Map;
    }

    private static String text(Object value) {
        return value instanceof Collection<?> all && all.isEmpty() ? "none" : value.toString();
    }
}
