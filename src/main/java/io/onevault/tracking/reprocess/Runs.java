package io.onevault.tracking.reprocess;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.reprocess.ReprocessException.Code;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads and notes in the database how far a reprocess is. */
final class Runs {

    private static final String READ =
            """
            SELECT to_jsonb(r)
              FROM raw.site_tracking_reprocess_r AS r
             ORDER BY state = 'DROPPED', load_date DESC
             LIMIT 1""";
    private static final String NOTE =
            "SELECT to_jsonb(r) FROM raw.site_tracking_reprocess_note(?::jsonb) AS r";
    private static final String EXCHANGE = "CALL raw.site_tracking_reprocess_%s()";

    private static final String CHECK = "CALL raw.site_tracking_reprocess_check_exchange('%s')";

    private static final String AWAIT = "CALL raw.site_tracking_reprocess_await_others(?)";
    private static final String KEEP_OUT =
            "SELECT pg_advisory_lock(hashtextextended('site_tracking_carry_over', 0))";

    private static final String COMPLETE = "CALL raw.site_tracking_reprocess_complete(%s)";
    private static final String DIFF = "SELECT raw.site_tracking_reprocess_diff(?)";
    private static final String MERGE = "CALL raw.site_tracking_reprocess_merge(?)";
    private static final String TENANTS = "SELECT tenant_bk FROM auth.tenant_h ORDER BY tenant_bk";
    private static final String DROP = "SELECT raw.site_tracking_reprocess_drop()";
    private static final String COUNTS = "counts";
    private static final String OPERATION = "operation";
    private static final String RULES = "rules";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Connection connection;

    /**
     * @param connection in auto-commit mode
     */
    Runs(Connection connection) {
        this.connection = connection;
    }

    Shadow shadow() {
        return new Shadow(connection);
    }

    /** Keeps other commands out for as long as the connection lasts. */
    void lock() throws SQLException, InterruptedException {
        CommandLock.take(connection);
    }

    /**
     * The reprocess there is.
     *
     * @throws ReprocessException where there is none in one of the states
     */
    Run read(String... states) throws SQLException {
        Run run = current();
        for (String state : states) {
            if (run != null && run.is(state)) {
                return run;
            }
        }
        throw new ReprocessException(
                Code.NOT_IN_STATE,
                "the reprocess is %s, and must be %s for this"
                        .formatted(
                                run == null ? "missing" : run.state(),
                                String.join(" or ", states)));
    }

