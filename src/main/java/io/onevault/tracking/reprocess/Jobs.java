package io.onevault.tracking.reprocess;

import io.onevault.tracking.job.SiteTrackingJob;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.reprocess.ReprocessException.Code;
import io.onevault.tracking.reprocess.flink.FlinkJobs;
import io.onevault.tracking.reprocess.flink.Savepoints;
import io.onevault.tracking.vault.Layers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.jspecify.annotations.Nullable;

/**
 * The two jobs of a reprocess: the live one, which writes production, and the shadow's, which goes
 * on from the same savepoint with other settings and writes the shadow.
 *
 * @param live settings of the live job as they are told now: where it reads and writes
 * @param savepoints folder of the savepoints of all reprocesses
 */
record Jobs(FlinkJobs flink, JobSettings live, String savepoints) {

    static final String SHADOW_NAME = SiteTrackingJob.NAME + "-reprocess";

    String liveGroup() {
        return live.get(JobOptions.KAFKA_GROUP);
    }

    String shadowGroup() {
        return liveGroup() + "-reprocess";
    }

    /** The live job before the switch and after an undo. */
    JobSettings live(Run run) {
        return live.with(run.rules().live());
    }

    /** The live job after the switch. */
    JobSettings switched(Run run) {
        return live.with(run.settings()).with(run.rules().second());
    }

    /** The shadow's job: it commits nothing in the live one's group and publishes nothing. */
    JobSettings shadow(Run run) {
        return switched(run)
                .with(
                        Map.of(
                                JobOptions.KAFKA_GROUP.key(),
                                shadowGroup(),
                                JobOptions.DATABASE_LAYERS.key(),
                                Layers.SHADOW.name()));
    }

    void startLive(String id, String savepoint, JobSettings with) throws Exception {
        start(id, SiteTrackingJob.NAME, savepoint, Map.of(), with);
    }

    /** Its checkpoints are nothing to recover the live job from. */
    void startShadow(String id, String savepoint, Run run) throws Exception {
        try (Offsets offsets = new Offsets(live)) {
            offsets.forget(shadowGroup());
        }
        Map<String, String> options =
                Map.of(
                        CheckpointingOptions.CHECKPOINTS_DIRECTORY.key(),
                        folder(run, "checkpoints"));
        start(id, SHADOW_NAME, savepoint, options, shadow(run));
    }

    private void start(
            String id, String name, String savepoint, Map<String, String> options, JobSettings with)
            throws Exception {
        JobID job = Run.job(id);
        flink.start(job, name, savepoint, options, env -> SiteTrackingJob.define(env, with));
        flink.awaitRunning(job);
    }

    /**
     * @throws ReprocessException where nothing is, or Kafka lacks what a job reads that goes on
     *     there
     */
    void requireGoesOn(@Nullable String savepoint) throws InterruptedException {
        requireGoesOn(savepoint, Map.of());
    }

    private void requireGoesOn(@Nullable String savepoint, Map<Integer, Long> begins)
            throws InterruptedException {
        Savepoint from = Savepoint.open(String.valueOf(savepoint));
        try (Offsets offsets = new Offsets(live)) {
            offsets.requireRecordsFrom(from, begins);
        }
    }

    /** The same of the job that was the live one before the switch. */
    void requireFormerGoesOn(Run run) throws InterruptedException {
        requireGoesOn(run.liveSavepoint(), run.liveBegins());
    }

    /**
     * Starts the job that goes on after a switch, as the live one: where the second run had read
     * nothing, the live one may have.
     */
    Operation startSwitched(Runs runs, Run run, String from) throws Exception {
        if (from.equals(run.shadowSavepoint())) {
            try (Offsets offsets = new Offsets(live)) {
                Savepoint second = Savepoint.open(from);
                offsets.beginAgain(liveGroup(), second, offsets.begins(shadowGroup()));
            }
        }
        return startNoted(runs, run, from, switched(run));
    }

    /** Starts the former one after an undo: the job after the switch has read on for its group. */
    Operation startFormer(Runs runs, Run run) throws Exception {
        String from = String.valueOf(run.liveSavepoint());
        try (Offsets offsets = new Offsets(live)) {
            offsets.beginAgain(liveGroup(), Savepoint.open(from), run.liveBegins());
        }
        return startNoted(runs, run, from, live(run));
    }

    /**
     * Starts the job that the operation under way starts in the end. Of one that was started before
     * and failed for good another is made, which is noted before.
     */
    Operation startNoted(Runs runs, Run run, String savepoint, JobSettings with) throws Exception {
        Operation operation = run.operation();
        Optional<JobStatus> status = flink.status(Run.job(operation.starts()));
        if (status.filter(JobStatus::isTerminalState).isPresent()) {
            operation = operation.starting(JobID.generate().toHexString());
            runs.note(operation);
        }
        startLive(operation.starts(), savepoint, with);
        return operation;
    }

