package io.onevault.tracking.reprocess;

import io.onevault.tracking.program.ErrorLine;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobID;
import org.jspecify.annotations.Nullable;

/**
 * Puts the shadow in production's place: stops both jobs with a savepoint, exchanges the tables and
 * lets the shadow's job go on with production's. Each step is noted; run again it goes on where it
 * was, whatever stopped it. What fails before the exchange starts both jobs again as they were.
 *
 * <p>Where no job follows the live one, that one goes on itself: what it has loaded since the
 * savepoint is carried over as it is.
 */
final class Switch {

    /** As long as a job is behind, nobody waits for it but erasures and retention. */
    private static final Duration PASS = Duration.ofMinutes(5);

    private final Runs runs;
    private final Jobs jobs;
    private final Consumer<String> say;
    private final int patience;
    private final Pause pause;
    private final Restart restart;

    /**
     * @param patience seconds to wait for transactions of others, before anything is stopped
     */
    Switch(Runs runs, Jobs jobs, Consumer<String> say, int patience) {
        this.runs = runs;
        this.jobs = jobs;
        this.say = say;
        this.patience = patience;
        this.pause = new Pause(say);
        this.restart = new Restart(runs, jobs, say);
    }

    /**
     * @param told id of the live job; null where only one has its name
     */
    void run(@Nullable String told) throws Exception {
        Run run = runs.read(Run.BUILT, Run.FOLLOWING, Run.UNDONE, Run.SWITCHED, Run.MERGED);
        requireNoUndo(run);
        if (run.partial()) {
            // Up to when sessions change no more was told by them; the job need not run.
            jobs.requireRules(run, jobs.findAnyLive(told));
            runs.merge(run);
            say.accept("What differs is carried over; no job was stopped for it");
            return;
        }
        if (!run.is(Run.SWITCHED)) {
            run = run.isUnderWay(Operation.SWITCH) ? beginAgain(run, told) : begin(run, told);
            runs.keepOutWhoRemoves();
            jobs.requireAlone(run.liveJob(), told);
            run = exchangeOrGoBack(run, told);
        }
        if (run.isUnderWay(Operation.SWITCH)) {
            jobs.requireAlone(run.operation().starts(), told);
            goOn(run);
        } else {
            say.accept("The shadow is in production already");
        }
    }

    private static void requireNoUndo(Run run) {
        if (run.isUnderWay(Operation.UNDO)) {
            throw new ReprocessException(
                    ReprocessException.Code.NOT_IN_STATE,
                    "an undo is half done, and no job may run; end it first by reprocess undo");
        }
        if (run.is(Run.UNDONE) && run.shadowJob() != null) {
            throw new ReprocessException(
                    ReprocessException.Code.NOT_IN_STATE,
                    "the undo stopped the second run; reprocess build lets it follow again first");
        }
    }

    /**
     * One that was killed as long as the live job ran: much may have come since, which is not for
     * the pause. So the second run goes on once more if it was stopped.
     */
    private Run beginAgain(Run run, @Nullable String told) throws Exception {
        if (isPaused(run)) {
            return run;
        }
        try {
            return beginWithBoth(run, isLost(run) ? told : run.liveJob());
        } catch (Exception e) {
            try {
                leaveWhatWasNotBegun();
            } catch (Exception another) {
                e.addSuppressed(another);
            }
            throw e;
        }
    }

    private Run beginWithBoth(Run run, @Nullable String live) throws Exception {
        Run both = startShadow(run);
        try {
            return begin(both, live);
        } catch (ReprocessException e) {
            if (isLost(both) || bothRun(both)) {
                throw e;
            }
            // It was killed while the second run was stopped.
            return begin(startShadow(both), live);
        }
    }

    /** Or else nothing but this switch could be run, and it may be refused for good. */
    private void leaveWhatWasNotBegun() throws SQLException {
        Run run = runs.read(Run.BUILT, Run.FOLLOWING, Run.UNDONE);
        if (!isPaused(run) && run.shadowSavepoint() == null) {
            runs.forget("carried");
            runs.note((Operation) null);
        }
    }

    /** Whether the live job was stopped, or is being stopped. */
    private boolean isPaused(Run run) {
        boolean begun =
                run.liveSavepoint() != null
                        || String.valueOf(run.liveJob()).equals(run.operation().stops())
                        || !jobs.flink().isAlive(Run.job(run.liveJob()));
        return begun && !isLost(run);
    }

    /** Whether the live job has ended by itself: another one is to be started by hand. */
    private boolean isLost(Run run) {
        return jobs.isLost(run, run.liveJob(), run.liveSavepoint(), run.liveFrom());
    }

    private Run startShadow(Run run) throws Exception {
        restart.shadow(run);
        return runs.read(Run.BUILT, Run.FOLLOWING, Run.UNDONE);
    }

    private boolean bothRun(Run run) {
        return run.liveSavepoint() == null
                && run.shadowSavepoint() == null
                && jobs.flink().isAlive(Run.job(run.liveJob()))
                && (run.shadowJob() == null || jobs.flink().isAlive(Run.job(run.shadowJob())));
    }

