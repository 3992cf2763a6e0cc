package io.onevault.tracking.reprocess;

import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.program.UsageException;
import io.onevault.tracking.reprocess.ReprocessException.Code;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.apache.flink.configuration.ConfigOption;

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

    /** What of a job's parameters are rules; nothing of a job that tells none. */
    static Map<String, String> told(Map<String, String> parameters) {
        Map<String, String> told = new TreeMap<>(parameters);
        told.keySet().retainAll(JobOptions.DECIDING.stream().map(ConfigOption::key).toList());
        return told;
    }

    /** The same where the second run, or what it has become, was started by others since. */
    Rules withSecond(Map<String, String> told) {
        Map<String, String> now = new TreeMap<>(second);
        now.putAll(told);
        return new Rules(live, now);
    }

    /**
     * A switch would put the job back to them, and what it may still change was told by them.
     *
     * @param told those by which the live job runs
     * @throws ReprocessException where it was started by others since the build began
     */
    void requireOfLive(Map<String, String> told) {
        StringJoiner differing = new StringJoiner("; ");
        live.forEach(
                (key, before) -> {
                    String now = told.getOrDefault(key, before);
                    if (!now.equals(before)) {
                        differing.add("%s is %s, and was %s".formatted(key, now, before));
                    }
                });
        if (differing.length() > 0) {
            throw new ReprocessException(
                    Code.RULES_CHANGED,
                    "the live job runs by other rules than when the build began: %s; start it by those again, or drop, and build anew of a savepoint of it"
                            .formatted(differing));
        }
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
