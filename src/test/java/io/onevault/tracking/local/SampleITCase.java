package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.tool.SampleTraffic;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The bundled sample through the real job, in different ways that must not matter. */
@ExtendWith(PostgresExtension.class)
class SampleITCase {

    /** One more than the sink tries, so that the job has to restart. */
    private static final int REFUSALS = 1 + 3;

    private static final String[] TENANTS = {"acme-shop", "nimbus-saas", "daily-lantern"};

    @TempDir static Path folder;
    private static JobRuns runs;
    private static List<byte[]> sample;

    @BeforeAll
    static void start() throws Exception {
        runs = new JobRuns(folder);
        sample = SampleTraffic.lines().stream().map(JobRuns::utf8).toList();
    }

    @AfterAll
    static void stop() throws Exception {
        runs.close();
    }

    private static TestDatabase vault(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, TENANTS);
        return database;
    }

    @Test
    void fillsEveryTableAndKeepsEveryInvariant(TestPostgres postgres) throws Exception {
        TestDatabase database = vault(postgres);

        runs.run("sound", runs.topic(sample), database, Map.of());

        VaultRows.assertSound(database);
        VaultRows.rows(database, VaultRows.ALL)
                .forEach((table, rows) -> assertThat(rows).as(table).isNotEmpty());
        assertThat(VaultRows.ledger(database))
                .containsEntry("RECEIVED", (long) sample.size())
                .containsKeys("ACCEPTED", "DUPLICATE", "LATE", "REJECTED UNKNOWN_TENANT");
    }

    @Test
    void aSecondPlayAddsNothingAndIsCountedAsDuplicate(TestPostgres postgres) throws Exception {
        TestDatabase database = vault(postgres);
        var input = runs.topic(sample);
        runs.run("twice", input, database, Map.of());
        var first = VaultRows.rows(database, VaultRows.HUBS_LINKS_SATELLITES);
        var ledger = VaultRows.ledger(database);

        runs.append(input, sample);
        runs.run("twice", input, database, Map.of());

        assertThat(VaultRows.rows(database, VaultRows.HUBS_LINKS_SATELLITES)).isEqualTo(first);
        var both = VaultRows.ledger(database);
        assertThat(both.get("RECEIVED")).isEqualTo(2L * sample.size());
        assertThat(both.get("ACCEPTED")).isEqualTo(ledger.get("ACCEPTED"));
        assertThat(both.get("LATE")).isEqualTo(ledger.get("LATE"));
        assertThat(both.get("DUPLICATE"))
                .isEqualTo(2 * ledger.get("DUPLICATE") + ledger.get("ACCEPTED"));
        VaultRows.assertSound(database);
    }

    @Test
    void partitionsAndParallelismDoNotMatter(TestPostgres postgres) throws Exception {
        TestDatabase narrow = vault(postgres);
        TestDatabase wide = vault(postgres);

        runs.run("narrow", runs.topic(sample, 1, 1), narrow, Map.of());
        runs.run("wide", runs.topic(sample, 4, 2), wide, Map.of());

        assertThat(VaultRows.keys(wide)).isEqualTo(VaultRows.keys(narrow));
        assertThat(VaultRows.sessions(wide)).isEqualTo(VaultRows.sessions(narrow));
        VaultRows.assertSound(narrow);
        VaultRows.assertSound(wide);
    }

    @Test
    void aFailureAndARestartChangeNoRow(TestPostgres postgres) throws Exception {
        TestDatabase undisturbed = vault(postgres);
        TestDatabase disturbed = vault(postgres);
        failOnceAfter(disturbed, 1_500);
        var input = runs.topic(sample, 1, 1);
        // Only closed sessions: how often an open one is published is a matter of time.
        var settings = Map.of("session.early-firing", "1 h", "load.batch-size", "200");

        runs.run("undisturbed", input, undisturbed, settings);
        runs.run("disturbed", input, disturbed, settings);

        assertThat(disturbed.number("SELECT last_value FROM public.event_rows"))
                .as("rows tried: past the last refusal, so the sink had given up before")
                .isGreaterThan(1_500 + REFUSALS);
        VaultRows.rows(undisturbed, VaultRows.ALL)
                .forEach(
                        (table, rows) ->
                                assertThat(rowsOf(disturbed, table)).as(table).isEqualTo(rows));
        assertThat(VaultRows.ledger(disturbed)).isEqualTo(VaultRows.ledger(undisturbed));
        VaultRows.assertSound(disturbed);
    }

    private static List<String> rowsOf(TestDatabase database, String table) {
        try {
            return VaultRows.rows(database, List.of(table)).get(table);
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Lets the database refuse event rows for longer than the sink retries. */
    private static void failOnceAfter(TestDatabase database, int rows) throws Exception {
        database.execute(
                """
                CREATE SEQUENCE public.event_rows;
                CREATE FUNCTION public.refuse_some() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF nextval('public.event_rows') BETWEEN %d AND %d THEN
                        RAISE EXCEPTION 'refused by the test';
                    END IF;
                    RETURN NEW;
                END $$;
                CREATE TRIGGER refuse_some BEFORE INSERT ON business.site_event_h
                    FOR EACH ROW EXECUTE FUNCTION public.refuse_some()"""
                        .formatted(rows, rows + REFUSALS - 1));
    }
}
