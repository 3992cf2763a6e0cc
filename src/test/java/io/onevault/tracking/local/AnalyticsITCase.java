package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.sample.SampleTraffic;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Session analytics of the bundled sample, loaded by the real job, against a recount. */
@ExtendWith(PostgresExtension.class)
class AnalyticsITCase {

    private static final String[] TENANTS = SampleTraffic.tenants();

    @Test
    void equalsARecountOfTheSample(TestPostgres postgres, @TempDir Path folder) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, TENANTS);
        try (JobRuns runs = new JobRuns(folder)) {
            List<byte[]> sample = SampleTraffic.lines().stream().map(JobRuns::utf8).toList();
            runs.run("analytics", runs.topic(sample), database, JobRuns.OF_THE_PAST);
        }

        VaultRows.assertSound(database);
        Random random = new Random(1);
        for (String tenant : TENANTS) {
            database.execute(Recount.namedGoalsOf(tenant));
            VaultFacts facts = VaultFacts.of(database, tenant);
            assertThat(facts.sessions).isNotEmpty();
            Instant first = facts.sessions.stream().map(VaultFacts::at).min(order()).orElseThrow();
            Instant last = facts.sessions.stream().map(VaultFacts::at).max(order()).orElseThrow();
            int days = (int) Duration.between(first, last).toDays() + 1;
            var questions =
                    new AnalyticsQuestions(
                            database, facts, first.truncatedTo(ChronoUnit.SECONDS), days, random);
            for (int i = 0; i < 3; i++) {
                questions.askByDays(i % 3 == 2);
                questions.askByInstants(i % 3 == 2);
            }
        }
    }

    private static Comparator<Instant> order() {
        return Comparator.naturalOrder();
    }
}
