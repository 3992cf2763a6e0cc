package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.TestEvents;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Ways through a funnel, many events of one instant among them, against trying all of them. */
@ExtendWith(PostgresExtension.class)
class FunnelProperties {

    private static final int TENANTS = 60;
    private static final int VISITORS = 3;

    /** The last one is no limit at all. */
    private static final int[] MINUTES = {2, 100, 100_000};

    private static final String SITE = "https://shop.example/";

    private record Visit(String type, String page, Instant at) {}

    private record Step(String type, String page) {

        boolean fits(Visit visit) {
            return type == null ? visit.page().startsWith(SITE + page) : type.equals(visit.type());
        }

        String json() {
            return type == null
                    ? "{\"page_url\": \"" + SITE + page + "*\"}"
                    : "{\"evt_type\": \"" + type + "\"}";
        }
    }

    @Test
    void anEventIsOneStepAndThoseOfOneInstantComeInAnyOrder(TestPostgres postgres)
            throws Exception {
        TestDatabase database = postgres.vault();
        List<EnrichedEvent> events = new ArrayList<>();
        List<List<List<Visit>>> visits = new ArrayList<>();
        List<String> tenants = new ArrayList<>();
        for (int tenant = 0; tenant < TENANTS; tenant++) {
            tenants.add("funnel-" + tenant);
            visits.add(visits("funnel-" + tenant, new Random(tenant), events));
        }
        VaultRows.register(database, tenants.toArray(String[]::new));
        LoadedSessions.load(database, events);

        int most = 0;
        for (int tenant = 0; tenant < TENANTS; tenant++) {
            ManyEvents.are(database, tenant % 2 == 1);
            Random random = new Random(-tenant);
            List<Step> steps = steps(random);
            int minutes = MINUTES[random.nextInt(MINUTES.length)];
            int[] expected = new int[steps.size()];
            for (List<Visit> own : visits.get(tenant)) {
                for (int step = 0; step < steps.size(); step++) {
                    boolean reaches =
                            reaches(own, steps.subList(0, step + 1), new ArrayList<>(), minutes);
                    expected[step] += reaches ? 1 : 0;
                }
            }
            JsonNode answer = ask(database, tenants.get(tenant), steps, minutes);
            assertThat(answer.path("steps"))
                    .as(tenants.get(tenant) + steps + visits.get(tenant))
                    .extracting(step -> step.path("visitors").asInt())
                    .containsExactly(box(expected));
            most = Math.max(most, expected[expected.length - 1] > 0 ? expected.length : 0);
        }
        assertThat(most).isGreaterThanOrEqualTo(4);
    }

    @Test
    void sessionsOfOneTimeAcrossMidnightOrVeryLongCountAsTheirEventsDo(TestPostgres postgres)
            throws Exception {
        TestDatabase database = postgres.vault();
        List<EnrichedEvent> events = new ArrayList<>();
        // One session has more events than an entry of an index holds.
        for (int second = 0; second < 650; second++) {
            events.add(event("long", "long", "type0", second));
        }
        events.add(event("long", "long", "type1", 700));
        events.add(event("long", "long-2", "type2", 7_200));
        // The last step lies in the other session, or before the one before it.
        events.add(event("side by side", "left", "type0", 0));
        events.add(event("side by side", "right", "type1", 600));
        events.add(event("side by side", "left", "type2", 1_200));
        events.add(event("crossed", "first", "type0", 0));
        events.add(event("crossed", "second", "type2", 600));
        events.add(event("crossed", "first", "type1", 1_200));
        // Of one instant, in either order.
        events.add(event("at once", "at once", "type1", 0));
        events.add(event("at once", "at once", "type0", 0));
        events.add(event("at once", "at once-2", "type2", 7_200));
        // From 23:55 to 00:15.
        events.add(event("night", "night", "type0", 50_100));
        events.add(event("night", "night", "type1", 50_700));
        events.add(event("night", "night", "type2", 51_300));
        VaultRows.register(database, "times");
        LoadedSessions.load(database, events);

        for (boolean many : List.of(false, true)) {
            ManyEvents.are(database, many);
            assertThat(reached(database, "2026-11-20", "2026-11-20")).containsExactly(5, 4, 3);
            assertThat(reached(database, "2026-11-21", "2026-11-21")).containsExactly(0, 0, 0);
            assertThat(reached(database, "2026-11-20", "2026-11-21")).containsExactly(5, 5, 4);
        }
    }

