package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.sample.SampleTraffic;
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

    private static final String[] TENANTS = SampleTraffic.tenants();

    /** Partitions and subtasks of what the other runs are compared with. */
    private static final int PARTITIONS = 4;

    private static final int SUBTASKS = 2;

    @TempDir static Path folder;
    private static JobRuns runs;
    private static List<byte[]> sample;
    private static JobRuns.Input input;
    private static TestDatabase reference;

    @BeforeAll
    static void play(TestPostgres postgres) throws Exception {
        runs = new JobRuns(folder);
        sample = SampleTraffic.lines().stream().map(JobRuns::utf8).toList();
        input = runs.topic(sample, PARTITIONS, SUBTASKS);
        reference = vault(postgres);
        runs.run("reference", input, reference, Map.of());
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

    /** In which visitors without cookies are who they are in the reference. */
    private static TestDatabase vaultWithSalts(TestPostgres postgres) throws Exception {
        TestDatabase database = vault(postgres);
        VaultCopies.salts(reference, database);
        return database;
    }

    @Test
    void fillsEveryTableAndKeepsEveryInvariant() throws Exception {
        VaultRows.assertSound(reference);
        VaultRows.rows(reference, VaultRows.ALL)
                .forEach((table, rows) -> assertThat(rows).as(table).isNotEmpty());
        assertThat(VaultRows.ledger(reference))
                .containsEntry("RECEIVED", (long) sample.size())
                .containsKeys("ACCEPTED", "DUPLICATE", "LATE", "REJECTED UNKNOWN_TENANT");
    }

    @Test
    void aSecondPlayAddsNothingAndIsCountedAsDuplicate(TestPostgres postgres) throws Exception {
        TestDatabase database = vault(postgres);
        var topic = runs.topic(sample, PARTITIONS, SUBTASKS);
        runs.run("twice", topic, database, Map.of());
        var first = VaultRows.rows(database, VaultRows.HUBS_LINKS_SATELLITES);
        var ledger = VaultRows.ledger(database);

        runs.append(topic, sample);
        runs.run("twice", topic, database, Map.of());

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
        var settings = Map.of("database.url", url, "database.user", "sample_loader");

        runs.run("as-loader", input, database, settings);

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
        TestDatabase narrow = vaultWithSalts(postgres);

        runs.run("narrow", runs.topic(sample, 1, 1), narrow, Map.of());

        VaultRows.assertSame("keys", VaultRows.keys(narrow), VaultRows.keys(reference));
        VaultRows.assertSame("sessions", VaultRows.sessions(narrow), VaultRows.sessions(reference));
        VaultRows.assertSound(narrow);
    }

    @Test
    void aFailureAndARestartChangeNoRow(TestPostgres postgres) throws Exception {
        TestDatabase disturbed = vaultWithSalts(postgres);
        refuse(disturbed, "business.site_event_h", 1_500);
        refuse(disturbed, "business.site_session_details_s", 100);

        runs.run("disturbed", input, disturbed, Map.of());

        assertThat(tried(disturbed, "site_event_h")).isGreaterThan(1_500 + REFUSALS);
        assertThat(tried(disturbed, "site_session_details_s")).isGreaterThan(100 + REFUSALS);
        // Which versions a session had on the way is a matter of time.
        VaultRows.assertSame(VaultRows.fingerprint(disturbed), VaultRows.fingerprint(reference));
        assertThat(VaultRows.ledger(disturbed)).isEqualTo(VaultRows.ledger(reference));
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
                CREATE TRIGGER refuse_some BEFORE INSERT OR UPDATE ON $table
                    FOR EACH ROW EXECUTE FUNCTION public.refuse_$name()"""
                        .replace("$name", table.substring(table.indexOf('.') + 1))
                        .replace("$table", table)
                        .replace("$first", Integer.toString(after))
                        .replace("$last", Integer.toString(after + REFUSALS - 1)));
    }
}
