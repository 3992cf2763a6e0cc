package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.program.ProgramException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PatienceTest {

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Progress progress =
            new Progress(new PrintStream(err, true, StandardCharsets.UTF_8), false);
    private long now = -5;

    @Test
    void saysWhatItWaitsForWhileNothingMovesAndThenGivesUp() throws Exception {
        Patience patience = patience(Duration.ofMinutes(5));

        checkFor(patience, 29);
        assertThat(said()).isEmpty();
        checkFor(patience, 1);
        assertThat(said()).isEqualTo("Nothing moves since 30 s. Waiting for x\n");
        checkFor(patience, 269);
        assertThat(said().lines()).hasSize(9);

        assertThatThrownBy(() -> checkFor(patience, 1))
                .isInstanceOf(ProgramException.class)
                .hasMessage("Nothing has moved for 300 s. Waiting for x");
    }

    @Test
    void takesAsLongAsAnythingMoves() throws Exception {
        Patience patience = patience(Duration.ofMinutes(5));

        for (int hour = 0; hour < 24 * 60; hour++) {
            patience.check(hour, () -> "x");
            now += TimeUnit.SECONDS.toNanos(29);
            patience.check(hour, () -> "x");
            now += TimeUnit.SECONDS.toNanos(31);
        }
        assertThat(said()).isEmpty();
    }

    @Test
    void speaksBeforeItGivesUpHoweverShortItIs() throws Exception {
        Patience patience = patience(Duration.ofSeconds(3));

        checkFor(patience, 2);
        assertThat(said().lines()).hasSize(2);
        assertThatThrownBy(() -> checkFor(patience, 1)).isInstanceOf(ProgramException.class);
    }

    @Test
    void neverGivesUpWhenItIsEndless() throws Exception {
        Patience patience = patience(Patience.ENDLESS);

        patience.check("same", () -> "x");
        now += Duration.ofDays(3_650).toNanos();
        patience.check("same", () -> "x");

        assertThat(said()).startsWith("Nothing moves since 315360000 s. x");
    }

    private Patience patience(Duration limit) throws Exception {
        Patience patience = new Patience(limit, progress, () -> now);
        patience.check("same", () -> "Waiting for x");
        return patience;
    }

    private void checkFor(Patience patience, int seconds) throws Exception {
        for (int second = 0; second < seconds; second++) {
            now += TimeUnit.SECONDS.toNanos(1);
            patience.check("same", () -> "Waiting for x");
        }
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }
}
