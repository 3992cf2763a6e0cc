package io.onevault.tracking.migrate;

import io.onevault.tracking.program.DatabaseLogin;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.program.ProgramException;
import io.onevault.tracking.program.UsageException;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Command line: applies {@code sql/} to a database, or checks the vault in it. */
@Command(
        name = "Migrate",
        description = {
            "Applies the numbered scripts of site tracking to a PostgreSQL database (15 or later)."
                    + " Applying them again changes nothing.",
            ""
        })
public final class Migrate implements Callable<Integer> {

    private static final int MOST_ROWS = 1_000_000;

    private final PrintStream out;
    private final Map<String, String> environment;

    @Option(
            names = "--url",
            paramLabel = "JDBC-URL",
            required = true,
            description = "Such as jdbc:postgresql://localhost:5432/one_vault.")
    private String url = "";

    @Mixin private DatabaseLogin login = new DatabaseLogin();

    @Option(
            names = "--checks",
            description = "Run the checks of sql/checks instead; changes nothing.")
    private boolean checks;

    @Option(
            names = "--shadow",
            description =
                    "Make the shadow tables of a reprocess instead; changes nothing of production."
                            + " With --checks: check these.")
    private boolean shadow;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "10",
            description = "Rows to show of each failed check. Default: ${DEFAULT-VALUE}.")
    private int limit;

    Migrate(PrintStream out, Map<String, String> environment) {
        this.out = out;
        this.environment = environment;
    }

    public static void main(String[] args) {
        Program.main(new Migrate(System.out, System.getenv()), args);
    }

    @Override
    public Integer call() {
        UsageException.requireRange("--limit", limit, 1, MOST_ROWS);
        try (Connection connection = DatabaseLogin.connect(login.to(url, "--url", environment))) {
            if (checks) {
                return check(connection);
            }
            if (shadow) {
                Migration.makeShadow(connection, this::report);
            } else {
                Migration.apply(connection, this::report);
            }
            return Program.OK;
        } catch (MigrationException e) {
            throw new ProgramException(Program.FAILED, e.getMessage(), e);
        } catch (SQLException e) {
            String advice = "\nOn a database without a vault, apply the scripts first.";
            throw new ProgramException(Program.FAILED, e.getMessage() + (checks ? advice : ""), e);
        }
    }

    private void report(Migration.Applied applied) {
        out.println("applied " + applied.script() + " in " + applied.took().toMillis() + " ms");
        applied.messages().forEach(message -> out.println("  " + message));
    }

    private int check(Connection connection) throws SQLException {
        List<VaultChecks.Result> results =
                shadow
                        ? VaultChecks.runOnShadow(connection, limit)
                        : VaultChecks.run(connection, limit);
        results.forEach(this::report);
        for (String setting : ServerLog.telling(connection)) {
            out.println("warning server_log: the server may log what events say, " + setting);
        }
        boolean passed = results.stream().allMatch(VaultChecks.Result::passed);
        return passed ? Program.OK : Program.VIOLATED;
    }

    private void report(VaultChecks.Result result) {
        out.println((result.passed() ? "ok      " : "FAILED  ") + result.check());
        result.violations().forEach(row -> out.println("  " + row));
        if (result.more()) {
            out.println("  ...");
        }
    }
}
