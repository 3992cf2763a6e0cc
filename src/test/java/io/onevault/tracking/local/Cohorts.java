package io.onevault.tracking.local;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.local.Recount.Question;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Retention counted by hand, visitor by visitor. */
final class Cohorts {

    private Cohorts() {}

    /** Of each interval those who first came in it, and those of them who came so many later. */
    static List<List<Integer>> of(VaultFacts facts, Question q) {
        List<Instant> starts = Recount.starts(q);
        int[][] counts = new int[starts.size()][starts.size()];
        Map<String, List<JsonNode>> byVisitor =
                facts.sessions.stream()
                        .filter(s -> !s.path("is_bot").asBoolean())
                        .sorted(Comparator.comparing(VaultFacts::at))
                        .collect(Collectors.groupingBy(s -> s.path("visitor_hk").asText()));
        for (List<JsonNode> own : byVisitor.values()) {
            JsonNode first = own.get(0);
            if (isWithin(first, q) && (q.filter() == null || q.filter().test(first))) {
                Set<Integer> came = new TreeSet<>();
                own.stream()
                        .filter(session -> isWithin(session, q))
                        .forEach(session -> came.add(interval(starts, VaultFacts.at(session))));
                int cohort = interval(starts, VaultFacts.at(first));
                came.forEach(number -> counts[cohort][number - cohort]++);
            }
        }
        return rows(counts);
    }

    private static List<List<Integer>> rows(int[][] counts) {
        List<List<Integer>> rows = new ArrayList<>();
        for (int cohort = 0; cohort < counts.length; cohort++) {
            List<Integer> returned = new ArrayList<>();
            for (int later = 0; later < counts.length - cohort; later++) {
                returned.add(counts[cohort][later]);
            }
            rows.add(returned);
        }
        return rows;
    }

    /** Of an answer. */
    static List<List<Integer>> told(JsonNode data) {
        List<List<Integer>> rows = new ArrayList<>();
        for (JsonNode cohort : data.path("cohorts")) {
            List<Integer> returned = new ArrayList<>();
            cohort.path("returned").forEach(number -> returned.add(number.asInt()));
            rows.add(returned);
        }
        return rows;
    }

    private static boolean isWithin(JsonNode session, Question q) {
        Instant at = VaultFacts.at(session);
        return !at.isBefore(q.from()) && at.isBefore(q.to());
    }

    private static int interval(List<Instant> starts, Instant at) {
        int found = 0;
        while (found + 1 < starts.size() && !at.isBefore(starts.get(found + 1))) {
            found++;
        }
        return found;
    }
}
