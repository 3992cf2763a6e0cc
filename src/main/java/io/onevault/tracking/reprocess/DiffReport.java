package io.onevault.tracking.reprocess;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map.Entry;

/** What a diff tells, for people. */
final class DiffReport {

    private DiffReport() {}

    static String of(JsonNode diff) {
        StringBuilder report = new StringBuilder();
        add(report, "sessions", diff.path("sessions"));
        add(report, "reasons", diff.path("reasons"));
        add(report, "left to production", diff.path("left"));
        add(report, "fields", diff.path("fields"));
        for (JsonNode day : diff.path("events")) {
            if (day.path("production").asLong() != day.path("shadow").asLong()) {
                report.append(
                        String.format(
                                Locale.ROOT,
                                "events of %s on %s: %,d in production, %,d in the shadow%n",
                                day.path("tenant").asText(),
                                day.path("day").asText(),
                                day.path("production").asLong(),
                                day.path("shadow").asLong()));
            }
        }
        for (JsonNode example : diff.path("examples")) {
            report.append(
                    "%s (%s): %s %s %s%n"
                            .formatted(
                                    example.path("verdict").asText(),
                                    example.path("reason").asText(),
                                    example.path("tenant").asText(),
                                    example.path("session").asText(),
                                    example.path("changes").toString()));
        }
        return report.append(diff.path("equal").asBoolean() ? "equal" : "different").toString();
    }

    private static void add(StringBuilder report, String name, JsonNode counts) {
        report.append(name).append(':');
        for (Entry<String, JsonNode> count : counts.properties()) {
            report.append(
                    String.format(
                            Locale.ROOT, " %s %,d", count.getKey(), count.getValue().asLong()));
        }
        report.append(System.lineSeparator());
    }
}
