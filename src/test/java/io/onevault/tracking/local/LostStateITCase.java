package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

/** The job begins anew: without state, from the beginning of the topic, on the vault as it is. */
@ExtendWith(PostgresExtension.class)
class LostStateITCase {

    private static final String[] TENANTS = SampleTraffic.tenants();
    private static final String LOADED = "SELECT count(*) FROM business.site_event_h";

    /** Each tenant has more pages, items and campaigns. */
    private static final String FEW_VALUES =
            """
            INSERT INTO auth.tenant_site_tracking_s
                   (tenant_hk, load_date, max_new_pages, max_new_items, max_new_campaign_values,
                    hash_diff, record_source)
            SELECT tenant_hk, now(), 5, 3, 1, util.hash_binary('-'), 'test'
              FROM auth.tenant_h""";

    private static final String OTHERS =
            """
            SELECT (SELECT count(*) FROM business.site_page_h WHERE page_bk = '(other)')
                 + (SELECT count(*) FROM business.business_item_h
                     WHERE business_item_bk = '(other)')""";

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

    /** What ends a run with all that it knows. */
    private static final class KilledException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static TestDatabase vault(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, TENANTS);
        return database;
    }

    @Test
    void aRunWithoutStateChangesNoRowAndCountsDuplicates(TestPostgres postgres) throws Exception {
        TestDatabase database = vault(postgres);
        database.execute(FEW_VALUES);
        var input = runs.topic(sample, 4, 2);
        runs.run("whole", input, database, Map.of());
        var rows = VaultRows.rows(database, VaultRows.BESIDE_SESSIONS);
        var fingerprint = VaultRows.fingerprint(database);
        var ledger = VaultRows.ledger(database);
        assertThat(database.number(OTHERS)).isEqualTo(2L * TENANTS.length);

        // Neither savepoint nor committed offsets are found under another name.
        runs.run("whole-anew", input, database, Map.of());

        VaultRows.assertSame(VaultRows.rows(database, VaultRows.BESIDE_SESSIONS), rows);
        // What of a session is published on the way is a matter of time.
        VaultRows.assertSame(VaultRows.fingerprint(database), fingerprint);
        var both = VaultRows.ledger(database);
        assertThat(both.get("RECEIVED")).isEqualTo(2L * sample.size());
        assertThat(both.get("ACCEPTED")).isEqualTo(ledger.get("ACCEPTED"));
        assertThat(both.get("LATE")).isEqualTo(ledger.get("LATE"));
        assertThat(both.get("DUPLICATE"))
                .isEqualTo(2 * ledger.get("DUPLICATE") + ledger.get("ACCEPTED"));
        VaultRows.assertSound(database);
    }

    @Test
    void aRunThatIsLostOnItsWayIsMadeUpForByTheNext(TestPostgres postgres) throws Exception {
        TestDatabase undisturbed = vault(postgres);
        TestDatabase disturbed = vault(postgres);
        var input = runs.topic(sample);
        var settings = Map.of("load.batch-size", "50");
        runs.run("undisturbed", input, undisturbed, settings);
        assertThatThrownBy(() -> runs.run("lost", input, disturbed, settings, lose(disturbed)))
                .isInstanceOf(KilledException.class);
        assertThat(disturbed.number(LOADED)).isLessThan(undisturbed.number(LOADED));

        runs.run("next", input, disturbed, settings);

        VaultRows.assertSame(VaultRows.fingerprint(disturbed), VaultRows.fingerprint(undisturbed));
        assertThat(VaultRows.ledger(disturbed).get("ACCEPTED"))
                .isEqualTo(VaultRows.ledger(undisturbed).get("ACCEPTED"));
        VaultRows.assertSound(disturbed);
    }

    private static JobRuns.While lose(TestDatabase database) {
        return job -> {
            JobRuns.await(() -> database.number(LOADED) > sample.size() / 4);
            throw new KilledException();
        };
    }
}
