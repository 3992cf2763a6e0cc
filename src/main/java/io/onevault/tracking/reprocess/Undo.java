package io.onevault.tracking.reprocess;

import io.onevault.tracking.program.ErrorLine;
import io.onevault.tracking.reprocess.ReprocessException.Code;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobID;
import org.jspecify.annotations.Nullable;

/**
 * Puts the former tables in production's place again: stops the job with a savepoint, exchanges the
 * tables back and lets the former job go on from where it was stopped, so that it reads what came
 * meanwhile. Run again it goes on where it was.
 */
final class Undo {

    private final Runs runs;
    private final Jobs jobs;
    private final Consumer<String> say;
    private final int patience;
    private final Pause pause;

    /**
     * @param patience seconds to wait for transactions of others, before anything is stopped
     */
    Undo(Runs runs, Jobs jobs, Consumer<String> say, int patience) {
        this.runs = runs;
        this.jobs = jobs;
        this.say = say;
        this.patience = patience;
        this.pause = new Pause(say);
    }

    /**
     * @param told id of the job that runs; null where only one has its name
     */
    void run(@Nullable String told) throws Exception {
        Run run = runs.read(Run.SWITCHED, Run.UNDONE, Run.MERGED);
        if (run.is(Run.MERGED)) {
            throw new ReprocessException(
                    Code.NO_UNDO,
                    "what differed is in the tables that the live job writes; drop, then build and"
                            + " switch with the former settings, bring back what these say");
        }
        if (run.is(Run.SWITCHED)) {
            run = run.isUnderWay(Operation.UNDO) ? beginAgain(run, told) : begin(run, told);
            runs.keepOutWhoRemoves();
            jobs.requireAlone(run.operation().stops(), told);
            run = exchangeOrGoBack(run, told);
        }
        if (run.isUnderWay(Operation.UNDO)) {
            jobs.requireAlone(run.operation().starts(), told);
            goOn(run);
        } else {
            say.accept("The former tables are in production already");
        }
    }

    /** One that was killed before it stopped the job: Kafka may have forgotten much since. */
    private Run beginAgain(Run run, @Nullable String told) throws Exception {
        Operation operation = run.operation();
        if (isLost(run)) {
            return begin(run, told);
        }
        if (!isToBeStopped(operation)) {
            return run;
        }
        try {
            return begin(run, operation.stops());
        } catch (Exception e) {
            if (!isToBeStopped(operation) && e instanceof ReprocessException) {
                // It was killed while the job was stopped.
                return run;
            }
            // Or else nothing but this undo could be run, and it may be refused for good.
            jobs.requireRuns(operation.stops());
            runs.note(switched(operation.stops()));
            throw e;
        }
    }

    /** Whether the job has ended by itself: another one is to be started by hand. */
    private boolean isLost(Run run) {
        Operation operation = run.operation();
        return jobs.isLost(run, operation.stops(), operation.stoppedWith(), null);
    }

    /** As after a switch that is done, whose job runs. */
    private static Operation switched(@Nullable String job) {
        return new Operation(Operation.SWITCH, true, String.valueOf(job), null, null);
    }

    private boolean isToBeStopped(Operation operation) {
        return operation.stoppedWith() == null && jobs.flink().isAlive(Run.job(operation.stops()));
    }

    private Run begin(Run run, @Nullable String told) throws Exception {
        if (run.isUnderWay(Operation.SWITCH)) {
            throw new ReprocessException(
                    Code.NOT_IN_STATE, "the switch is not done; end it first by reprocess switch");
        }
        String current = jobs.findLive(told);
        Rules rules = rules(run, current);
        runs.awaitOthers(patience);
        runs.requireExchange(Operation.UNDO);
        // With this the former job was stopped.
        jobs.requireFormerGoesOn(run);
        String next = JobID.generate().toHexString();
        Operation operation = new Operation(Operation.UNDO, false, next, current, null);
        return runs.note(Map.of("counts", Map.of("rules", rules, "operation", operation)));
    }

    /**
     * By which the job goes on where this is not done, and by which it follows again where it is.
     */
    private Rules rules(Run run, String current) {
        Map<String, String> told = jobs.rules(current);
        if (told.isEmpty()) {
            run.rules().require(jobs.live());
        }
        return run.rules().withSecond(told);
    }

    private Run exchangeOrGoBack(Run begun, @Nullable String told) throws Exception {
        Operation operation = begun.operation();
        try {
            if (operation.stoppedWith() == null) {
                say.accept("Stopping job " + operation.stops());
                pause.begin();
                operation = operation.stopped(jobs.stop(begun, String.valueOf(operation.stops())));
                runs.note(operation);
            }
            return runs.exchange(Operation.UNDO);
        } catch (Exception e) {
            say.accept("The undo is not done: " + ErrorLine.of(e));
            goBack(begun, told);
            throw e;
        }
    }

    /** Starts the job again as the end of a switch does, which does it where this fails. */
    private void goBack(Run run, @Nullable String told) {
        String ending = Operation.UNDO;
        try {
            String stopped = String.valueOf(run.operation().stops());
            jobs.requireAlone(stopped, told);
            jobs.requireNotBeingStopped(stopped);
            String from = jobs.leftBy(run, stopped, run.operation().stoppedWith(), null);
            if (from == null) {
                jobs.requireRuns(stopped);
                runs.note(switched(stopped));
            } else {
                String next = JobID.generate().toHexString();
                Operation again = new Operation(Operation.SWITCH, false, next, null, null);
                runs.note(Map.of("shadow_savepoint", from));
                runs.note(again);
                ending = Operation.SWITCH;
                jobs.startLive(next, from, jobs.switched(run));
                pause.end();
                runs.note(again.ended());
            }
            say.accept("The job runs as before");
        } catch (Exception e) {
            say.accept(
                    "The job is stopped, or is being stopped: run reprocess %s. %s"
                            .formatted(ending, ErrorLine.of(e)));
        }
    }

    private void goOn(Run run) throws Exception {
        say.accept(
                "The tables are exchanged back. The former job goes on from "
                        + run.liveSavepoint());
        Operation operation = jobs.startFormer(runs, run);
        pause.end();
        noteDone(operation.ended());
        say.accept("Done. It reads what came since the switch");
    }

    /** The shadow may follow again, from where it was stopped. */
    private void noteDone(Operation operation) throws SQLException {
        Map<String, @Nullable Object> columns = new HashMap<>();
        columns.put("live_job", operation.starts());
        columns.put("live_savepoint", null);
        columns.put("shadow_savepoint", null);
        columns.put(
                "counts",
                Map.of(
                        "shadow_from",
                        String.valueOf(operation.stoppedWith()),
                        "operation",
                        operation));
        runs.note(columns);
    }
}
