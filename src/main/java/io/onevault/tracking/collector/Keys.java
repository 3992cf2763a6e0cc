package io.onevault.tracking.collector;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.onevault.tracking.program.DatabaseLogin;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.program.ProgramException;
import io.onevault.tracking.program.UsageException;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Command line: makes, lists and revokes the collector's keys. */
@Command(
        name = "Keys",
        description = {
            "Lists the collector's keys and links, or makes or revokes one. A key is printed once,"
                    + " when it is made, and so is a link's token; the database keeps its hash.",
            "",
            "A link's password is in the environment's SITE_TRACKING_LINK_PASSWORD.",
            ""
        })
public final class Keys implements Callable<Integer> {

    private static final String MAKE =
            "SELECT auth.site_tracking_make_key(?, ?, string_to_array(?, ','), ?::integer)";
    private static final String REVOKE = "SELECT auth.site_tracking_revoke_key(?, ?)";
    private static final String LIST =
            """
            SELECT concat_ws(E'\\t', tenant_bk, key_name, replace(array_to_string(scope, ','), 'site_tracking:', ''),
                to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
                CASE WHEN is_revoked THEN 'revoked' WHEN expires_at <= now() THEN 'expired' ELSE 'valid' END)
            FROM auth.site_tracking_keys(?)""";

    private static final String SHARE =
            "SELECT business.site_change_settings(auth.site_tracking_one_tenant(?), ?::jsonb) ->> 'token'";
    private static final String LINKS =
            """
            SELECT concat_ws(E'\\t', tenant_bk, name, 'link', to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
                CASE WHEN expires_at <= now() THEN 'expired' ELSE 'valid' END)
            FROM auth.tenant_h
            CROSS JOIN LATERAL business.site_saved(tenant_hk, 'LINK')
            WHERE tenant_bk = coalesce(?, tenant_bk)
            ORDER BY tenant_bk, name""";

    /** What our functions refuse arguments with: those for administrators, and the api's. */
    private static final Set<String> INVALID_ARGUMENT = Set.of("ST013", "ST400");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST_LINK_DAYS = 1_100;

    private final PrintStream out;
    private final Map<String, String> environment;

    @Option(
            names = "--url",
            paramLabel = "JDBC-URL",
            required = true,
            description = "Such as jdbc:postgresql://localhost:5432/one_vault.")
    private String url = "";

    /** An administrator's. */
    @Mixin private DatabaseLogin login = new DatabaseLogin();

    @Option(names = "--tenant", paramLabel = "NAME", description = "Whose keys. Default: all.")
    private @Nullable String tenant;

    @ArgGroup private Change change = new Change();

    @Option(
            names = "--may",
            paramLabel = "WHAT",
            defaultValue = "browser",
            description =
                    "What a new key may do: browser (write from pages; such a key is public), write"
                            + " (from servers), read, manage (change the tenant's settings), or"
                            + " several of them, with commas. Default:"
                            + " ${DEFAULT-VALUE}.")
    private String may = "";

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "3650",
            description = "For how long a new key is valid. Default: ${DEFAULT-VALUE}.")
    private int days;

    @Option(
            names = "--filters",
            paramLabel = "JSON",
            description =
                    "Filters beyond which a new link shows nothing, as the api takes them. Default:"
                            + " none.")
    private @Nullable String filters;

    /** What is done; nothing: keys are listed. */
    private static final class Change {

        @Option(
                names = "--make",
                paramLabel = "KEY-NAME",
                description = "Make a key, in place of one of the same name.")
        private @Nullable String made;

        @Option(names = "--revoke", paramLabel = "KEY-NAME", description = "Withdraw a key.")
        private @Nullable String revoked;

        @Option(
                names = "--share",
                paramLabel = "LINK-NAME",
                description = "Make a link, in place of one of the same name.")
        private @Nullable String shared;

        @Option(names = "--unshare", paramLabel = "LINK-NAME", description = "Withdraw a link.")
        private @Nullable String unshared;

        private boolean isNone() {
            return made == null && revoked == null && shared == null && unshared == null;
        }
    }

    Keys(PrintStream out, Map<String, String> environment) {
        this.out = out;
        this.environment = environment;
    }

    public static void main(String[] args) {
        Program.main(new Keys(System.out, System.getenv()), args);
    }

    @Override
    public Integer call() {
        if (tenant == null && !change.isNone()) {
            throw new UsageException("--tenant is missing");
        }
        if (filters != null && change.shared == null) {
            throw new UsageException("--filters are a link's, which --share makes");
        }
        try (Connection connection = DatabaseLogin.connect(login.to(url, "--url", environment))) {
            if (change.made != null) {
                print(connection, MAKE, tenant, change.made, may, String.valueOf(days));
            } else if (change.revoked != null) {
                ask(connection, REVOKE, tenant, change.revoked);
            } else if (change.shared != null) {
                print(connection, SHARE, tenant, link(change.shared));
            } else if (change.unshared != null) {
                ask(connection, SHARE, tenant, unlink(change.unshared));
            } else {
                print(connection, LIST, tenant);
                print(connection, LINKS, tenant);
            }
            return Program.OK;
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    private static ProgramException failure(SQLException e) {
        String message = message(e);
        return e.getSQLState() != null && INVALID_ARGUMENT.contains(e.getSQLState())
                ? new UsageException(message)
                : new ProgramException(Program.FAILED, message, e);
    }

    /** Without where in the server it was, which the driver tells as well. */
    private static String message(SQLException e) {
        ServerErrorMessage told =
                e instanceof PSQLException refused ? refused.getServerErrorMessage() : null;
        if (told == null) {
            return String.valueOf(e.getMessage());
        }
        return told.getHint() == null
                ? String.valueOf(told.getMessage())
                : told.getMessage() + ' ' + told.getHint();
    }

    private String link(String name) {
        ObjectNode change = JSON.createObjectNode();
        ObjectNode link = change.putObject("link").put("name", name);
        link.put("days", Math.min(days, LONGEST_LINK_DAYS));
        if (filters != null) {
            try {
                link.set("filters", JSON.readTree(filters));
            } catch (JsonProcessingException e) {
                throw new UsageException("--filters is no JSON");
            }
        }
        link.put("password", environment.get("SITE_TRACKING_LINK_PASSWORD"));
        try {
            return StoredChange.of(change);
        } catch (Refused e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private static String unlink(String name) {
        ObjectNode change = JSON.createObjectNode();
        change.putObject("link").put("name", name).put("remove", true);
        return StoredChange.of(change);
    }

    private void print(Connection connection, String query, @Nullable String... arguments)
            throws SQLException {
        ask(connection, query, arguments).forEach(out::println);
    }

    private static List<String> ask(
            Connection connection, String query, @Nullable String... arguments)
            throws SQLException {
        List<String> lines = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            for (int i = 0; i < arguments.length; i++) {
                statement.setString(i + 1, arguments[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    lines.add(rows.getString(1));
                }
            }
        }
        return lines;
    }
}
