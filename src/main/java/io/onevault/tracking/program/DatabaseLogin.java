package io.onevault.tracking.program;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.References;
import io.onevault.tracking.access.Secrecy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options by which a program logs in to the database. */
public final class DatabaseLogin {

    /** What user and password are given by. */
    public static final String OPTIONS = "--user and --password (or PGUSER, PGPASSWORD)";

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "Default: environment variable PGUSER.")
    private @Nullable String user;

    @Option(
            names = "--password",
            paramLabel = "REFERENCE",
            description =
                    "$${env:NAME} or $${file:/path}. Default: environment variable PGPASSWORD.")
    private @Nullable String password;

    /**
     * @param option by which the URL was given
     */
    public DatabaseAccess to(String url, String option, Map<String, String> environment) {
        String urlError = DatabaseAccess.urlError(url);
        if (urlError != null) {
            throw new UsageException(option + " " + urlError);
        }
        String given =
                password == null ? DatabaseAccess.environmentPassword(environment) : password;
        String error = Secrecy.error(Secrecy.DATABASE_PASSWORD, given);
        if (error != null) {
            throw new UsageException("--password " + error);
        }
        return new DatabaseAccess(
                url, user == null ? environment.getOrDefault("PGUSER", "") : user, given);
    }

    /** Connects as {@code --url} says, or ends the program saying what to do. */
    public static Connection connect(DatabaseAccess database) {
        return connect(database, "--url", OPTIONS);
    }

    /**
     * Connects, or ends the program saying what to do.
     *
     * @param url what the URL was given by
     * @param login what user and password were given by
     */
    public static Connection connect(DatabaseAccess database, String url, String login) {
        try {
            return DriverManager.getConnection(database.openUrl(), database.properties());
        } catch (SQLException e) {
            throw away(database, e, e.getMessage() + "\n" + advice(e, url, login));
        } catch (References.UnresolvedReferenceException e) {
            throw away(database, e, e.getMessage());
        }
    }

    private static ProgramException away(DatabaseAccess database, Exception e, String why) {
        return new ProgramException(
                Program.AWAY, "cannot connect to " + database.openUrl() + ": " + why, e);
    }

    private static String advice(SQLException e, String url, String login) {
        if (String.valueOf(e.getMessage()).startsWith("SSL error")) {
            return "Check sslmode and sslrootcert of "
                    + url
                    + ": the server shows a certificate that is not signed by it.";
        }
        return switch (String.valueOf(e.getSQLState())) {
            case "3D000" ->
                    "Create it first: CREATE DATABASE <name> ENCODING 'UTF8' TEMPLATE template0;";
            case "28P01", "28000" -> "Check " + login + ".";
            case "08001", "08004", "08006" ->
                    "Check "
                            + url
                            + " (jdbc:postgresql://<host>:<port>/<database>), and that the server"
                            + " runs.";
            default -> "Check " + url + ": jdbc:postgresql://<host>:<port>/<database>";
        };
    }
}
