package io.onevault.tracking.reprocess;

import io.onevault.tracking.program.ErrorLine;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
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

    /** Checkpoints come every few seconds, or minutes where much is to be written. */
    private static final Duration CHECKPOINT = Duration.ofMinutes(2);

    private final Runs runs;
    private final Jobs jobs;
    private final Consumer<String> say;
    private final int patience;
    private final Pause pause;

    /**
     * @param patience seconds to wait for transactions of others, before anything is stopped
     */
    Switch(Runs runs, Jobs jobs, Consumer<String> say, int patience) {
        this.runs = runs;
        this.jobs = jobs;
        this.say = say;
        this.patience = patience;
        this.pause = new Pause(say);
    }

    /**
     * @param told id of the live job; null where only one has its name
     */
    void run(@Nullable String told) throws Exception {
        Run run = runs.read(Run.BUILT, Run.FOLLOWING, Run.UNDONE, Run.SWITCHED, Run.MERGED);
        requireNoUndo(run);
        if (run.partial()) {
            runs.merge(run);
            say.accept("What differs is carried over; the live job goes on");
            return;
        }
        if (!run.is(Run.SWITCHED)) {
            run = run.isUnderWay(Operation.SWITCH) ? beginAgain(run) : begin(run, told);
            run = exchangeOrGoBack(run);
        }
        if (run.isUnderWay(Operation.SWITCH)) {
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

    /** One that was killed before it stopped a job: much may have come since. */
    private Run beginAgain(Run run) throws Exception {
        if (!bothRun(run)) {
            if (run.liveSavepoint() == null) {
                runs.awaitOthers(patience);
            }
            return run;
        }
        try {
            return begin(run, run.liveJob());
        } catch (ReprocessException e) {
            if (bothRun(run)) {
                throw e;
            }
            // It was killed while a job was stopped.
            return run;
        }
    }

    private boolean bothRun(Run run) {
        return run.liveSavepoint() == null
                && run.shadowSavepoint() == null
                && jobs.flink().isAlive(Run.job(run.liveJob()))
                && (run.shadowJob() == null || jobs.flink().isAlive(Run.job(run.shadowJob())));
    }

    /** Nothing is stopped here: whatever takes time is done before. */
    private Run begin(Run run, @Nullable String told) throws Exception {
        runs.awaitOthers(patience);
        String live = jobs.findLive(told);
        awaitCaughtUp(run, null);
        notePassed(run, live);
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

    /** What an earlier switch that went back has started it from is over. */
    private void noteLive(String live) throws SQLException {
        Map<String, @Nullable Object> counts = new HashMap<>();
        counts.put("live_from", null);
        runs.note(Map.of("live_job", live, "counts", counts));
    }

    private void awaitCaughtUp(Run run, @Nullable Duration most) throws Exception {
        if (run.is(Run.FOLLOWING)) {
            Following following = new Following(runs, jobs, say);
            following.requireAlive(run);
            following.awaitCaughtUp(run, most);
        }
    }

    /** What ended long enough before is done when the jobs are stopped. */
    private void notePassed(Run run, String live) throws Exception {
        if (!run.is(Run.FOLLOWING)) {
            return;
        }
        Optional<Instant> passed =
                Passed.by(jobs, Run.job(live), Run.job(run.shadowJob()), CHECKPOINT);
        if (passed.isEmpty()) {
            say.accept("Checkpoints of the jobs cannot be read here, which makes the pause longer");
            runs.forgetPassed();
            return;
        }
        try (Vault vault = new Vault(jobs.live().database())) {
            long farthest = vault.farthestMillis(List.of(jobs.live(), jobs.switched(run)));
            Instant settled = passed.get().minusMillis(farthest);
            Map<String, Object> counts =
                    Map.of("settled_before", settled.toString(), "farthest_ms", farthest);
            runs.note(Map.of("counts", counts));
            say.accept("What ended before " + settled + " changes no more");
        }
    }

    private Run exchangeOrGoBack(Run begun) throws Exception {
        runs.keepOutWhoRemoves();
        try {
            stopLive(stopShadow(begun));
            // Committed before: who waits for the tables reads them as of when he began.
            runs.complete(true);
            return runs.exchange(Operation.SWITCH);
        } catch (Exception e) {
            say.accept("The switch is not done: " + ErrorLine.of(e));
            goBack();
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
            awaitPast(Savepoint.open(String.valueOf(run.shadowSavepoint())));
        }
        say.accept("Stopping job " + run.liveJob());
        pause.begin();
        String savepoint = jobs.stop(run, String.valueOf(run.liveJob()));
        return runs.note(Map.of("live_savepoint", savepoint));
    }

    private void awaitPast(Savepoint shadow) throws Exception {
        Map<Integer, Long> read = new HashMap<>();
        shadow.nextOffsets().values().forEach(read::putAll);
        try (Offsets offsets = new Offsets(jobs.live())) {
            Callable<Long> behind = () -> Offsets.behind(offsets.committed(jobs.liveGroup()), read);
            new Lag(behind, PASS, ReprocessException.Code.LIVE_JOB_BEHIND, "the live job")
                    .awaitNone(any -> {});
        }
    }

    /** Starts again what was stopped. If that fails, too, the next try does it. */
    private void goBack() {
        try {
            Run run = runs.read(Run.BUILT, Run.FOLLOWING, Run.UNDONE);
            String live = run.liveJob();
            String from = jobs.leftBy(run, live, run.liveSavepoint(), run.liveFrom());
            if (from != null) {
                String id = noteAgain("live", from);
                jobs.startLive(id, from, jobs.live());
                pause.end();
            }
            from = jobs.leftBy(run, run.shadowJob(), run.shadowSavepoint(), run.shadowFrom());
            if (from != null) {
                String id = noteAgain("shadow", from);
                jobs.startShadow(id, from, run);
            }
            // Both have written since.
            runs.forget("carried");
            runs.note((Operation) null);
            say.accept("Both jobs run as before");
        } catch (Exception e) {
            say.accept("A job is still stopped: run reprocess switch again. " + ErrorLine.of(e));
        }
    }

    /** A new id, noted before the job starts. */
    private String noteAgain(String which, String from) throws SQLException {
        String id = JobID.generate().toHexString();
        Map<String, @Nullable Object> columns = new HashMap<>();
        columns.put(which + "_job", id);
        columns.put(which + "_savepoint", null);
        columns.put("counts", Map.of(which + "_from", from));
        runs.note(columns);
        return id;
    }

    private void goOn(Run run) throws Exception {
        String from = run.shadowSavepoint() == null ? run.liveSavepoint() : run.shadowSavepoint();
        say.accept("The tables are exchanged. The job goes on from " + from);
        Operation operation = jobs.startNoted(runs, run, String.valueOf(from), jobs.switched(run));
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
