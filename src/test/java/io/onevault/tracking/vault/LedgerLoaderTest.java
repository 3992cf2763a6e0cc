package io.onevault.tracking.vault;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import io.onevault.tracking.event.LedgerTotals;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class LedgerLoaderTest {

    private static final long DAY = 20_777;
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
    private static final String ACME = TestEvents.tenantHk("acme");
    private static final LedgerEntry NONE = LedgerEntry.noneWithoutTenant(DAY);
    private static final String RUN = "run";

    private LoadedVault vault;

    @BeforeEach
    void open(TestPostgres postgres) throws SQLException {
        vault = new LoadedVault(postgres);
    }

    @AfterEach
    void close() throws SQLException {
        vault.close();
    }

    private static LedgerEntry acme(Outcome outcome, String code, long count) {
        return new LedgerEntry(DAY, ACME, outcome, code, count);
    }

    private static LedgerEntry unknown(Outcome outcome, String code, long count) {
        return new LedgerEntry(DAY, NONE.tenantHk(), outcome, code, count);
    }

    private static LedgerTotals totals(String run, LedgerEntry... entries) {
        return new LedgerTotals(List.of(entries), run, NOON);
    }

    private void write(LedgerTotals... batch) throws SQLException {
        vault.write(new LedgerLoader("test"), List.of(batch));
    }

    private List<String> ledger() throws SQLException {
        return vault.database()
                .texts(
                        "SELECT concat_ws(' ', outcome, nullif(code, ''), event_count, nullif(run_id, 'run'))"
                                + " FROM raw.site_tracking_ledger_r ORDER BY tenant_hk, 1");
    }

    private long unbalanced() throws SQLException {
        return vault.database()
                .number("SELECT count(*) FROM raw.site_tracking_ledger_v WHERE NOT balanced");
    }

    @Test
    void holdsTheLastTotals() throws SQLException {
        LedgerTotals[] batch = {
            totals(RUN, acme(Outcome.RECEIVED, "", 1)),
            totals(RUN, acme(Outcome.RECEIVED, "", 2), acme(Outcome.ACCEPTED, "", 1)),
            totals(RUN, acme(Outcome.RECEIVED, "", 2), acme(Outcome.ACCEPTED, "", 2))
        };
        write(batch);
        List<String> rows = vault.rows();
        write(batch);
        for (LedgerTotals cut : batch) {
            write(cut);
        }

        assertThat(vault.rows()).isEqualTo(rows);
        assertThat(ledger()).containsExactly("ACCEPTED 2", "RECEIVED 2");
    }

    @Test
    void holdsNothingOfAnAttemptThatWasRolledBack() throws SQLException {
        write(totals(RUN, unknown(Outcome.RECEIVED, "", 1), unknown(Outcome.REJECTED, "EMPTY", 1)));
        write(
                totals(
                        RUN,
                        unknown(Outcome.RECEIVED, "", 3),
                        unknown(Outcome.REJECTED, "EMPTY", 1),
                        unknown(Outcome.REJECTED, "TENANTS_UNREADABLE", 2)));

        write(
                totals(
                        RUN,
                        unknown(Outcome.RECEIVED, "", 3),
                        unknown(Outcome.REJECTED, "EMPTY", 1),
                        unknown(Outcome.REJECTED, "UNKNOWN_TENANT", 2)));

        assertThat(ledger())
                .containsExactly("RECEIVED 3", "REJECTED EMPTY 1", "REJECTED UNKNOWN_TENANT 2");
        assertThat(unbalanced()).isZero();
    }

    @Test
    void countsNoRecordUnderNoTenantThatIsKnownByNow() throws SQLException {
        write(
                totals(
                        RUN,
                        unknown(Outcome.RECEIVED, "", 2),
                        unknown(Outcome.REJECTED, "TENANTS_UNREADABLE", 2)));

        write(
                totals(RUN, NONE),
                totals(RUN, acme(Outcome.RECEIVED, "", 2), acme(Outcome.ACCEPTED, "", 2)));

        assertThat(ledger()).containsExactly("ACCEPTED 2", "RECEIVED 2");
    }

    @Test
    void leavesOtherDaysTenantsAndRunsAlone() throws SQLException {
        LedgerEntry dayBefore = new LedgerEntry(DAY - 1, ACME, Outcome.REJECTED, "EMPTY", 1);
        LedgerEntry other =
                new LedgerEntry(DAY, TestEvents.tenantHk("other"), Outcome.REJECTED, "EMPTY", 2);
        write(
                totals(RUN, dayBefore),
                totals(RUN, other),
                totals("lost", acme(Outcome.REJECTED, "EMPTY", 3)));

        write(totals(RUN, acme(Outcome.REJECTED, "TOO_LARGE", 4)));

        assertThat(ledger())
                .containsExactlyInAnyOrder(
                        "REJECTED EMPTY 1",
                        "REJECTED EMPTY 2",
                        "REJECTED EMPTY 3 lost",
                        "REJECTED TOO_LARGE 4");
    }
}
