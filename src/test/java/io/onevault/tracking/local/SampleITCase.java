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

    /** More than the sink tries, and tries again when it is closed: the job has to restart. */
    private static final int REFUSALS = 10;

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

        VaultRows.assertSame(VaultRows.rows(database, VaultRows.HUBS_LINKS_SATELLITES), first);
        var both = VaultRows.ledger(database);
        assertThat(both.get("RECEIVED")).isEqualTo(2L * sample.size());
        assertThat(both.get("ACCEPTED")).isEqualTo(ledger.get("ACCEPTED"));
        assertThat(both.get("LATE")).isEqualTo(ledger.get("LATE"));
        assertThat(both.get("DUPLICATE"))
                .isEqualTo(2 * ledger.get("DUPLICATE") + ledger.get("ACCEPTED"));
        VaultRows.assertSound(database);
    }

    @Test
    void needsNoMoreThanTheLoadersRole(TestPostgres postgres) throws Exception {
        TestDatabase database = vault(postgres);
        database.execute("CREATE ROLE sample_loader LOGIN IN ROLE site_tracking_loader");
        String url = database.url().replace("user=postgres", "user=sample_loader");
        var settings =
                Map.of(
                        "database.url", url,
                        "database.user", "sample_loader",
                        "privacy.salts", "RANDOM");

        runs.run("as-loader", runs.topic(sample), database, settings);

        VaultRows.assertSound(database);
        assertThat(VaultRows.ledger(database)).containsEntry("RECEIVED", (long) sample.size());
        assertThat(database.texts("SELECT part FROM raw.site_tracking_heartbeat_r ORDER BY 1"))
                .containsExactly(
                        "load-descriptions",
                        "load-events",
                        "load-ledger",
                        "load-rejected",
                        "load-sessions");
    }

    @Test
    void partitionsAndParallelismDoNotMatter(TestPostgres postgres) throws Exception {
        TestDatabase narrow = vault(postgres);
        TestDatabase wide = vault(postgres);

        runs.run("narrow", runs.topic(sample, 1, 1), narrow, Map.of());
        runs.run("wide", runs.topic(sample, 4, 2), wide, Map.of());

        VaultRows.assertSame("keys", VaultRows.keys(wide), VaultRows.keys(narrow));
        VaultRows.assertSame("sessions", VaultRows.sessions(wide), VaultRows.sessions(narrow));
        VaultRows.assertSound(narrow);
        VaultRows.assertSound(wide);
    }

    @Test
    void aFailureAndARestartChangeNoRow(TestPostgres postgres) throws Exception {
        TestDatabase undisturbed = vault(postgres);
        TestDatabase disturbed = vault(postgres);
        refuse(disturbed, "business.site_event_h", 1_500);
        refuse(disturbed, "business.site_session_details_s", 100);
        var input = runs.topic(sample, 1, 1);
        // Sessions are published once, at the end: what of them is published on the way is a matter
        // of time.
        var settings =
                Map.of(
                        "session.early-firing", "1 h",
                        "watermark.out-of-orderness", "30 d",
                        "load.batch-size", "200");

        runs.run("undisturbed", input, undisturbed, settings);
        runs.run("disturbed", input, disturbed, settings);

        assertThat(tried(disturbed, "site_event_h")).isGreaterThan(1_500 + REFUSALS);
        assertThat(tried(disturbed, "site_session_details_s")).isGreaterThan(100 + REFUSALS);
        VaultRows.assertSame(
                VaultRows.rows(disturbed, VaultRows.ALL),
                VaultRows.rows(undisturbed, VaultRows.ALL));
        assertThat(VaultRows.ledger(disturbed)).isEqualTo(VaultRows.ledger(undisturbed));
        VaultRows.assertSound(disturbed);
    }

    /** Rows tried: past the last refusal, before which the sink gave up and the job restarted. */
    private static long tried(TestDatabase database, String table) throws Exception {
        return database.number("SELECT last_value FROM public." + table + "_rows");
    }

    /** Lets the database refuse rows of a table for longer than the sink tries. */
    private static void refuse(TestDatabase database, String table, int after) throws Exception {
        database.execute(
                """
                CREATE SEQUENCE public.$name_rows;
                CREATE FUNCTION public.refuse_$name() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF nextval('public.$name_rows') BETWEEN $first AND $last THEN
                        RAISE EXCEPTION 'refused by the test';
                    END IF;
                    RETURN NEW;
                END $$;
                CREATE TRIGGER refuse_some BEFORE INSERT ON $table
                    FOR EACH ROW EXECUTE FUNCTION public.refuse_$name()"""
                        .replace("$name", table.substring(table.indexOf('.') + 1))
                        .replace("$table", table)
                        .replace("$first", Integer.toString(after))
                        .replace("$last", Integer.toString(after + REFUSALS - 1)));
    }
}
