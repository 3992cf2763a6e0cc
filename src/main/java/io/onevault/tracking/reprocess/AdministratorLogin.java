package io.onevault.tracking.reprocess;

import io.onevault.tracking.access.Secrecy;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.program.DatabaseLogin;
import io.onevault.tracking.program.ErrorLine;
import io.onevault.tracking.program.ProgramException;
import io.onevault.tracking.reprocess.ReprocessException.Code;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import picocli.CommandLine.Mixin;

/** The login by which commands work on the reprocess: an administrator's, not the job's. */
final class AdministratorLogin {

    @Mixin private DatabaseLogin login = new DatabaseLogin();

    /** What the command does; returns the exit code. */
    interface Command {
        int run(Runs runs) throws Exception;
    }

    int run(Reprocess program, SettingsOptions settings, Command command) {
        JobSettings job = settings.read(program.environment());
        try (Connection connection = connect(job, program.environment())) {
            return command.run(new Runs(connection));
        } catch (ProgramException e) {
            throw e;
        } catch (SQLException e) {
            throw ReprocessException.of(e);
        } catch (Exception e) {
            throw new ReprocessException(Code.JOB_FAILED, ErrorLine.of(e), e);
        }
    }

    Connection connect(JobSettings job, Map<String, String> environment) {
        String url = job.get(JobOptions.DATABASE_URL);
        return Vault.connect(
                login.to(url, Secrecy.DATABASE_URL, environment), DatabaseLogin.OPTIONS);
    }
}