    private @Nullable Run current() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(READ)) {
            return row.next() ? run(row.getString(1)) : null;
        }
    }

    /** Notes columns of the reprocess. */
    Run note(Map<String, ?> columns) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(NOTE)) {
            statement.setString(1, JSON.writeValueAsString(columns));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return run(row.getString(1));
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Notes that these counts are over. */
    void forget(String... counts) throws SQLException {
        Map<String, @Nullable Object> none = new HashMap<>();
        for (String count : counts) {
            none.put(count, null);
        }
        note(Map.of(COUNTS, none));
    }

    /** How far both jobs had come is over. */
    void forgetPassed() throws SQLException {
        forget("settled_before", "farthest_ms");
    }

    Run note(@Nullable Operation operation) throws SQLException {
        JsonNode told = JSON.valueToTree(operation);
        return note(Map.of(COUNTS, Map.of(OPERATION, told)));
    }

    /**
     * Tells before a job is stopped what an exchange would be refused for.
     *
     * @throws SQLException where it would
     */
    void requireExchange(String command) throws SQLException {
        String from = command.equals(Operation.SWITCH) ? "_shadow" : "_former";
        try (Statement statement = connection.createStatement()) {
            statement.execute(CHECK.formatted(from));
        }
    }

    /**
     * Waits for transactions that an exchange of the tables would wait for, with the jobs stopped.
     *
     * @throws SQLException where one goes on for longer; it tells whose
     */
    void awaitOthers(int seconds) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(AWAIT)) {
            statement.setInt(1, seconds);
            statement.execute();
        }
    }

    /**
     * Waits for erasures and retention and keeps them out for as long as the connection lasts: to
     * be called before a job is stopped, as a part of them may take minutes.
     */
    void keepOutWhoRemoves() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(KEEP_OUT);
        }
    }

    /**
     * Gives the shadow what production alone holds.
     *
     * @param everything also what may change as long as a job writes; otherwise what changes no
     *     more
     */
    void complete(boolean everything) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(COMPLETE.formatted(everything));
        }
    }

    /** Carries over what a reprocess of some tenants or days says otherwise, tenant by tenant. */
    void merge(Run run) throws SQLException {
        List<String> tenants = run.tenants().isEmpty() ? registered() : run.tenants();
        try (PreparedStatement statement = connection.prepareStatement(MERGE)) {
            for (String tenant : tenants) {
                statement.setString(1, tenant);
                statement.execute();
            }
        }
    }

    private List<String> registered() throws SQLException {
        List<String> tenants = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(TENANTS)) {
            while (rows.next()) {
                tenants.add(rows.getString(1));
            }
        }
        return tenants;
    }

    /** Exchanges the tables, or exchanges them back, in one transaction that notes it. */
    Run exchange(String command) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(EXCHANGE.formatted(command));
        }
        return read(Run.SWITCHED, Run.UNDONE);
    }

    /** What the shadow says otherwise than production. */
    JsonNode diff(int examples) throws SQLException {
        Run run = current();
        if (run != null && (run.is(Run.PREPARED) || run.is(Run.BUILDING))) {
            throw new ReprocessException(
                    Code.NOT_BUILT,
                    "reprocess build did not come to its end, its shadow tells nothing; run it again");
        }
        try (PreparedStatement statement = connection.prepareStatement(DIFF)) {
            statement.setInt(1, examples);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                JsonNode diff = JSON.readTree(row.getString(1));
                if (isEmpty(diff, "shadow") && !isEmpty(diff, "production")) {
                    throw new ReprocessException(
                            Code.NOT_BUILT, "the shadow has no event, nothing was read");
                }
                return diff;
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isEmpty(JsonNode diff, String side) {
        for (JsonNode day : diff.path("events")) {
            if (day.path(side).asLong() > 0) {
                return false;
            }
        }
        return true;
    }

    /** A switch or an undo that is half done has the jobs stopped. */
    void requireNothingUnderWay() throws SQLException {
        Run run = current();
        Operation operation = run == null ? null : run.operation();
        if (operation != null && !operation.done()) {
            throw new ReprocessException(
                    Code.NOT_IN_STATE,
                    "%s is not done; end it first by running it again"
                            .formatted(operation.command()));
        }
    }

    /** Drops the shadow or the former tables, some at a time, as locks are few. */
    void drop() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            long left;
            do {
                try (ResultSet row = statement.executeQuery(DROP)) {
                    row.next();
                    left = row.getLong(1);
                }
            } while (left > 0);
        }
    }

    private static @Nullable Run run(@Nullable String json) {
        try {
            JsonNode row = JSON.readTree(json == null ? "null" : json);
            if (!row.hasNonNull("reprocess_id")) {
                return null;
            }
            JsonNode counts = row.path(COUNTS);
            boolean partial =
                    row.hasNonNull("tenant_bks")
                            || row.hasNonNull("from_at")
                            || row.hasNonNull("to_at");
            return new Run(
                    row.path("reprocess_id").asText(),
                    row.path("state").asText(),
                    JSON.convertValue(row.path("settings"), new TypeReference<>() {}),
                    counts.has(RULES)
                            ? JSON.convertValue(counts.get(RULES), Rules.class)
                            : Rules.UNKNOWN,
                    tenants(row.path("tenant_bks")),
                    partial,
                    text(row, "live_job"),
                    text(row, "shadow_job"),
                    text(row, "live_savepoint"),
                    text(row, "shadow_savepoint"),
                    text(counts, "shadow_from"),
                    text(counts, "live_from"),
                    counts.hasNonNull("live_begins")
                            ? JSON.convertValue(counts.get("live_begins"), new TypeReference<>() {})
                            : Map.of(),
                    JSON.convertValue(counts.get(OPERATION), Operation.class));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> tenants(JsonNode names) {
        List<String> tenants = new ArrayList<>();
        names.forEach(name -> tenants.add(name.asText()));
        return tenants;
    }

    private static @Nullable String text(JsonNode row, String column) {
        JsonNode value = row.path(column);
        return value.isTextual() ? value.asText() : null;
    }
}
