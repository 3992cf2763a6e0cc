package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A landing page whose request was on its way for half a minute, from a client with a right clock.
 */
@ExtendWith(PostgresExtension.class)
class StalledRequestITCase {

    private static final String FUNNEL =
            """
            api.get_funnel('bug-02', '[{"page_url": "https://app.example/welcome*"},
                {"page_url": "https://app.example/pricing"}, {"evt_type": "signup"}]',
                '{"from": "2026-11-11", "to": "2026-11-11"}')""";

    @Test
    void opensItsVisit(TestPostgres postgres, @TempDir Path folder) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "bug-02");
        try (JobRuns runs = new JobRuns(folder)) {
            JobRuns.Input input = runs.topic(Cases.lines("02-stalled-first-hit"), 2, 2);
            runs.run("stalled", input, database, Map.of());
        }

        assertThat(
                        database.texts(
                                """
                                SELECT concat_ws(' ', total_events,
                                           to_char(session_start AT TIME ZONE 'UTC', 'HH24:MI:SS'),
                                           to_char(session_end AT TIME ZONE 'UTC', 'HH24:MI:SS'),
                                           entry_page_url, exit_page_url, utm_source,
                                           utm_campaign, channel)
                                  FROM business.site_session_details_current_v"""))
                .containsExactly(
                        "3 12:00:00 12:00:20 https://app.example/welcome"
                                + " https://app.example/pricing instagram launch paid_social");
        assertThat(ApiAnswers.data(database, FUNNEL).path("steps"))
                .extracting(step -> step.path("visitors").asInt())
                .containsExactly(1, 1, 1);
        VaultRows.assertSound(database);
    }
}
