package io.onevault.tracking.job;

import org.apache.flink.connector.jdbc.JdbcConnectionOptions;

/** How the loaders reach the database. */
final class VaultConnection {

    private static final String DRIVER = "org.postgresql.Driver";
    private static final int CHECK_SECONDS = 10;

    /** No statement takes so long; a server that vanished without a word is noticed by it. */
    private static final String SILENCE_SECONDS = "120";

    private VaultConnection() {}

    /** Options of the driver in the URL have precedence. */
    static JdbcConnectionOptions options(JobSettings settings) {
        return new JdbcConnectionOptions.JdbcConnectionOptionsBuilder()
                .withUrl(settings.get(JobOptions.DATABASE_URL))
                .withDriverName(DRIVER)
                .withUsername(settings.get(JobOptions.DATABASE_USER))
                .withPassword(settings.get(JobOptions.DATABASE_PASSWORD))
                .withConnectionCheckTimeoutSeconds(CHECK_SECONDS)
                .withProperty("ApplicationName", "site-tracking loader")
                .withProperty("tcpKeepAlive", "true")
                .withProperty("socketTimeout", SILENCE_SECONDS)
                .build();
    }
}
