package io.onevault.tracking.job.load;

import io.onevault.tracking.access.DatabaseAccess;
import java.io.Serializable;
import java.util.Properties;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;

/** How the loaders reach the database; the password is read where they run. */
public record VaultConnection(DatabaseAccess database) implements Serializable {

    private static final String DRIVER = "org.postgresql.Driver";
    private static final int CHECK_SECONDS = 10;

    /** No statement takes so long; a server that vanished without a word is noticed by it. */
    private static final String SILENCE_SECONDS = "120";

    /** With the password in it, so never part of the job graph. */
    public JdbcConnectionOptions options() {
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
