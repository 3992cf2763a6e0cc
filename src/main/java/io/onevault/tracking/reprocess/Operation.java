package io.onevault.tracking.reprocess;

import org.jspecify.annotations.Nullable;

/**
 * How far a switch or an undo is, noted before and after each of its steps, so that one that was
 * killed can be finished.
 *
 * @param command which of them
 * @param done whether it came to its end
 * @param starts id of the job that it starts in the end
 * @param stops id of the job that an undo stops, or that a switch has begun to stop as the last one
 * @param stoppedWith savepoint with which an undo has stopped it; null as long as it is not known
 */
record Operation(
        String command,
        boolean done,
        String starts,
        @Nullable String stops,
        @Nullable String stoppedWith) {

    static final String SWITCH = "switch";
    static final String UNDO = "undo";

    boolean isUnderWay(String ofCommand) {
        return command.equals(ofCommand) && !done;
    }

    Operation starting(String job) {
        return new Operation(command, done, job, stops, stoppedWith);
    }

    Operation stopping(@Nullable String job) {
        return new Operation(command, done, starts, job, stoppedWith);
    }

    Operation stopped(String savepoint) {
        return new Operation(command, done, starts, stops, savepoint);
    }

    Operation ended() {
        return new Operation(command, true, starts, stops, stoppedWith);
    }
}
