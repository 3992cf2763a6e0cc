package io.onevault.tracking.migrate;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.References;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** Command line: applies {@code sql/} to a database, or checks the vault in it. */
public final class Migrate {

    static final int OK = 0;
    static final int VIOLATIONS = 1;
    static final int USAGE = 2;
    static final int NO_CONNECTION = 3;
    static final int FAILED = 4;

    private static final String HELP =
            """
            Usage: Migrate --url <jdbc url> [--user <name>] [--password <reference>] [--checks]

            Applies the numbered scripts of site tracking to a PostgreSQL database (15 or later).
            Applying them again changes nothing.

              --url <jdbc url>     such as jdbc:postgresql://localhost:5432/one_vault
              --user <name>        default: environment variable PGUSER
              --password <reference>  ${env:NAME} or ${file:/path}; default: environment variable
                                   PGPASSWORD
              --checks             run the checks of sql/checks instead; changes nothing
              --limit <number>     rows to show of each failed check, default 10
              --help               show this text

            Exit codes: 0 done, 1 a check found violations, 2 bad arguments, 3 no connection,
            4 a script or check failed.
            """;

    private final PrintStream out;
    private final PrintStream err;

    Migrate(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    public static void main(String[] args) {
        System.exit(new Migrate(System.out, System.err).run(args, System.getenv()));
    }

    int run(String[] args, Map<String, String> env) {
        MigrateOptions options;
        try {
            options = MigrateOptions.parse(args, env);
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage() + "; see --help");
            return USAGE;
        }
        if (options.help()) {
            out.print(HELP);
            return OK;
        }
        try (Connection connection = connect(options)) {
            return options.checks() ? check(connection, options.limit()) : apply(connection);
        } catch (ConnectException e) {
            err.println(e.getMessage());
            return NO_CONNECTION;
        } catch (MigrationException | SQLException e) {
            err.println(e.getMessage());
            if (options.checks()) {
                err.println("On a database without a vault, apply the scripts first.");
            }
            return FAILED;
        }
    }

    private int apply(Connection connection) throws SQLException, MigrationException {
        Migration.apply(connection, this::report);
        return OK;
    }

    private void report(Migration.Applied applied) {
        out.println("applied " + applied.script() + " in " + applied.took().toMillis() + " ms");
        applied.messages().forEach(message -> out.println("  " + message));
    }

    private int check(Connection connection, int limit) throws SQLException {
        List<VaultChecks.Result> results = VaultChecks.run(connection, limit);
        results.forEach(this::report);
        return results.stream().allMatch(VaultChecks.Result::passed) ? OK : VIOLATIONS;
    }

    private void report(VaultChecks.Result result) {
        out.println((result.passed() ? "ok      " : "FAILED  ") + result.check());
        result.violations().forEach(row -> out.println("  " + row));
        if (result.more()) {
            out.println("  ...");
        }
    }

    private static Connection connect(MigrateOptions options) throws ConnectException {
        DatabaseAccess database = options.database();
        try {
            return DriverManager.getConnection(database.openUrl(), database.properties());
        } catch (SQLException e) {
            throw new ConnectException(advice(e), e);
        } catch (References.UnresolvedReferenceException e) {
            throw new ConnectException("cannot connect: " + e.getMessage(), e);
        }
    }

    private static String advice(SQLException e) {
        if (String.valueOf(e.getMessage()).startsWith("SSL error")) {
            return "cannot connect: "
                    + e.getMessage()
                    + "\nCheck sslmode and sslrootcert of --url: the server shows a certificate that"
                    + " is not signed by it.";
        }
        String advice =
                switch (String.valueOf(e.getSQLState())) {
                    case "3D000" ->
                            "Create it first: CREATE DATABASE <name> ENCODING 'UTF8' TEMPLATE"
                                    + " template0;";
                    case "28P01", "28000" -> "Check --user and --password (or PGUSER, PGPASSWORD).";
                    case "08001", "08004", "08006" ->
                            "Check --url (jdbc:postgresql://<host>:<port>/<database>), and that the"
                                    + " server runs.";
                    default -> "Check --url: jdbc:postgresql://<host>:<port>/<database>";
                };
        return "cannot connect: " + e.getMessage() + "\n" + advice;
    }

    /** The database could not be reached; the message says what to do. */
    private static final class ConnectException extends Exception {

        private static final long serialVersionUID = 1L;

        ConnectException(String message, Exception cause) {
            super(message, cause);
        }
    }
}
