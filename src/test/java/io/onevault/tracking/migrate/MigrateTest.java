package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.program.Program;
import java.sql.Connection;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(PostgresExtension.class)
final class MigrateTest {

    private final TestPostgres postgres;
    private MigrateRun run = new MigrateRun(-1, "", "");

    MigrateTest(TestPostgres postgres) {
        this.postgres = postgres;
    }

    @Test
    void helps() {
        assertThat(run("--help")).isEqualTo(Program.OK);
        assertThat(run.out()).contains("Usage: ", "--url", "--checks", "PGPASSWORD", "Exit codes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    --checks                     | Missing required option: '--url=JDBC-URL'
                    --url                        | Missing required parameter for option '--url'
                    --url jdbc:x --drop          | Unknown option: '--drop'
                    --url jdbc:x --limit 0       | --limit must be from 1 to 1000000, not 0
                    --url jdbc:x --limit several | Invalid value for option '--limit'
                    """)
    void refusesBadArguments(String arguments, String message) {
        assertThat(run(arguments.split(" "))).isEqualTo(Program.USAGE);
        assertThat(run.err()).startsWith(message).contains("see --help");
    }

    @Test
    void appliesTheScriptsAndChecksTheVault() throws Exception {
        String url = postgres.empty().url();

        assertThat(run("--url", url)).isEqualTo(Program.OK);
        assertThat(run.out()).contains("applied 05_create_business_satellites.sql in ");
        assertThat(run("--url", url, "--checks")).isEqualTo(Program.OK);
        assertThat(run.out()).contains("ok      ledger_balanced").doesNotContain("FAILED");
    }

    @Test
    void warnsOfAServerWhoseLogMayHoldEvents() throws Exception {
        TestDatabase database = postgres.vault();
        String warning = "warning server_log: the server may log what events say, ";

        assertThat(run("--url", database.url(), "--checks")).isEqualTo(Program.OK);
        assertThat(run.out())
                .contains(warning + "log_min_error_statement=error")
                .contains(warning + "log_error_verbosity=default");

        String name = database.texts("SELECT current_database()").get(0);
        database.execute("ALTER DATABASE " + name + " SET log_min_error_statement = panic");
        database.execute("ALTER DATABASE " + name + " SET log_error_verbosity = terse");
        assertThat(run("--url", database.url(), "--checks")).isEqualTo(Program.OK);
        assertThat(run.out()).doesNotContain("warning");
        database.execute("ALTER DATABASE " + name + " SET log_statement = 'mod'");
        assertThat(run("--url", database.url(), "--checks")).isEqualTo(Program.OK);
        assertThat(run.out()).contains(warning + "log_statement=mod");
        for (String level : List.of("log", "fatal")) {
            database.execute("ALTER DATABASE " + name + " SET log_min_error_statement = " + level);
            assertThat(run("--url", database.url(), "--checks")).isEqualTo(Program.OK);
            assertThat(run.out()).contains(warning + "log_min_error_statement=" + level);
        }
    }

    /** By which the server tells of statements, or their plans, whatever else is set. */
    @Test
    void warnsOfWhatIsSetForALoginAndOfPlans() throws Exception {
        TestDatabase database = postgres.vault();
        String name = database.texts("SELECT current_database()").get(0);
        String writer = "writer_of_" + name;
        database.execute("CREATE ROLE " + writer + " LOGIN IN ROLE site_tracking_loader");
        try {
            String set = "ALTER ROLE " + writer + " IN DATABASE " + name + " SET ";
            database.execute(set + "log_statement = 'all'");
            database.execute(set + "auto_explain.log_min_duration = 0");
            database.execute(set + "pgaudit.log = 'write'");
            database.execute(set + "log_min_duration_statement = -1");
            database.execute("ALTER DATABASE " + name + " SET debug_print_plan = on");

            assertThat(run("--url", database.url(), "--checks")).isEqualTo(Program.OK);

            assertThat(run.out())
                    .contains("say, log_statement=all of " + writer)
                    .contains("say, auto_explain.log_min_duration=0 of " + writer)
                    .contains("say, pgaudit.log=write of " + writer)
                    .contains("say, debug_print_plan=on")
                    .doesNotContain("log_min_duration_statement");
        } finally {
            database.execute("DROP OWNED BY " + writer + "; DROP ROLE " + writer);
        }
    }

    /** The server adds the statement, and so whom it names, to what is logged as LOG or ERROR. */
    @Test
    void theStandInOfTheAuditIsLoggedWithoutItsStatement() throws Exception {
        TestDatabase database = postgres.vault();
        String audit = "util.log_audit_event(text, text, text, text, jsonb)";
        database.execute("ALTER FUNCTION " + audit + " RESET client_min_messages");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT util.log_audit_event('E', 'tenant', 'id', 'login', '{}')");

            SQLWarning noted = statement.getWarnings();
            assertThat(noted.getMessage()).isEqualTo("audit: E tenant id by login");
            assertThat(noted.getSQLState()).isEqualTo("01000");
        }
    }

    @Test
    void showsViolations() throws Exception {
        TestDatabase database = postgres.smallVault();
        database.execute("DELETE FROM raw.site_tracking_ledger_r");

        assertThat(run("--url", database.url(), "--checks", "--limit", "1"))
                .isEqualTo(Program.VIOLATED);
        assertThat(run.out())
                .containsPattern(
                        "FAILED  ledger_matches_events\\R  tenant=[0-9a-f]+, accepted=0, events="
                                + "\\d\\R  \\.\\.\\.\\R");
    }

    @Test
    void saysWhatToDoWithoutADatabase() throws Exception {
        String url = postgres.empty().url().replaceAll("/test_\\d+", "/nowhere");

        assertThat(run("--url", url)).isEqualTo(Program.AWAY);
        assertThat(run.err()).contains("\"nowhere\" does not exist", "CREATE DATABASE");
    }

    @Test
    void saysWhatToDoWithoutAServer() {
        assertThat(run("--url", "jdbc:postgresql://127.0.0.1:1/vault", "--user", "u"))
                .isEqualTo(Program.AWAY);
        assertThat(run.err())
                .contains(
                        "cannot connect to jdbc:postgresql://127.0.0.1:1/vault: ",
                        "Check --url (jdbc:postgresql://");
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
        assertThat(run(arguments.split(" "))).isEqualTo(Program.USAGE);
        assertThat(run.err()).contains("; see --help").doesNotContain("unspeakable");
    }

    @Test
    void saysWhichSecretIsMissing() {
        String url = "jdbc:postgresql://127.0.0.1:1/vault";

        assertThat(run("--url", url, "--password", "${file:/no/such/file}"))
                .isEqualTo(Program.AWAY);
        assertThat(run.err()).contains("${file:/no/such/file}: this process cannot read the file");
    }

    @Test
    void saysWhichScriptFailed() throws Exception {
        TestDatabase database = postgres.empty();
        database.execute(
                "CREATE SCHEMA business; CREATE TABLE business.site_page_h (page_bk text)");

        assertThat(run("--url", database.url())).isEqualTo(Program.FAILED);
        assertThat(run.err())
                .contains("03_create_business_hubs.sql was rolled back", "business.site_page_h");
    }

    @Test
    void failsToCheckADatabaseWithoutAVault() throws Exception {
        assertThat(run("--url", postgres.empty().url(), "--checks")).isEqualTo(Program.FAILED);
        assertThat(run.err()).contains("apply the scripts first");
    }

    private int run(String... args) {
        run = MigrateRun.of(args);
        return run.code();
    }
}