    private static EnrichedEvent event(String visitor, String session, String type, int second) {
        return TestEvents.event(session + type + second)
                .tenant("times")
                .type(type)
                .session(session)
                .visitor(visitor)
                .occurredAt(TestEvents.START.plusSeconds(second))
                .enriched();
    }

    private static List<Integer> reached(TestDatabase database, String from, String to)
            throws Exception {
        JsonNode answer =
                ApiAnswers.data(
                        database,
                        "api.get_funnel(?, ?::jsonb, ?::jsonb)",
                        "times",
                        "[{\"evt_type\": \"type0\"}, {\"evt_type\": \"type1\"}, {\"evt_type\": \"type2\"}]",
                        "{\"from\": \"" + from + "\", \"to\": \"" + to + "\"}");
        List<Integer> visitors = new ArrayList<>();
        answer.path("steps").forEach(step -> visitors.add(step.path("visitors").asInt()));
        return visitors;
    }

    private static JsonNode ask(TestDatabase database, String tenant, List<Step> steps, int minutes)
            throws Exception {
        StringJoiner json = new StringJoiner(", ", "[", "]");
        steps.forEach(step -> json.add(step.json()));
        return ApiAnswers.data(
                database,
                "api.get_funnel(?, ?::jsonb, ?::jsonb)",
                tenant,
                json.toString(),
                "{\"from\": \"2026-11-20\", \"to\": \"2026-11-20\""
                        + (minutes < 100_000 ? ", \"window_minutes\": " + minutes : "")
                        + "}");
    }

    private static Integer[] box(int[] numbers) {
        Integer[] boxed = new Integer[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            boxed[i] = numbers[i];
        }
        return boxed;
    }

    private static List<List<Visit>> visits(
            String tenant, Random random, List<EnrichedEvent> events) {
        List<List<Visit>> visitors = new ArrayList<>();
        for (int visitor = 0; visitor < VISITORS; visitor++) {
            List<Visit> own = new ArrayList<>();
            for (int i = random.nextInt(8); i > 0; i--) {
                Visit visit =
                        new Visit(
                                "type" + random.nextInt(3),
                                SITE + (random.nextBoolean() ? "a" : "a/b"),
                                TestEvents.START.plusSeconds(
                                        random.nextInt(3) * 90L + random.nextInt(2) * 7_200L));
                own.add(visit);
                events.add(
                        TestEvents.event(visitor + "-" + i)
                                .tenant(tenant)
                                .type(visit.type())
                                .session("s" + visitor)
                                .visitor("vis_" + visitor)
                                .url(visit.page())
                                .occurredAt(visit.at())
                                .enriched());
            }
            visitors.add(own);
        }
        return visitors;
    }

    private static List<Step> steps(Random random) {
        List<Step> steps = new ArrayList<>();
        boolean typesAlone = random.nextBoolean();
        for (int i = 2 + random.nextInt(4); i > 0; i--) {
            steps.add(
                    typesAlone || random.nextBoolean()
                            ? new Step("type" + random.nextInt(3), null)
                            : new Step(null, random.nextBoolean() ? "a" : "a/b"));
        }
        return steps;
    }

    /**
     * @param taken places of the events that are steps already
     */
    private static boolean reaches(
            List<Visit> visits, List<Step> steps, List<Integer> taken, int minutes) {
        if (taken.size() == steps.size()) {
            return true;
        }
        Set<Integer> used = new HashSet<>(taken);
        for (int i = 0; i < visits.size(); i++) {
            Visit visit = visits.get(i);
            Instant first = taken.isEmpty() ? visit.at() : visits.get(taken.get(0)).at();
            Instant last = taken.isEmpty() ? first : visits.get(taken.get(taken.size() - 1)).at();
            boolean inTime =
                    !visit.at().isBefore(last)
                            && !visit.at().isAfter(first.plusSeconds(minutes * 60L));
            if (inTime && !used.contains(i) && steps.get(taken.size()).fits(visit)) {
                List<Integer> more = new ArrayList<>(taken);
                more.add(i);
                if (reaches(visits, steps, more, minutes)) {
                    return true;
                }
            }
        }
        return false;
    }
}
