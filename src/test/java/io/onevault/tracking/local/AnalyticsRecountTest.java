package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.bench.feed.FilledVault;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.migrate.VaultChecks;
import java.sql.Connection;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Session analytics against a recount of generated vaults, over changes of the clock. */
@ExtendWith(PostgresExtension.class)
class AnalyticsRecountTest {

    private static final Instant UNTIL = Instant.parse("2026-11-05T13:37:00Z");
    private static final int DAYS = 40;

    private static TestDatabase database;
    private static VaultFacts facts;

    @BeforeAll
    static void generate(TestPostgres postgres) throws Exception {
        database = postgres.vault();
        try (Connection connection = database.connect()) {
            FilledVault.fill(connection, 600, DAYS, UNTIL);
        }
        facts = VaultFacts.of(database, "bench");
    }

    private static AnalyticsQuestions questions(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition());
        Instant first = UNTIL.minusSeconds(DAYS * 86_400L);
        return new AnalyticsQuestions(database, facts, first, DAYS, random);
    }

    @Test
    void theGeneratedVaultKeepsItsInvariants() throws Exception {
        try (Connection connection = database.connect()) {
            assertThat(VaultChecks.run(connection, 3))
                    // Raw, staging and the ledger are not generated.
                    .filteredOn(result -> !result.check().matches("event_rows_.*|ledger_.*"))
                    .filteredOn(result -> !result.passed())
                    .isEmpty();
        }
    }

    @RepeatedTest(6)
    void countsPeriodsOfDays(RepetitionInfo repetition) throws Exception {
        questions(repetition).askByDays(false);
    }

    @RepeatedTest(4)
    void countsPeriodsOfInstants(RepetitionInfo repetition) throws Exception {
        questions(repetition).askByInstants(false);
    }

    @RepeatedTest(4)
    void countsWhatPassesFilters(RepetitionInfo repetition) throws Exception {
        questions(repetition).askByDays(true);
        questions(repetition).askByInstants(true);
    }
}
