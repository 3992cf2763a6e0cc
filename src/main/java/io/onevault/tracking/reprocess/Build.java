package io.onevault.tracking.reprocess;

import io.onevault.tracking.job.ReplayJob;
import io.onevault.tracking.job.admit.History;
import io.onevault.tracking.job.admit.ReplaySteps.RawDays;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.program.ErrorLine;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.reprocess.ReprocessException.Code;
import java.util.concurrent.Callable;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** Command line: makes the vault anew of history. */
@Command(
        name = "build",
        description = {
            "Makes the vault anew of what is stored. A build that was ended in whatever way goes on"
                    + " when it is run again: it begins anew, and what is written already stays.",
            ""
        })
final class Build implements Callable<Integer> {

    static final String JOB = "site-tracking reprocess build";

    @ParentCommand private Reprocess program;
    @Mixin private SettingsOptions settings = new SettingsOptions();
    @Mixin private HistoryOptions options = new HistoryOptions();

    @Override
    public Integer call() {
        JobSettings job = settings.read(program.environment());
        Savepoint savepoint = options.savepoint();
        try (Vault vault = new Vault(job.database())) {
            History history = options.history(savepoint, vault.tenants());
            RawDays days = history.raw() ? vault.rawDays() : null;
            if (savepoint == null && days == null) {
                throw new ReprocessException(Code.NO_HISTORY, "raw holds no event");
            }
            StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
            ReplayJob.define(env, job, history, days, null);
            program.out().println(Progress.follow(env.executeAsync(JOB), program.out()));
            return Program.OK;
        } catch (ReprocessException e) {
            throw e;
        } catch (Exception e) {
            throw new ReprocessException(Code.JOB_FAILED, ErrorLine.of(e), e);
        }
    }
}
