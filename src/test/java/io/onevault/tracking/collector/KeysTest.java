package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.program.Program;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The program that makes, lists and revokes keys. */
@ExtendWith(PostgresExtension.class)
final class KeysTest {

    private static final String PASSWORD = "SITE_TRACKING_LINK_PASSWORD";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final StringBuilder err = new StringBuilder();
    private final TestDatabase database;

    KeysTest(TestPostgres postgres) throws Exception {
        database = postgres.smallVault();
    }

    @Test
    void makesListsAndRevokes() throws Exception {
        assertThat(run("--tenant", "acme", "--make", "web")).isEqualTo(Program.OK);
        String key = said();
        assertThat(key).matches("st_[0-9a-f]{64}\n");
        assertThat(opened(key)).containsExactly("acme");
        run("--tenant", "other", "--make", "dashboard", "--may", "read,write", "--days", "1");
        said();

        assertThat(run()).isEqualTo(Program.OK);
        assertThat(said().lines().map(line -> line.replaceAll("\\d{4}-\\d\\d-\\d\\d", "day")))
                .containsExactly(
                        "acme\tweb\tbrowser\tday\tvalid",
                        "other\tdashboard\tread,write\tday\tvalid");

        assertThat(run("--tenant", "acme", "--revoke", "web")).isEqualTo(Program.OK);
        said();
        assertThat(opened(key)).isEmpty();
        run("--tenant", "acme");
        assertThat(said()).endsWith("\trevoked\n").hasLineCount(1);
    }

    @Test
    void makesListsAndWithdrawsLinks() throws Exception {
        assertThat(
                        run(
                                "--tenant",
                                "acme",
                                "--share",
                                "Agency",
                                "--filters",
                                "{\"device\": \"mobile\"}",
                                "--days",
                                "30"))
                .isEqualTo(Program.OK);
        String token = said().strip();
        assertThat(token).matches("sl_[0-9a-f]{64}");
        assertThat(shown(token)).singleElement().asString().contains("mobile", "pbkdf2-sha512$");
        run("--tenant", "acme");
        assertThat(said()).matches("acme\tAgency\tlink\t\\d{4}-\\d\\d-\\d\\d\tvalid\n");

        run("--tenant", "acme", "--share", "Agency");
        assertThat(shown(token)).as("one of the same name counts no more").isEmpty();
        token = said().strip();
        assertThat(shown(token)).hasSize(1);
        assertThat(run("--tenant", "acme", "--unshare", "Agency")).isEqualTo(Program.OK);
        assertThat(shown(token)).isEmpty();
        run("--tenant", "acme");
        assertThat(said()).isEmpty();
        assertThat(run("--tenant", "acme", "--share", "x", "--filters", "{"))
                .isEqualTo(Program.USAGE);
        assertThat(run("--tenant", "acme", "--share", "x", "--filters", "{\"x\": 1}"))
                .isEqualTo(Program.USAGE);
    }

    /** What is personal in a name is not kept, so it is asked for without that. */
    @Test
    void withdrawsALinkByTheNameThatItWasGiven() {
        String name = "For a@b.example";
        run("--tenant", "acme", "--share", name);
        said();
        run("--tenant", "acme");
        assertThat(said()).contains("For ").doesNotContain("a@b.example");

        assertThat(run("--tenant", "acme", "--unshare", name)).isEqualTo(Program.OK);
        run("--tenant", "acme");
        assertThat(said()).isEmpty();
    }

    /** As the docs say: with the jar alone, in which there is nothing that logs. */
    @Test
    void sharesWithoutWhatLogs() throws Exception {
        ProcessBuilder java =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        withoutLogs(),
                        Keys.class.getName(),
                        "--url",
                        database.url(),
                        "--user",
                        "postgres",
                        "--tenant",
                        "acme",
                        "--share",
                        "Agency");
        java.environment().put(PASSWORD, "agency password");
        Process process = java.redirectErrorStream(true).start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(told.strip()).matches("sl_[0-9a-f]{64}");
        assertThat(shown(told.strip())).hasSize(1);
    }

    private static String withoutLogs() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(part -> !part.contains("slf4j") && !part.contains("log4j"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private List<String> shown(String token) throws Exception {
        return database.texts(
                "SELECT l::text FROM auth.site_tracking_link(util.hash_binary('"
                        + token
                        + "')) AS l");
    }

    @Test
    void saysWhatIsWrong() {
        assertThat(run("--make", "web")).isEqualTo(Program.USAGE);
        assertThat(run("short", new String[] {"--tenant", "acme", "--share", "a"}))
                .isEqualTo(Program.USAGE);
        assertThat(run("--tenant", "acme", "--make", "web", "--filters", "{}"))
                .isEqualTo(Program.USAGE);
        assertThat(run("--tenant", "acme", "--make", "a", "--revoke", "b"))
                .isEqualTo(Program.USAGE);
        assertThat(run("--tenant", "nobody", "--make", "web")).isEqualTo(Program.USAGE);
        assertThat(run("--tenant", "acme", "--make", "web", "--may", "fly"))
                .isEqualTo(Program.USAGE);
        assertThat(run("--tenant", "acme", "--revoke", "web")).isEqualTo(Program.USAGE);
        assertThat(err.toString())
                .contains(
                        "--tenant is missing",
                        "8 to 200 characters",
                        "no tenant of this name",
                        "no key of this name",
                        "a key may browser, write, read or manage, for at least one day; see --help")
                .doesNotContain("Where:", "PL/pgSQL");
    }

    private List<String> opened(String key) throws Exception {
        return database.texts(
                "SELECT tenant_bk FROM auth.site_tracking_key(util.hash_binary('"
                        + key.strip()
                        + "'))");
    }

    private int run(String... arguments) {
        return run("agency password", arguments);
    }

    private int run(String password, String[] arguments) {
        List<String> all = new ArrayList<>(List.of("--url", database.url(), "--user", "postgres"));
        all.addAll(List.of(arguments));
        PrintStream results = new PrintStream(out, true, StandardCharsets.UTF_8);
        return Program.run(
                new Keys(results, Map.of(PASSWORD, password)),
                results,
                line -> err.append(line).append('\n'),
                all.toArray(new String[0]));
    }

    private String said() {
        String said = out.toString(StandardCharsets.UTF_8);
        out.reset();
        return said;
    }
}
