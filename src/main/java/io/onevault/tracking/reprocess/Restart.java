package io.onevault.tracking.reprocess;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobID;
import org.jspecify.annotations.Nullable;

/**
 * Starts again what a switch has stopped before the exchange, from where it was stopped. The new id
 * is noted before, so that one that was killed in between goes on, too.
 */
final class Restart {

    private final Runs runs;
    private final Jobs jobs;
    private final Consumer<String> say;

    Restart(Runs runs, Jobs jobs, Consumer<String> say) {
        this.runs = runs;
        this.jobs = jobs;
        this.say = say;
    }

    /** The live job, unless it runs; returns whether it was stopped. */
    boolean live(Run run) throws Exception {
        String from = jobs.leftBy(run, run.liveJob(), run.liveSavepoint(), run.liveFrom());
        if (from == null) {
            return false;
        }
        jobs.startLive(note("live", from), from, jobs.live(run));
        return true;
    }

    /** The shadow's job, unless it runs or there is none. */
    void shadow(Run run) throws Exception {
        String from = jobs.leftBy(run, run.shadowJob(), run.shadowSavepoint(), run.shadowFrom());
        if (from != null) {
            say.accept("The shadow's job goes on from " + from);
            // Noted also where it cannot go on: then it is to be dropped, as one that has ended.
            String id = note("shadow", from);
            jobs.requireGoesOn(from);
            jobs.startShadow(id, from, run);
        }
    }

    private String note(String which, String from) throws SQLException {
        String id = JobID.generate().toHexString();
        Map<String, @Nullable Object> columns = new HashMap<>();
        columns.put(which + "_job", id);
        columns.put(which + "_savepoint", null);
        columns.put("counts", Map.of(which + "_from", from));
        runs.note(columns);
        return id;
    }
}
