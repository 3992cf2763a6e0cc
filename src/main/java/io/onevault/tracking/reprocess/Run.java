package io.onevault.tracking.reprocess;

import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.JobID;
import org.jspecify.annotations.Nullable;

/**
 * What {@code raw.site_tracking_reprocess_r} tells of a reprocess.
 *
 * @param id also names the folder of its savepoints
 * @param settings what of the job's options differs from the live job's
 * @param rules by which both jobs are started
 * @param tenants that it is about; empty for all
 * @param partial whether it is about some tenants or days alone
 * @param liveJob Flink's id of the job that writes production
 * @param shadowJob Flink's id of the job that writes the shadow
 * @param liveSavepoint what the live job was stopped with
 * @param shadowSavepoint what the shadow's job was stopped with
 * @param shadowFrom savepoint from which the shadow's job goes on
 * @param liveFrom savepoint from which the live job was started again; null where it was not
 * @param liveBegins by partition where it begins of which it has read nothing when it is stopped
 */
record Run(
        String id,
        String state,
        Map<String, String> settings,
        Rules rules,
        List<String> tenants,
        boolean partial,
        @Nullable String liveJob,
        @Nullable String shadowJob,
        @Nullable String liveSavepoint,
        @Nullable String shadowSavepoint,
        @Nullable String shadowFrom,
        @Nullable String liveFrom,
        Map<Integer, Long> liveBegins,
        @Nullable Operation operation) {

    static final String PREPARED = "PREPARED";
    static final String BUILDING = "BUILDING";
    static final String BUILT = "BUILT";
    static final String FOLLOWING = "FOLLOWING";
    static final String SWITCHED = "SWITCHED";
    static final String MERGED = "MERGED";
    static final String UNDONE = "UNDONE";

    boolean is(String expected) {
        return state.equals(expected);
    }

    boolean isUnderWay(String command) {
        return operation != null && operation.isUnderWay(command);
    }

    static JobID job(@Nullable String id) {
        return JobID.fromHexString(String.valueOf(id));
    }
}
