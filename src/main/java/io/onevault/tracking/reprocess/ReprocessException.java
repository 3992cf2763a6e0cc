package io.onevault.tracking.reprocess;

import io.onevault.tracking.migrate.MigrationException;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.program.ProgramException;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Ends the program with a coded message; nothing was changed. */
final class ReprocessException extends ProgramException {

    private static final long serialVersionUID = 1;

    private static final String OURS = "ST";

    /** SQLSTATEs of a table, a column, a function, a schema that is not there. */
    private static final Set<String> UNDEFINED = Set.of("42P01", "42703", "42883", "3F000");

    /** The first build makes them. */
    private static final String ROUTINES = "function raw.site_tracking_reprocess_";

    /** Why nothing is done. */
    enum Code {
        /** There is nothing at the path, or it can't be reached. */
        SAVEPOINT_NOT_FOUND,
        /** Some of its files are not there, or not whole. */
        SAVEPOINT_INCOMPLETE,
        /** Another job's. */
        SAVEPOINT_OF_ANOTHER_JOB,
        /** Another run of the job began without state since it was made. */
        SAVEPOINT_OF_EARLIER_RUN,
        /** Of a format that can't be read outside of the job. */
        SAVEPOINT_FORMAT,
        /** The numbered scripts were not run, or an older version's. */
        SCHEMA_TOO_OLD,
        /** No tenant of that name is registered. */
        UNKNOWN_TENANT,
        /** Neither the archive nor raw holds an event. */
        NO_HISTORY,
        /** The database says so. */
        DATABASE,
        /** Kafka has removed what a job would read that is to go on. */
        RECORDS_GONE,
        /** The shadow is not filled, so that it tells nothing. */
        NOT_BUILT,
        /** The reprocess is in another state than this command is for. */
        NOT_IN_STATE,
        /** What some tenants or days said before is in history alone. */
        NO_UNDO,
        /** Another command works on the same reprocess. */
        BUSY,
        /** No job of the name runs, or several do. */
        LIVE_JOB_NOT_RUNNING,
        /** The live job was started by other rules since the build. */
        RULES_CHANGED,
        /** The live job does not get to where the shadow's is, or was stopped. */
        LIVE_JOB_BEHIND,
        /** The second run of the job does not get to where the live one is. */
        SHADOW_JOB_BEHIND,
        /** The second run of the job has ended. */
        SHADOW_JOB_NOT_RUNNING,
        /** A job is being stopped, and has not ended yet. */
        JOB_STOPPING,
        /** A job ended though nobody stopped it. */
        JOB_ENDED,
        /** Another job writes production, or would. */
        OTHER_JOB_RUNS,
        /** Kafka keeps what an earlier run of the shadow's job has committed. */
        GROUP_KEPT,
        /** Nobody says where savepoints are to be written. */
        NO_SAVEPOINT_FOLDER,
        /** There is another reprocess, which has to be ended first. */
        SHADOW_EXISTS,
        /** The Flink job that was run did not come to its end. */
        JOB_FAILED
    }

    ReprocessException(Code code, String message, @Nullable Throwable cause) {
        super(Program.FAILED, code + ": " + message, cause);
    }

    ReprocessException(Code code, String message) {
        this(code, message, null);
    }

    private ReprocessException(String code, String message, Exception cause) {
        super(Program.FAILED, code + ": " + message, cause);
    }

    /** What the database refuses: by the code of our routines, or else by ours. */
    static ReprocessException of(SQLException e) {
        return of(String.valueOf(e.getSQLState()), e);
    }

    /** The same of a script. */
    static ReprocessException of(MigrationException e) {
        return of(e.sqlState(), e);
    }

    private static ReprocessException of(String sqlState, Exception e) {
        // The call stack inside the database says nothing to whoever reads the message.
        String message = String.valueOf(e.getMessage()).split("\n  Where: ", 2)[0];
        message = message.replaceFirst("^ERROR: ", "");
        if (sqlState.startsWith(OURS)) {
            return new ReprocessException(sqlState, message, e);
        }
        if (UNDEFINED.contains(sqlState) && message.contains(ROUTINES)) {
            return new ReprocessException(Code.NOT_IN_STATE, "nothing was built here yet", e);
        }
        return UNDEFINED.contains(sqlState)
                ? new ReprocessException(
                        Code.SCHEMA_TOO_OLD, message + "; apply this version's scripts first", e)
                : new ReprocessException(Code.DATABASE, message, e);
    }
}
