package io.onevault.tracking.vault;

import io.onevault.tracking.state.RunMark;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Tells which rows the database had before, by the transactions that wrote them. A run begins where
 * the job starts without state and goes on over failures, savepoints and changes of parallelism:
 * its marks are state. Rows from before its beginning are of runs whose state is lost. Of its own
 * rows those of the last days may have been rolled back in state, which then counts them again;
 * older ones are counted, and only forgotten by the archive. Not thread-safe.
 */
public final class RunMarks {

    private static final String BEGIN = "SELECT raw.site_tracking_begin_run(?, ?)";
    private static final String SERVER = "SELECT raw.site_tracking_server()";
    private static final String NEXT =
            "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint";

    /** Counting all that the vault holds may take its time. */
    private static final int NO_TIMEOUT = 0;

    /** No replay goes back further than a part of what the archive remembers. */
    private static final int REPLAYED_PART = 2;

    private static final int MARKED_PART = 64;

    private static final long NO_SERVER = 0;
    private static final Duration EVER = Duration.ofDays(36_500);

    private final String runId;
    private final String recordSource;
    private final Clock clock;
    private final long replayedMillis;
    private final long everyMillis;

    /** In order; the first is the beginning. Empty until the run has written. */
    private List<RunMark> marks;

    /**
     * @param runId of a run that begins
     * @param memory how long the archive remembers an event
     * @param restored what earlier subtasks knew; empty where there is no state
     */
    public RunMarks(
            String runId,
            String recordSource,
            Duration memory,
            List<RunMark> restored,
            Clock clock) {
        this.runId = runId;
        this.recordSource = recordSource;
        this.clock = clock;
        this.replayedMillis = memory.toMillis() / REPLAYED_PART;
        this.everyMillis = memory.toMillis() / MARKED_PART;
        this.marks = thinned(restored);
    }

    /** Of a run over history, which takes nothing in the database for written before it. */
    public static RunMarks ofHistory(String recordSource, Clock clock) {
        List<RunMark> beforeAll = List.of(new RunMark(NO_SERVER, 0, 0));
        return new RunMarks("", recordSource, EVER, beforeAll, clock);
    }

    /** To be kept in state. */
    public List<RunMark> marks() {
        return marks;
    }

    /**
     * Begins the run unless it has begun.
     *
     * @param connection in auto-commit mode
     */
    void connect(Connection connection, Layers layers) throws SQLException {
        long server = number(connection, SERVER);
        if (marks.isEmpty()) {
            marks = List.of(new RunMark(server, clock.millis(), begin(connection, layers)));
        } else if (marks.get(0).server() != server) {
            // Its rows were restored from a dump: nothing tells who wrote them.
            marks = List.of(new RunMark(server, clock.millis(), 0));
        }
    }

    private long begin(Connection connection, Layers layers) throws SQLException {
        int timeout = connection.getNetworkTimeout();
        connection.setNetworkTimeout(Runnable::run, NO_TIMEOUT);
        try (PreparedStatement begin = connection.prepareStatement(layers.sql(BEGIN))) {
            begin.setString(1, runId);
            begin.setString(2, recordSource);
            try (ResultSet row = begin.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        } finally {
            connection.setNetworkTimeout(Runnable::run, timeout);
        }
    }

    /** Notes the moment, from time to time. */
    void mark(Connection connection) throws SQLException {
        RunMark last = marks.get(marks.size() - 1);
        long now = clock.millis();
        if (now - last.atMillis() < everyMillis) {
            return;
        }
        List<RunMark> more = new ArrayList<>();
        for (int i = 0; i < marks.size(); i++) {
            boolean isBorder = i + 1 == marks.size() || marks.get(i + 1).atMillis() > border(now);
            if (i == 0 || isBorder || marks.get(i).atMillis() > border(now)) {
                more.add(marks.get(i));
            }
        }
        more.add(new RunMark(last.server(), now, number(connection, NEXT)));
        marks = more;
    }

    private long border(long nowMillis) {
        return nowMillis - replayedMillis;
    }

    /** Rows of transactions before this one are of earlier runs; 0 where there are none. */
    long beginning() {
        return marks.get(0).transaction();
    }

    /** Rows of transactions before this one are counted, in the ledger and in state. */
    long counted() {
        long border = border(clock.millis());
        long counted = beginning();
        for (RunMark mark : marks) {
            if (mark.atMillis() <= border) {
                counted = Math.max(counted, mark.transaction());
            }
        }
        return counted;
    }

    /** Subtasks make their marks at about the same time; one of each time is enough. */
    private List<RunMark> thinned(List<RunMark> restored) {
        List<RunMark> sorted = new ArrayList<>(restored);
        sorted.sort(
                Comparator.comparingLong(RunMark::transaction)
                        .thenComparingLong(RunMark::atMillis));
        List<RunMark> thinned = new ArrayList<>();
        for (RunMark mark : sorted) {
            boolean isFirst = thinned.isEmpty();
            if (isFirst
                    || mark.atMillis() - thinned.get(thinned.size() - 1).atMillis()
                            >= everyMillis / 2) {
                thinned.add(mark);
            }
        }
        return thinned;
    }

    private static long number(Connection connection, String query) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }
}
