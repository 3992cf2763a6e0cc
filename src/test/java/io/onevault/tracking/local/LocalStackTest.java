package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command line refuses before anything is started. */
class LocalStackTest {

    @TempDir Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void namesAMissingInput() {
        assertThat(run("--input", "missing.jsonl")).isEqualTo(2);
        assertThat(message())
                .isEqualTo("--input missing.jsonl: no such file, or not readable; see --help\n");
    }

    @Test
    void namesAnUnknownSetting() {
        assertThat(run("--set", "session.latenes=1h", "--data-dir", folder.toString()))
                .isEqualTo(2);
        assertThat(message())
                .startsWith("--set session.latenes: no such option; the job knows archive.ttl, ");
    }

    @Test
    void namesASettingWithAWrongValue() {
        assertThat(run("--set", "session.lateness=soon", "--data-dir", folder.toString()))
                .isEqualTo(2);
        assertThat(message())
                .isEqualTo(
                        "session.lateness: not a valid value: soon, a time is such as 20m; see"
                                + " --help\n");
    }

    @Test
    void refusesASettingWithoutValue() {
        assertThat(run("--set", "session.lateness")).isEqualTo(2);
        assertThat(message()).startsWith("Value for option '--set' ").endsWith("; see --help\n");
    }

    @Test
    void refusesVisitorsOfAStackThatEnds() {
        assertThat(run("--traffic", "5", "--drain")).isEqualTo(2);
        assertThat(message())
                .isEqualTo("--traffic needs a stack that stays up: add --keep; see --help\n");
    }

    @Test
    void refusesAnUnknownOption() {
        assertThat(run("--bogus")).isEqualTo(2);
        assertThat(message()).isEqualTo("Unknown option: '--bogus'; see --help\n");
    }

    @Test
    void refusesNumbersOutOfRange() {
        assertThat(run("--partitions", "0")).isEqualTo(2);
        assertThat(message()).isEqualTo("--partitions must be from 1 to 1000, not 0; see --help\n");
    }

    @Test
    void refusesASessionsFileInAMissingFolder() {
        Path file = folder.resolve("missing").resolve("sessions.jsonl");

        assertThat(run("--sessions-out", file.toString())).isEqualTo(2);
        assertThat(message())
                .isEqualTo("--sessions-out " + file + " cannot be written; see --help\n");
    }

    @Test
    void refusesADataDirectoryInUse() throws Exception {
        try (DataDirectory used = DataDirectory.keptAt(folder)) {
            assertThat(run("--data-dir", used.path().toString())).isEqualTo(2);
            assertThat(message()).contains("in use by another running stack");
        }
    }

    @Test
    void refusesADataDirectoryThatIsAFile() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));

        assertThat(run("--data-dir", file.toString())).isEqualTo(2);
        assertThat(message())
                .isEqualTo("--data-dir " + file + " is a file, not a folder; see --help\n");
    }

    @Test
    void printsHelpAndVersionOnStdout() {
        assertThat(run("--help")).isZero();
        assertThat(run("--version")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("--register-tenants", "Exit codes", "site-tracking ");
        assertThat(message()).isEmpty();
    }

    private int run(String... arguments) {
        Progress progress = new Progress(new PrintStream(err, true, StandardCharsets.UTF_8), false);
        Console console =
                new Console(
                        InputStream.nullInputStream(),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        progress,
                        new Interrupts());
        return console.run(new LocalStack(console), arguments);
    }

    private String message() {
        return err.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }
}
