package io.onevault.tracking.reprocess;

import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.program.DatabaseLogin;
import io.onevault.tracking.program.ErrorLine;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.program.ProgramException;
import io.onevault.tracking.reprocess.ReprocessException.Code;
import io.onevault.tracking.reprocess.flink.FlinkJobs;
import java.sql.Connection;

/** Opens what a command that starts and stops jobs works on, for it alone. */
final class Operating {

    private Operating() {}

    /** What the command does. */
    interface Command {
        void run(Runs runs, Jobs jobs) throws Exception;
    }

    /** Runs the command and returns its exit code. */
    static int run(
            Reprocess program,
            SettingsOptions settings,
            OperatingOptions operating,
            Command command) {
        JobSettings live = settings.read(program.environment());
        try (Connection connection =
                        DatabaseLogin.connect(operating.database(live, program.environment()));
                FlinkJobs flink = operating.flink()) {
            Runs runs = new Runs(connection);
            runs.lock();
            command.run(runs, new Jobs(flink, live, operating.savepoints(flink)));
            return Program.OK;
        } catch (ProgramException e) {
            throw e;
        } catch (Exception e) {
            throw new ReprocessException(Code.JOB_FAILED, ErrorLine.of(e), e);
        }
    }
}
