package io.onevault.tracking.reprocess;

import io.onevault.tracking.program.Program;
import io.onevault.tracking.program.ProgramException;
import org.jspecify.annotations.Nullable;

/** Ends the program with a coded message; nothing was changed. */
final class ReprocessException extends ProgramException {

    private static final long serialVersionUID = 1;

    /** Why nothing is done. */
    enum Code {
        /** There is nothing at the path, or it can't be reached. */
        SAVEPOINT_NOT_FOUND,
        /** Some of its files are not there, or not whole. */
        SAVEPOINT_INCOMPLETE,
        /** Another job's. */
        SAVEPOINT_OF_ANOTHER_JOB,
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
        /** The reprocess is in another state than this command is for. */
        NOT_IN_STATE,
        /** Another command works on the same reprocess. */
        BUSY,
        /** No job of the name runs, or several do. */
        LIVE_JOB_NOT_RUNNING,
        /** The live job does not get to where the shadow's was stopped. */
        LIVE_JOB_BEHIND,
        /** The second run of the job has ended. */
        SHADOW_JOB_NOT_RUNNING,
        /** Nobody says where savepoints are to be written. */
        NO_SAVEPOINT_FOLDER,
        /** The Flink job that was run did not come to its end. */
        JOB_FAILED
    }

    ReprocessException(Code code, String message, @Nullable Throwable cause) {
        super(Program.FAILED, code + ": " + message, cause);
    }

    ReprocessException(Code code, String message) {
        this(code, message, null);
    }
}
