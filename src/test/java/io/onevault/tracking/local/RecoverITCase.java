package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.access.TestSecret;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.recover.RecoverRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Rejected events on their second way through the real job. */
@ExtendWith(PostgresExtension.class)
class RecoverITCase {

    @TempDir Path folder;

    @Test
    void eachOriginalIsRecoveredOnceAndCountedOnce(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "acme");
        VaultRows.refuse(database, "poison", "22003");
        try (JobRuns runs = new JobRuns(folder)) {
            JobRuns.Input input =
                    runs.topic(
                            List.of(
                                    event("acme", "page_view", "\"page_title\":\"good\""),
                                    event("newcomer", "page_view", "\"page_title\":\"a\""),
                                    event("newcomer", "page_view", "\"page_title\":\"b\""),
                                    event("acme", "poison", "\"page_title\":\"c\""),
                                    event("acme", "page_view", "\"page_title\":{\"d\":1}"),
                                    event("nobody", "page_view", "\"page_title\":\"e\"")),
                            2,
                            1);
            runs.run("recover", input, database, Map.of());
            assertThat(VaultRows.ledger(database))
                    .containsEntry("ACCEPTED", 1L)
                    .containsEntry("REJECTED UNKNOWN_TENANT", 3L)
                    .containsEntry("REJECTED DATABASE_REFUSED", 1L)
                    .containsEntry("REJECTED WRONG_TYPE", 1L);

            VaultRows.register(database, "newcomer");
            database.execute("DROP TRIGGER refuse_poison ON business.site_event_details_s");
            assertThat(recover(runs, "--tenant", "newcomer", "--dry-run")).startsWith("2 events");
            assertThat(recover(runs, "--tenant", "newcomer")).startsWith("2 events");
            assertThat(recover(runs, "--tenant", "newcomer"))
                    .startsWith("0 events, 2 left out as recovered before");
            assertThat(recover(runs, "--reason", "DATABASE_REFUSED")).startsWith("1 events");
            assertThat(recoverEdited(runs)).startsWith("1 events");
            assertThat(recoverEdited(runs)).startsWith("0 events, 1 left out");
            runs.run("recover", input, database, Map.of());
        }

        assertThat(VaultRows.ledger(database))
                .isEqualTo(
                        Map.of(
                                "RECEIVED", 6L,
                                "RECEIVED RECOVERED", 4L,
                                "ACCEPTED", 5L,
                                "REJECTED UNKNOWN_TENANT", 3L,
                                "REJECTED DATABASE_REFUSED", 1L,
                                "REJECTED WRONG_TYPE", 1L));
        assertThat(
                        database.texts(
                                "SELECT payload ->> 'page_title' || ' ' || coalesce("
                                        + "status_detail, '') FROM raw.site_tracking_events_r"
                                        + " WHERE processing_status <> 'ERROR' ORDER BY 1"))
                .satisfiesExactly(
                        row -> assertThat(row).startsWith("a recovered from events-1/"),
                        row -> assertThat(row).startsWith("b recovered from events-1/"),
                        row -> assertThat(row).startsWith("c recovered from events-1/"),
                        row -> assertThat(row).startsWith("edited recovered from events-1/"),
                        row -> assertThat(row).isEqualTo("good "));
        assertThat(database.number("SELECT count(*) FROM business.site_visitor_h")).isEqualTo(2);
        VaultRows.assertSound(database);
    }

    private static byte[] event(String tenant, String type, String member) {
        return JobRuns.utf8(
                """
                {"tenantId":"%s","evt_type":"%s","session_id":"s1","visitor_id":"v1",%s}"""
                        .formatted(tenant, type, member));
    }

    private String recover(JobRuns runs, String... which) throws Exception {
        Path config = folder.resolve("job.properties");
        Files.writeString(config, "privacy.secret=" + TestSecret.reference(JobRuns.SECRET));
        List<String> arguments = new ArrayList<>(List.of(which));
        arguments.addAll(List.of("--bootstrap-servers", runs.bootstrapServers()));
        arguments.addAll(List.of("--config", config.toString()));
        arguments.addAll(List.of("--rejected-topic", JobRuns.REJECTED_TOPIC));
        RecoverRun run = RecoverRun.of(arguments.toArray(String[]::new));
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        return run.out();
    }

    private String recoverEdited(JobRuns runs) throws Exception {
        Path file = folder.resolve("events.jsonl");
        if (!Files.exists(file)) {
            recover(runs, "--reason", "WRONG_TYPE", "--export", file.toString());
            String lines = Files.readString(file);
            Files.writeString(file, lines.replace("{\"d\":1}", "\"edited\""));
        }
        return recover(runs, "--input", file.toString());
    }
}
