package io.onevault.tracking.local;

import io.onevault.tracking.access.TestSecret;
import io.onevault.tracking.migrate.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Page views of many visits with silences around the gaps of sessions, in order of their times, and
 * the sessions that they make, counted by brute force. They come in parts, between which everybody
 * is silent for longer than any gap.
 */
final class Visits {

    private static final Instant FROM = Instant.parse("2026-11-20T06:00:00Z");
    private static final int[] SILENCES_MINUTES = {1, 4, 12, 19, 20, 21, 24, 29, 30, 31, 44};
    private static final long SEED = 18;
    private static final SessionNames NAMES =
            new SessionNames(TestSecret.reference(JobRuns.SECRET));

    private static final String SESSIONS =
            """
            SELECT concat_ws(' ', t.tenant_bk, s.client_session_id,
                       to_char(s.session_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                       to_char(s.session_end AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                       s.total_events)
              FROM $layer.site_session_details_current_v s
              JOIN auth.tenant_h t USING (tenant_hk)""";

    /** A page view. */
    private record View(String tenant, String client, Instant at, int number) {

        byte[] line() {
            NAMES.note(tenant, client);
            return JobRuns.utf8(
                    """
                    {"tenantId":"%s","evt_type":"page_view","event_id":"e%d","session_id":"%s",\
                    "visitor_id":"v-%s","page_url":"https://a.example/p%d","event_timestamp":"%s"}"""
                            .formatted(tenant, number, client, client, number % 7, at));
        }
    }

    private final List<View> all = new ArrayList<>();

    private final List<Integer> ends = new ArrayList<>();

    Visits(List<String> tenants, int parts, int clients, int viewsEach) {
        Random random = new Random(SEED);
        Instant from = FROM;
        for (int part = 0; part < parts; part++) {
            List<View> views = new ArrayList<>();
            for (int client = 0; client < clients; client++) {
                String tenant = tenants.get(client % tenants.size());
                Instant at = from.plusSeconds(random.nextInt(3_600));
                for (int i = 0; i < viewsEach; i++) {
                    int number = all.size() + views.size();
                    views.add(new View(tenant, "c" + client, at, number));
                    int silence = SILENCES_MINUTES[random.nextInt(SILENCES_MINUTES.length)];
                    at = at.plus(Duration.ofMinutes(silence));
                }
            }
            views.sort(Comparator.comparing(View::at).thenComparing(View::number));
            all.addAll(views);
            ends.add(all.size());
            from = views.get(views.size() - 1).at().plus(Duration.ofHours(1));
        }
    }

    /** How many views the parts before this one have. */
    int before(int part) {
        return part == 0 ? 0 : ends.get(part - 1);
    }

    /** Some of them, as records. */
    List<byte[]> lines(int from, int to) {
        return all.subList(from, to).stream().map(View::line).toList();
    }

    /** Of a client of its own, as many beside the last of the first so many. */
    List<byte[]> beside(int count, int views, String tenant, String client) {
        return all.subList(count - views, count).stream()
                .map(view -> new View(tenant, client, view.at(), -view.number()))
                .map(View::line)
                .toList();
    }

    /** The sessions of the first so many views: tenant, client, start, end and views. */
    List<String> sessions(int count, Duration gap) {
        Map<String, List<Instant>> times = new TreeMap<>();
        for (View view : all.subList(0, count)) {
            times.computeIfAbsent(view.tenant + ' ' + view.client, key -> new ArrayList<>())
                    .add(view.at);
        }
        List<String> sessions = new ArrayList<>();
        times.forEach(
                (key, at) -> {
                    int first = 0;
                    for (int i = 1; i <= at.size(); i++) {
                        if (i == at.size() || at.get(i).isAfter(at.get(i - 1).plus(gap))) {
                            Instant end = at.get(i - 1);
                            sessions.add(
                                    "%s %s %s %d".formatted(key, at.get(first), end, i - first));
                            first = i;
                        }
                    }
                });
        sessions.sort(Comparator.naturalOrder());
        return sessions;
    }

    /** Of a session that is told so: what its key ends in. */
    static String startMillis(String session) {
        return Long.toString(Instant.parse(session.split(" ")[2]).toEpochMilli());
    }

    /** What tells of sessions, with what their clients call them. */
    static String named(String text) {
        return NAMES.named(text);
    }

    /** The current sessions of a database, told alike. */
    static List<String> stored(TestDatabase database, String layer) throws SQLException {
        List<String> stored = database.texts(SESSIONS.replace("$layer", layer));
        stored.replaceAll(NAMES::named);
        stored.sort(Comparator.naturalOrder());
        return stored;
    }
}
