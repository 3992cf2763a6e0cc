package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.program.Program;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The program that makes, lists and revokes keys. */
@ExtendWith(PostgresExtension.class)
final class KeysTest {

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
                .isEqualTo(Program.FAILED);
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
        assertThat(run("--tenant", "acme", "--make", "a", "--revoke", "b"))
                .isEqualTo(Program.USAGE);
        assertThat(run("--tenant", "nobody", "--make", "web")).isEqualTo(Program.FAILED);
        assertThat(run("--tenant", "acme", "--make", "web", "--may", "fly"))
                .isEqualTo(Program.FAILED);
        assertThat(run("--tenant", "acme", "--revoke", "web")).isEqualTo(Program.FAILED);
        assertThat(err.toString())
                .contains("--tenant is missing", "no tenant of this name", "no key of this name");
    }

    private List<String> opened(String key) throws Exception {
        return database.texts(
                "SELECT tenant_bk FROM auth.site_tracking_key(util.hash_binary('"
                        + key.strip()
                        + "'))");
    }

    private int run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--url", database.url(), "--user", "postgres"));
        all.addAll(List.of(arguments));
        PrintStream results = new PrintStream(out, true, StandardCharsets.UTF_8);
        return Program.run(
                new Keys(results, Map.of("SITE_TRACKING_LINK_PASSWORD", "agency password")),
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
