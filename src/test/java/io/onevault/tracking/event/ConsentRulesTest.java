package io.onevault.tracking.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.ConsentRules.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The matrix of docs/privacy.md. */
class ConsentRulesTest {

    @Test
    void decideAsTheMatrixInTheDocsSays() throws IOException {
        List<String> matrix = new ArrayList<>();
        for (Boolean analytics : new Boolean[] {true, null, false}) {
            for (int signals = 0; signals < 4; signals++) {
                matrix.add(row(new Signals(analytics, (signals & 1) > 0, (signals & 2) > 0)));
            }
        }
        matrix.forEach(System.out::println);

        assertThat(Files.readAllLines(Path.of("docs/privacy.md"))).containsSubsequence(matrix);
    }

    private static String row(Signals signals) {
        StringBuilder row = new StringBuilder("| ");
        Boolean analytics = signals.analytics();
        row.append(
                analytics == null
                        ? "not told"
                        : analytics ? "granted" : "denied, or not understood");
        row.append(signals.gpc() ? " | GPC" : " | ").append(signals.dnt() ? " DNT" : "");
        for (Policy policy : Policy.values()) {
            String byDefault = rules(policy, true, false).keeping(signals).name();
            String byDnt = rules(policy, true, true).keeping(signals).name();
            row.append(" | ").append(byDefault);
            row.append(byDnt.equals(byDefault) ? "" : ", where DNT counts " + byDnt);
        }
        return row.append(" |").toString().replace("|  ", "| ");
    }

    private static ConsentRules rules(Policy policy, boolean gpc, boolean dnt) {
        return new ConsentRules(policy, gpc, dnt, null);
    }

    @Test
    void aSignalThatIsNotHonouredChangesNothing() {
        for (Policy policy : Policy.values()) {
            assertThat(rules(policy, false, false).keeping(new Signals(true, true, true)))
                    .isEqualTo(Keeping.FULL);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "require", "NOTHING"})
    void whatIsNoPolicyIsTheDefault(String name) {
        assertThat(Policy.named(name)).isEqualTo(Policy.ANONYMISE);
        assertThat(Policy.named(null)).isEqualTo(Policy.ANONYMISE);
    }
}
