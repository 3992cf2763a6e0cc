package io.onevault.tracking.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.bench.report.BenchReport;
import io.onevault.tracking.local.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgainstTest {

    /** Each run of a version is as fast as the next line of its file says. */
    private static final String RUN =
            """
            echo "talks before"
            echo "{\\"events_per_s\\":{\\"sustained\\":$(head -n 1 rates)},\\"errors\\":[]}"
            echo "$(tail -n +2 rates)" > rates
            basename "$PWD" >> ../order""";

    @TempDir private Path folder;

    private static Progress quiet() {
        return new Progress(
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), false);
    }

    private Path version(String name, String rates) throws Exception {
        Path version = Files.createDirectory(folder.resolve(name));
        Files.writeString(version.resolve("rates"), rates.replace(' ', '\n') + '\n');
        return version;
    }

    @Test
    void takesTheMedianOfRatiosOfPairsThatRunByTurns() throws Exception {
        Path here = version("here", "200 300 90");
        Path other = version("other", "100 100 60");

        BenchReport report = new Against(List.of("sh", "-c", RUN), quiet()).run(here, other, 3);

        assertThat(report.number("here", "events_per_s.sustained")).isEqualTo(200);
        assertThat(report.number("against", "events_per_s.sustained")).isEqualTo(100);
        assertThat(report.number("here_to_against", "events_per_s.sustained")).isEqualTo(2);
        assertThat(report.balanced()).isTrue();
        assertThat(Files.readAllLines(folder.resolve("order")))
                .containsExactly("other", "here", "here", "other", "other", "here");
    }

    @Test
    void measuresTheFolderItIsStartedIn() throws Exception {
        String run = "echo '{\"events_per_s\":{\"sustained\":7},\"errors\":[]}'";

        BenchReport report =
                new Against(List.of("sh", "-c", run), quiet()).run(Path.of(""), folder, 1);

        assertThat(report.number("here", "events_per_s.sustained")).isEqualTo(7);
    }

    @Test
    void tellsBothVersionsTheSame() {
        assertThat(
                        Against.withoutPairs(
                                List.of("--events", "9", "--against", "x", "--runs=3", "--rate=1")))
                .containsExactly("--events", "9", "--rate=1");
        assertThat(Against.maven(List.of("--events", "9"))).endsWith("-Dexec.args=--events 9");
    }
}
