package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.job.admit.ReusedIds;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Ids used again and again, on two partitions and two subtasks, with failures between steps. */
@ExtendWith(PostgresExtension.class)
class ReusedIdsITCase {

    private static final int TENANTS = 150;

    /**
     * Rows at which the database refuses for longer than the sink tries: the job has to restart.
     */
    private static final int[] FAILURES = {700, 1_800, 2_900};

    private static final int REFUSALS = 5;

    private static final Map<String, String> SETTINGS = Map.of("load.batch-size", "100");
    private static final String LOADED = "SELECT count(*) FROM business.site_event_h";

    /** The others tell what came first, which is a matter of how partitions were read. */
    private static final List<String> TABLES =
            List.of(
                    "raw.site_tracking_events_r",
                    "staging.site_tracking_events_s",
                    "business.site_event_h",
                    "business.site_event_details_s",
                    "business.event_page_l",
                    "business.event_business_item_l");

    @TempDir Path folder;

    @Test
    void failuresChangeNoRow(TestPostgres postgres) throws Exception {
        String[] tenants = tenants();
        ReusedIds reused = new ReusedIds(List.of(tenants), new Random(7), false);
        TestDatabase undisturbed = vault(postgres, tenants);
        TestDatabase disturbed = vault(postgres, tenants);
        refuseSome(disturbed);

        try (JobRuns runs = new JobRuns(folder)) {
            JobRuns.Input input = topic(runs, reused);
            runs.run("undisturbed", input, undisturbed, SETTINGS);
            runs.run("disturbed", input, disturbed, SETTINGS);
        }

        assertAllFailuresHappened(disturbed);
        assertThat(disturbed.number(LOADED)).isEqualTo(reused.events());
        VaultRows.assertSame(
                VaultRows.rows(disturbed, TABLES), VaultRows.rows(undisturbed, TABLES));
        VaultRows.assertSame("keys", VaultRows.keys(disturbed), VaultRows.keys(undisturbed));
        VaultRows.assertSame(
                "sessions", VaultRows.sessions(disturbed), VaultRows.sessions(undisturbed));
        assertThat(VaultRows.ledger(disturbed)).isEqualTo(VaultRows.ledger(undisturbed));
        VaultRows.assertSound(undisturbed);
        VaultRows.assertSound(disturbed);
    }

    /** Which delivery tells the time is a matter of how partitions were read. */
    @Test
    void anEventIsThereOnceWhateverTimesItsDeliveriesTell(TestPostgres postgres) throws Exception {
        String[] tenants = tenants();
        ReusedIds reused = new ReusedIds(List.of(tenants), new Random(7), true);
        TestDatabase disturbed = vault(postgres, tenants);
        refuseSome(disturbed);

        try (JobRuns runs = new JobRuns(folder)) {
            runs.run("disturbed", topic(runs, reused), disturbed, SETTINGS);
        }

        assertAllFailuresHappened(disturbed);
        assertThat(disturbed.number(LOADED)).isEqualTo(reused.events());
        VaultRows.assertSound(disturbed);
    }

    private static String[] tenants() {
        return IntStream.range(0, TENANTS).mapToObj(i -> "tenant" + i).toArray(String[]::new);
    }

    private static TestDatabase vault(TestPostgres postgres, String... tenants) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, tenants);
        return database;
    }

    private static JobRuns.Input topic(JobRuns runs, ReusedIds reused) throws Exception {
        JobRuns.Input input = runs.topic(List.of(), 2, 2);
        try (TrackerProducer producer =
                new TrackerProducer(runs.bootstrapServers(), input.topic())) {
            for (ReusedIds.Sent sent : reused.lines()) {
                producer.send(sent.line(), key(sent.partition()));
            }
            producer.flush();
        }
        return input;
    }

    /** A record key that leads to the partition. */
    private static byte[] key(int partition) {
        byte[] key = {0};
        while (TrackerProducer.partition(key, key, 2) != partition) {
            key[0]++;
        }
        return key;
    }

    private static void assertAllFailuresHappened(TestDatabase disturbed) throws Exception {
        assertThat(disturbed.number("SELECT last_value FROM public.tried_rows"))
                .as("all failures happened")
                .isGreaterThan(FAILURES[FAILURES.length - 1] + REFUSALS);
    }

    private static void refuseSome(TestDatabase database) throws Exception {
        StringBuilder refused = new StringBuilder("false");
        for (int first : FAILURES) {
            int last = first + REFUSALS - 1;
            refused.append(" OR tried BETWEEN ").append(first).append(" AND ").append(last);
        }
        database.execute(
                """
                CREATE SEQUENCE public.tried_rows;
                CREATE FUNCTION public.refuse_some() RETURNS trigger LANGUAGE plpgsql AS $$
                DECLARE
                    tried CONSTANT bigint := nextval('public.tried_rows');
                BEGIN
                    IF $refused THEN
                        RAISE EXCEPTION 'refused by the test';
                    END IF;
                    RETURN NEW;
                END $$;
                CREATE TRIGGER refuse_some BEFORE INSERT ON business.site_event_h
                    FOR EACH ROW EXECUTE FUNCTION public.refuse_some()"""
                        .replace("$refused", refused));
    }
}