    /** Nothing is stopped here: whatever takes time is done before. */
    private Run begin(Run run, @Nullable String told) throws Exception {
        String live = jobs.findLive(told);
        jobs.requireRules(run, live);
        runs.awaitOthers(patience);
        runs.requireExchange(Operation.SWITCH);
        if (run.is(Run.FOLLOWING)) {
            // The live job may have lost its state since the build.
            runs.shadow().requireNewestRunOf(Savepoint.open(String.valueOf(run.shadowFrom())));
        }
        awaitCaughtUp(run, null);
        awaitLive(run);
        if (run.is(Run.FOLLOWING)) {
            Passed.note(runs, jobs, run, live, say);
        }
        say.accept("Carrying over what production alone holds");
        runs.keepOutWhoRemoves();
        runs.complete(false);
        // The jobs waited for some of it.
        awaitCaughtUp(run, PASS);
        runs.awaitOthers(patience);
        String next = JobID.generate().toHexString();
        noteLive(live);
        return runs.note(new Operation(Operation.SWITCH, false, next, null, null));
    }

    /**
     * What an earlier switch that went back has started it from is over. Where it begins is asked
     * before the pause: of what it reads until then that does not matter any more.
     */
    private void noteLive(String live) throws Exception {
        Map<String, @Nullable Object> counts = new HashMap<>();
        counts.put("live_from", null);
        try (Offsets offsets = new Offsets(jobs.live())) {
            counts.put("live_begins", offsets.begins(jobs.liveGroup()));
        }
        runs.note(Map.of("live_job", live, "counts", counts));
    }

    private void awaitCaughtUp(Run run, @Nullable Duration most) throws Exception {
        if (run.is(Run.FOLLOWING)) {
            Following following = new Following(runs, jobs, say);
            following.requireAlive(run);
            following.awaitCaughtUp(run, most);
        }
    }

    /** It passes what the second run has read before it is stopped, as after an undo. */
    private void awaitLive(Run run) throws Exception {
        if (run.is(Run.FOLLOWING)) {
            try (Offsets offsets = new Offsets(jobs.live())) {
                awaitPast(offsets, offsets.committed(jobs.shadowGroup()));
            }
            say.accept("Production is where the shadow was");
        }
    }

    private Run exchangeOrGoBack(Run begun, @Nullable String told) throws Exception {
        try {
            stopLive(stopShadow(begun));
            // Committed before: who waits for the tables reads them as of when he began.
            runs.complete(true);
            return runs.exchange(Operation.SWITCH);
        } catch (Exception e) {
            say.accept("The switch is not done: " + ErrorLine.of(e));
            goBack(told);
            throw e;
        }
    }

    private Run stopShadow(Run run) throws Exception {
        if (run.shadowJob() == null || run.shadowSavepoint() != null) {
            return run;
        }
        say.accept("Stopping job " + run.shadowJob() + " of the shadow");
        String savepoint = jobs.stop(run, String.valueOf(run.shadowJob()));
        return runs.note(Map.of("shadow_savepoint", savepoint));
    }

    /**
     * The live job first passes what the shadow's has read: what is rejected there only the live
     * one publishes.
     */
    private Run stopLive(Run run) throws Exception {
        if (run.liveSavepoint() != null) {
            return run;
        }
        if (run.shadowSavepoint() != null && jobs.flink().isAlive(Run.job(run.liveJob()))) {
            Map<Integer, Long> read = new HashMap<>();
            Savepoint.open(run.shadowSavepoint()).nextOffsets().values().forEach(read::putAll);
            try (Offsets offsets = new Offsets(jobs.live())) {
                awaitPast(offsets, read);
            }
        }
        say.accept("Stopping job " + run.liveJob());
        // Who goes on after a kill does not let the second run read beyond it any more.
        runs.note(run.operation().stopping(run.liveJob()));
        pause.begin();
        String savepoint = jobs.stop(run, String.valueOf(run.liveJob()));
        return runs.note(Map.of("live_savepoint", savepoint));
    }

    private void awaitPast(Offsets offsets, Map<Integer, Long> read) throws Exception {
        Lag.ofLive(() -> offsets.committed(jobs.liveGroup()), read, PASS).awaitNone(any -> {});
    }

    /** Starts again what was stopped. If that fails, too, the next try does it. */
    private void goBack(@Nullable String told) {
        try {
            Run run = runs.read(Run.BUILT, Run.FOLLOWING, Run.UNDONE);
            jobs.requireAlone(run.liveJob(), told);
            // Or else the second run would read on beyond where that one ends.
            jobs.requireNotBeingStopped(run.liveJob());
            if (restart.live(run)) {
                pause.end();
            }
            restart.shadow(run);
            // By the ids that they have now.
            run = runs.read(Run.BUILT, Run.FOLLOWING, Run.UNDONE);
            jobs.requireRuns(run.liveJob());
            jobs.requireRuns(run.shadowJob());
            // Both have written since.
            runs.forget("carried");
            runs.note((Operation) null);
            say.accept("Both jobs run as before");
        } catch (Exception e) {
            say.accept(
                    "A job is stopped, or is being stopped: run reprocess switch again. "
                            + ErrorLine.of(e));
        }
    }

    private void goOn(Run run) throws Exception {
        String from = run.shadowSavepoint() == null ? run.liveSavepoint() : run.shadowSavepoint();
        say.accept("The tables are exchanged. The job goes on from " + from);
        Operation operation = jobs.startSwitched(runs, run, String.valueOf(from));
        pause.end();
        runs.note(operation.ended());
        say.accept("Done. " + ofSettings(run));
    }

    private static String ofSettings(Run run) {
        return run.settings().isEmpty()
                ? "reprocess undo goes back."
                : "Put %s into the job's configuration, for the next start. reprocess undo goes back."
                        .formatted(run.settings());
    }
}
