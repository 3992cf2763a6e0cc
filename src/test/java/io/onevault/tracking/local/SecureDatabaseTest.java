package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.TestSecret;
import io.onevault.tracking.migrate.MigrateRun;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way to a database that asks for passwords on encrypted connections. */
class SecureDatabaseTest {

    @TempDir static Path folder;

    private static Certificate certificate;
    private static Certificate stranger;
    private static SecurePostgres postgres;

    @BeforeAll
    static void start() throws Exception {
        certificate = Certificate.create(folder, "server");
        stranger = Certificate.create(folder, "stranger");
        postgres = new SecurePostgres(folder, certificate);
        MigrateRun run = migrate(postgres.url(certificate));
        assertThat(run.err()).isEmpty();
        postgres.createLogins();
    }

    @AfterAll
    static void stop() throws Exception {
        postgres.close();
    }

    private static MigrateRun migrate(String url) {
        return MigrateRun.of(
                "--url",
                url,
                "--user",
                SecurePostgres.OWNER,
                "--password",
                TestSecret.reference(SecurePostgres.password(SecurePostgres.OWNER)));
    }

    @Test
    void letsAProgramInThatTrustsTheCertificate() throws Exception {
        String url = postgres.url(certificate);

        assertThat(loginOf(url, SecurePostgres.LOADER)).isEqualTo(SecurePostgres.LOADER);
        assertThat(loginOf(url, SecurePostgres.RELAY)).isEqualTo(SecurePostgres.RELAY);
    }

    @Test
    void takesThePasswordFromAReferenceInTheUrl() throws Exception {
        String secret = TestSecret.reference(SecurePostgres.password(SecurePostgres.LOADER));
        String url = postgres.url(certificate) + "&password=" + secret + "&user=tls_loader";

        assertThat(login(new DatabaseAccess(url, "", ""))).isEqualTo(SecurePostgres.LOADER);
    }

    @Test
    void asksForEncryption() {
        String url = postgres.url(certificate).replace("verify-full", "disable");

        assertThatThrownBy(() -> loginOf(url, SecurePostgres.LOADER))
                .hasMessageContaining("pg_hba.conf rejects connection");
    }

    @Test
    void saysThatTheCertificateIsNotTrusted() {
        assertThatThrownBy(() -> loginOf(postgres.url(stranger), SecurePostgres.LOADER))
                .isInstanceOf(SQLException.class)
                .hasMessageStartingWith("SSL error: ");

        assertThat(migrate(postgres.url(stranger)).err())
                .contains(": SSL error: ", "sslrootcert")
                .doesNotContain("unspeakable");
    }

    @Test
    void saysThatThePasswordIsWrongWithoutShowingIt() {
        DatabaseAccess access =
                new DatabaseAccess(
                        postgres.url(certificate),
                        SecurePostgres.LOADER,
                        TestSecret.reference("unspeakable-guess"));

        assertThatThrownBy(() -> login(access))
                .hasMessageContaining("password authentication failed")
                .message()
                .doesNotContain("unspeakable");
    }

    private static String loginOf(String url, String login) throws SQLException {
        String password = TestSecret.reference(SecurePostgres.password(login));
        return login(new DatabaseAccess(url, login, password));
    }

    private static String login(DatabaseAccess access) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(access.openUrl(), access.properties());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT session_user::text")) {
            row.next();
            return row.getString(1);
        }
    }
}