    /** Stops a job into a folder of its own, where a second try finds what the first one left. */
    String stop(Run run, @Nullable String id) throws InterruptedException {
        return flink.stop(Run.job(id), folder(run, id));
    }

    /** A folder of the reprocess. */
    String folder(Run run, @Nullable String name) {
        return savepoints + "/reprocess-" + run.id() + "/" + name;
    }

    /**
     * Where a job that was stopped goes on; null where it runs.
     *
     * @param noted what it was stopped with, as far as it was noted
     * @param from where it was to go on the last time, in case it was not started
     */
    @Nullable String leftBy(
            Run run, @Nullable String id, @Nullable String noted, @Nullable String from) {
        if (id == null || flink.isAlive(Run.job(id))) {
            return null;
        }
        return noted != null ? noted : Savepoints.newest(folder(run, id)).orElse(from);
    }

    /**
     * Neither runs nor can be started again what writes its savepoint still, however long that
     * takes.
     *
     * @throws ReprocessException where the job does; null is none
     */
    void requireNotBeingStopped(@Nullable String id) {
        if (id != null && flink.isBeingStopped(Run.job(id))) {
            throw new ReprocessException(
                    Code.JOB_STOPPING, "job %s is still writing its savepoint".formatted(id));
        }
    }

    /**
     * Makes sure that a job runs, and goes on to.
     *
     * @throws ReprocessException where it has ended, or is being stopped; null is none
     */
    void requireRuns(@Nullable String id) {
        requireNotBeingStopped(id);
        if (id != null && !flink.isAlive(Run.job(id))) {
            throw new ReprocessException(
                    Code.JOB_ENDED,
                    "job %s has ended by itself; start it before, from its newest checkpoint"
                            .formatted(id));
        }
    }

    /**
     * Two jobs that write production would each count what they read.
     *
     * @param id of the job that writes it, or is to
     * @param told the live job, where somebody said which: then others of its name are known,
     *     unless it is one of them
     * @throws ReprocessException where another one has its name, such as one that was started by
     *     hand because this one was stopped
     */
    void requireAlone(@Nullable String id, @Nullable String told) {
        List<JobID> others = new ArrayList<>(flink.alive(SiteTrackingJob.NAME));
        others.removeIf(other -> other.toHexString().equals(id));
        boolean areKnown =
                told != null && others.stream().noneMatch(it -> it.toHexString().equals(told));
        if (!areKnown && !others.isEmpty()) {
            throw new ReprocessException(
                    Code.OTHER_JOB_RUNS,
                    ("%s runs under the name %s, and this goes on with job %s: cancel it, what it"
                                    + " has read is read again; or say --job %3$s where it is of"
                                    + " something else")
                            .formatted(others, SiteTrackingJob.NAME, id));
        }
    }

    /** Whether a job has ended by itself, so that nothing is there from which it would go on. */
    boolean isLost(Run run, @Nullable String id, @Nullable String noted, @Nullable String from) {
        return id != null && !flink.isAlive(Run.job(id)) && leftBy(run, id, noted, from) == null;
    }

    /** The rules by which a job runs, as it tells itself; nothing of an older program's. */
    Map<String, String> rules(String id) {
        return Rules.told(flink.parameters(Run.job(id)));
    }

    /**
     * Makes sure that the live job runs as it did when the build began. The file only tells where
     * the job tells nothing, or none runs: then the id is null.
     */
    void requireRules(Run run, @Nullable String id) {
        Map<String, String> told = id == null ? Map.of() : rules(id);
        if (told.isEmpty()) {
            run.rules().require(live);
        } else {
            run.rules().requireOfLive(told);
        }
    }

    /**
     * The job that writes production.
     *
     * @param told its id, where several have its name
     */
    String findLive(@Nullable String told) {
        List<JobID> alive = flink.alive(SiteTrackingJob.NAME);
        if (told != null) {
            if (alive.stream().anyMatch(id -> id.toHexString().equals(told))) {
                return told;
            }
            throw new ReprocessException(
                    Code.LIVE_JOB_NOT_RUNNING,
                    "no job %s runs under the name %s".formatted(told, SiteTrackingJob.NAME));
        }
        if (alive.size() == 1) {
            return alive.get(0).toHexString();
        }
        throw new ReprocessException(
                Code.LIVE_JOB_NOT_RUNNING,
                alive.isEmpty()
                        ? "no job of the name %s runs on this cluster; start it first"
                                .formatted(SiteTrackingJob.NAME)
                        : "several jobs have the name %s: %s; say which by --job"
                                .formatted(SiteTrackingJob.NAME, alive));
    }

    /** The same; null where nobody said which, and none runs. */
    @Nullable String findAnyLive(@Nullable String told) {
        return told == null && flink.alive(SiteTrackingJob.NAME).isEmpty() ? null : findLive(told);
    }
}
