package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {

    @Test
    void alignsFiguresToTheRightAndTextsToTheLeft() {
        String table =
                Report.layOut(
                        List.of(
                                List.of("tenant", "sessions", "revenue", "refunds", "entry"),
                                List.of("acme", "12", "EUR 1.00", "-", "/")));

        assertThat(table)
                .isEqualTo(
                        "tenant  sessions  revenue   refunds  entry\n"
                                + "acme          12  EUR 1.00  -        /\n");
    }

    @Test
    void summarisesOnlyWhatThisRunAdded() throws Exception {
        Ledger before = new Ledger(10, 7, 1, Map.of("EMPTY", 2L), 3);
        Ledger after = new Ledger(30, 22, 4, Map.of("EMPTY", 2L, "TOO_DEEP", 2L), 5);

        Summary summary = new Summary(after.since(before), 9);

        assertThat(summary.toJson())
                .isEqualTo(
                        "{\"received\":20,\"loaded\":13,\"duplicates\":3,"
                                + "\"rejected\":{\"TOO_DEEP\":2},\"late\":2,\"sessions\":9}");
    }
}
