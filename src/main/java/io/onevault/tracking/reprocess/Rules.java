package io.onevault.tracking.reprocess;

import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.program.UsageException;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Settings that decide what is made of events, as they were when a build began. Both jobs are
 * started by these again, whatever the job's file says then.
 *
 * @param live those of the live job, by key
 * @param second those of the shadow's
 */
record Rules(Map<String, String> live, Map<String, String> second) {

    /** Of a reprocess that has noted none. */
    static final Rules UNKNOWN = new Rules(Map.of(), Map.of());

    static Rules of(JobSettings live, JobSettings second) {
        return new Rules(live.texts(JobOptions.DECIDING), second.texts(JobOptions.DECIDING));
    }

    /**
     * The file may have the new ones already, or the old ones again.
     *
     * @throws UsageException where neither job was started by the settings
     */
    void require(JobSettings told) {
        StringJoiner differing = new StringJoiner("; ");
        Map<String, String> texts = told.texts(JobOptions.DECIDING);
        live.forEach(
                (key, before) -> {
                    String now = String.valueOf(texts.get(key));
                    String after = String.valueOf(second.get(key));
                    if (!now.equals(before) && !now.equals(after)) {
                        differing.add(
                                "%s is %s, and was %s of the live job and %s of the second run when"
                                                .formatted(key, now, before, after)
                                        + " the build began");
                    }
                });
        if (differing.length() > 0) {
            throw new UsageException("INVALID_SETTINGS: " + differing);
        }
    }
}
