package io.onevault.tracking.job.load;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.step.Step;
import io.onevault.tracking.program.Version;
import io.onevault.tracking.vault.Heartbeat;
import java.io.Serializable;
import java.util.Properties;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;

/**
 * How a step reaches the database and shows there that it is alive.
 *
 * @param retries how often a micro-batch is tried again
 */
record VaultAccess(DatabaseAccess database, int retries, Heartbeat heartbeat)
        implements Serializable {

    private static final String DRIVER = "org.postgresql.Driver";
    private static final int CHECK_SECONDS = 10;

    /**
     * No statement takes so long but to wait for a part of an erasure; a server that vanished
     * without a word is noticed by it.
     */
    private static final String SILENCE_SECONDS = "300";

    static VaultAccess of(Step step, JobSettings settings) {
        return new VaultAccess(
                settings.database(),
                settings.get(JobOptions.LOAD_RETRIES),
                new Heartbeat(
                        settings.get(JobOptions.DATABASE_LAYERS),
                        step.id(),
                        Version.ofThisBuild(),
                        (int) settings.get(JobOptions.ARCHIVE_TTL).minusNanos(1).toDays() + 1,
                        settings.get(JobOptions.RECORD_SOURCE)));
    }

    /** With the password in it, which is read where this runs: never part of the job graph. */
    JdbcConnectionOptions connection() {
        JdbcConnectionOptions.JdbcConnectionOptionsBuilder options =
                new JdbcConnectionOptions.JdbcConnectionOptionsBuilder()
                        .withUrl(database.openUrl())
                        .withDriverName(DRIVER)
                        .withConnectionCheckTimeoutSeconds(CHECK_SECONDS)
                        .withProperty("ApplicationName", "site-tracking loader")
                        .withProperty("tcpKeepAlive", "true")
                        .withProperty("socketTimeout", SILENCE_SECONDS);
        Properties login = database.properties();
        login.stringPropertyNames()
                .forEach(name -> options.withProperty(name, login.getProperty(name)));
        return options.build();
    }
}
