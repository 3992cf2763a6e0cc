package io.onevault.tracking.local;

import io.onevault.tracking.migrate.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A real server that lets three logins in, by password and on encrypted connections only; the tests
 * themselves come in as its superuser.
 */
final class SecurePostgres implements AutoCloseable {

    static final String OWNER = "tls_owner";
    static final String LOADER = "tls_loader";
    static final String RELAY = "tls_relay";

    private static final String RULES =
            """
            hostssl all tls_owner,tls_loader,tls_relay 127.0.0.1/32 scram-sha-256
            host    all tls_owner,tls_loader,tls_relay 127.0.0.1/32 reject
            host    all all                            127.0.0.1/32 trust
            """;

    private static final Path BINARIES = Path.of("target", "postgres-binaries").toAbsolutePath();

    private final EmbeddedPostgres server;

    SecurePostgres(Path folder, Certificate certificate) throws Exception {
        Path rules = Files.writeString(folder.resolve("rules.conf"), RULES);
        server =
                EmbeddedPostgres.start(
                        folder.resolve("data"),
                        BINARIES,
                        StandaloneCluster.freePort(),
                        Map.of(
                                "ssl", "on",
                                "ssl_cert_file", certificate.certificate().toString(),
                                "ssl_key_file", certificate.key().toString(),
                                "hba_file", rules.toString()));
        database().execute("CREATE ROLE tls_owner SUPERUSER LOGIN PASSWORD 'owner-unspeakable'");
    }

    /** Logins as docs/security.md has them; the roles are there once the scripts were applied. */
    void createLogins() throws Exception {
        database()
                .execute(
                        """
                        CREATE ROLE tls_loader LOGIN BYPASSRLS PASSWORD 'loader-unspeakable'
                            IN ROLE site_tracking_loader;
                        CREATE ROLE tls_relay LOGIN PASSWORD 'relay-unspeakable'
                            IN ROLE site_tracking_relay;""");
    }

    static String password(String login) {
        return login.substring("tls_".length()) + "-unspeakable";
    }

    TestDatabase database() {
        return new TestDatabase(server.jdbcUrl() + "?user=" + EmbeddedPostgres.USER);
    }

    /** What an operator gives: the server must have the trusted certificate. */
    String url(Certificate trusted) {
        return server.jdbcUrl() + "?sslmode=verify-full&sslrootcert=" + trusted.certificate();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
