package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.job.session.SelectedEvents;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.session.Publications;
import io.onevault.tracking.session.SessionKeys;
import io.onevault.tracking.session.SessionPublisher;
import io.onevault.tracking.session.Sessionizer;
import io.onevault.tracking.state.PublishedSession;
import io.onevault.tracking.state.SessionEvent;
import io.onevault.tracking.vault.EventLoader;
import io.onevault.tracking.vault.Loader;
import io.onevault.tracking.vault.TestEvents;
import java.sql.Connection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Page views told again and again, by people and robots, in sessions that late events and campaigns
 * cut anew: after each portion pages have as many views as sessions, with filters and without, and
 * as fast ones as the last event of each view told.
 */
@ExtendWith(PostgresExtension.class)
class PageViewProperties {

    private static final int EVENTS = 120;
    private static final int PORTIONS = 4;
    private static final String DAYS = "\"from\": \"2026-11-19\", \"to\": \"2026-11-22\"";
    private static final List<String> QUESTIONS =
            List.of(
                    DAYS,
                    "\"from\": \"2026-11-19T00:00:01Z\", \"to\": \"2026-11-22T00:00:01Z\"",
                    DAYS + ", \"include_bots\": true",
                    DAYS + ", \"filters\": {\"event\": \"click\"}");

    private final Map<String, List<SessionEvent>> arrived = new HashMap<>();
    private final Map<String, Map<String, PublishedSession>> published = new HashMap<>();

    @RepeatedTest(3)
    void pagesHaveAsManyViewsAsSessions(RepetitionInfo repetition, TestPostgres postgres)
            throws Exception {
        Random random = new Random(repetition.getCurrentRepetition());
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "acme");
        List<EnrichedEvent> events = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            Instant appendedAt = TestEvents.START.plusSeconds(200_000 + i);
            // No two of one instant, of which it is not told in which of two sessions they are.
            Instant occurredAt = TestEvents.START.plusSeconds(random.nextInt(30) * 300 + i);
            events.add(
                    event("e" + i, random)
                            .occurredAt(occurredAt)
                            .appendedAt(appendedAt)
                            .enriched());
        }

        int measured = 0;
        for (int portion = 0; portion < PORTIONS; portion++) {
            int size = EVENTS / PORTIONS;
            load(database, events.subList(portion * size, portion * size + size), random);

            VaultRows.assertChecks(
                    database, "page_views_told_once", "rollups_add_up", "session_event_count");
            for (String question : QUESTIONS) {
                assertSame(database, question);
            }
            var facts = VaultFacts.of(database, "acme");
            var period = new AnalyticsQuestions(database, facts, TestEvents.START, 1, random);
            measured += new VitalQuestions(database, facts, random).ask(period.period());
        }
        assertThat(measured).isPositive();
        assertThat(database.number("SELECT count(*) FROM business.site_repeat_b WHERE is_bot"))
                .isPositive();
        List<String> rows = rows(database);
        database.execute("CALL business.site_rebuild_sessions()");
        assertThat(rows(database)).isEqualTo(rows);
    }

    private static TestEvents event(String id, Random random) {
        String campaign = random.nextInt(8) == 0 ? "?utm_source=s" + random.nextInt(2) : "";
        TestEvents event =
                TestEvents.event(id)
                        .session("s" + random.nextInt(4))
                        .type(type(random.nextInt(9)))
                        .properties("{\"lcp\":" + random.nextInt(9_000) + "}")
                        .url("https://a.example/" + random.nextInt(3) + campaign)
                        .pageViewId(random.nextInt(4) == 0 ? null : "view-" + random.nextInt(5));
        return random.nextInt(3) == 0 ? event.bot() : event;
    }

    private static String type(int drawn) {
        return switch (drawn) {
            case 0 -> "click";
            case 1, 2, 3 -> EventType.WEB_VITALS;
            default -> EventType.PAGE_VIEW;
        };
    }

    /** As the job does at a watermark somewhere in between. */
    private void load(TestDatabase database, List<EnrichedEvent> events, Random random)
            throws Exception {
        try (Connection connection = database.connect()) {
            assertThat(new EventLoader("test").load(connection, events)).isEmpty();
            for (EnrichedEvent event : events) {
                SessionEvent selected = SelectedEvents.of(event);
                String key = SessionKeys.operatorKey(selected, selected.sessionId());
                arrived.computeIfAbsent(key, k -> new ArrayList<>()).add(selected);
            }
            long watermark = TestEvents.START.plusSeconds(random.nextInt(60) * 300).toEpochMilli();
            for (String key : arrived.keySet()) {
                var before = published.getOrDefault(key, Map.of());
                var publication =
                        SessionPublisher.publish(
                                Sessionizer.sessionize(arrived.get(key)), before, watermark, 0);
                Loader.ofSessions("test").load(connection, publication.updates());
                published.put(key, Publications.after(before, publication));
            }
        }
    }

    private static void assertSame(TestDatabase database, String question) throws Exception {
        JsonNode answer =
                ApiAnswers.data(
                        database,
                        "api.get_session_analytics(?, ?::jsonb)",
                        "acme",
                        "{" + question + ", \"breakdowns\": [\"top_pages\"]}");
        long views = 0;
        for (JsonNode page : answer.path("top_pages")) {
            views += page.path("pageviews").asLong();
        }
        assertThat(views).as(question).isEqualTo(answer.path("pageviews").asLong());
    }

    private static List<String> rows(TestDatabase database) throws Exception {
        List<String> rows =
                database.texts("SELECT t::text FROM business.site_repeat_b t ORDER BY 1");
        rows.addAll(
                database.texts(
                        "SELECT concat_ws(' ', bucket_start, value_key, page_views, events)"
                                + " FROM business.site_rollup_b"
                                + " WHERE dimension IN ('top_pages', 'vitals')"
                                + " AND page_views + events <> 0 ORDER BY 1"));
        return rows;
    }
}
