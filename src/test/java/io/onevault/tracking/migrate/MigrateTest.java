package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(PostgresExtension.class)
final class MigrateTest {

    private final TestPostgres postgres;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    MigrateTest(TestPostgres postgres) {
        this.postgres = postgres;
    }

    @Test
    void helps() {
        assertThat(run("--help")).isEqualTo(Migrate.OK);
        assertThat(text(out)).contains("Usage: ", "--url", "--checks", "PGPASSWORD", "Exit codes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --checks                     | --url is missing
                    --url                        | --url needs a value
                    --url jdbc:x --drop          | unknown option --drop
                    --url jdbc:x --limit 0       | --limit needs a number from 1 to 1000000
                    --url jdbc:x --limit several | --limit needs a number from 1 to 1000000
                    """)
    void refusesBadArguments(String arguments, String message) {
        assertThat(run(arguments.split(" "))).isEqualTo(Migrate.USAGE);
        assertThat(text(err)).startsWith(message).contains("see --help");
    }

    @Test
    void appliesTheScriptsAndChecksTheVault() throws Exception {
        String url = postgres.empty().url();

        assertThat(run("--url", url)).isEqualTo(Migrate.OK);
        assertThat(run("--url", url, "--checks")).isEqualTo(Migrate.OK);
        assertThat(text(out))
                .contains(
                        "applied 05_create_business_satellites.sql in ", "ok      ledger_balanced")
                .doesNotContain("FAILED");
    }

    @Test
    void showsViolations() throws Exception {
        TestDatabase database = postgres.smallVault();
        database.execute("DELETE FROM raw.site_tracking_ledger_r");

        assertThat(run("--url", database.url(), "--checks", "--limit", "1"))
                .isEqualTo(Migrate.VIOLATIONS);
        assertThat(text(out))
                .containsPattern(
                        "FAILED  ledger_matches_events\\R  tenant=[0-9a-f]+, accepted=0, events="
                                + "\\d\\R  \\.\\.\\.\\R");
    }

    @Test
    void saysWhatToDoWithoutADatabase() throws Exception {
        String url = postgres.empty().url().replaceAll("/test_\\d+", "/nowhere");

        assertThat(run("--url", url)).isEqualTo(Migrate.NO_CONNECTION);
        assertThat(text(err)).contains("\"nowhere\" does not exist", "CREATE DATABASE");
    }

    @Test
    void saysWhatToDoWithoutAServer() {
        assertThat(run("--url", "jdbc:postgresql://127.0.0.1:1/vault", "--user", "u"))
                .isEqualTo(Migrate.NO_CONNECTION);
        assertThat(text(err)).contains("cannot connect: ", "Check --url (jdbc:postgresql://");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--url jdbc:postgresql://127.0.0.1:1/vault --password unspeakable",
                "--url jdbc:postgresql://127.0.0.1:1/vault?password=unspeakable",
                "--url jdbc:postgresql://me:unspeakable@127.0.0.1:1/vault",
                "--url jdbc:other://127.0.0.1/vault?password=unspeakable"
            })
    void refusesAPasswordThatOthersCanSee(String arguments) {
        assertThat(run(arguments.split(" "))).isEqualTo(Migrate.USAGE);
        assertThat(text(err)).contains("; see --help").doesNotContain("unspeakable");
    }

    @Test
    void saysWhichSecretIsMissing() {
        String url = "jdbc:postgresql://127.0.0.1:1/vault";

        assertThat(run("--url", url, "--password", "${file:/no/such/file}"))
                .isEqualTo(Migrate.NO_CONNECTION);
        assertThat(text(err)).contains("${file:/no/such/file}: this process cannot read the file");
    }

    @Test
    void saysWhichScriptFailed() throws Exception {
        TestDatabase database = postgres.empty();
        database.execute(
                "CREATE SCHEMA business; CREATE TABLE business.site_page_h (page_bk text)");

        assertThat(run("--url", database.url())).isEqualTo(Migrate.FAILED);
        assertThat(text(err))
                .contains("03_create_business_hubs.sql was rolled back", "business.site_page_h");
    }

    @Test
    void failsToCheckADatabaseWithoutAVault() throws Exception {
        assertThat(run("--url", postgres.empty().url(), "--checks")).isEqualTo(Migrate.FAILED);
        assertThat(text(err)).contains("apply the scripts first");
    }

    private int run(String... args) {
        return new Migrate(stream(out), stream(err)).run(args, Map.of());
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
