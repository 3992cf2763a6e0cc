package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Which tenant a login may name: none, unless it is bound or an operator's. */
@ExtendWith(PostgresExtension.class)
final class LoginBindingTest {

    private static final String NEW_LOGINS =
            """
            DROP ROLE IF EXISTS binding_login, binding_renamed, binding_operator;
            CREATE ROLE binding_login LOGIN IN ROLE site_tracking_reader, site_tracking_writer;
            CREATE ROLE binding_operator LOGIN
                IN ROLE site_tracking_reader, site_tracking_writer, site_tracking_operator;
            """;

    private static final String MISMATCH = "TENANT_MISMATCH";

    private final TestPostgres postgres;
    private TestDatabase database;

    LoginBindingTest(TestPostgres postgres) {
        this.postgres = postgres;
    }

    @BeforeEach
    void makeLogins() throws SQLException {
        database = postgres.smallVault();
        database.execute(NEW_LOGINS);
    }

    /** What the login reads and then tracks: {@code OK}, or the code of the refusal. */
    private static String outcome(TestDatabase database, String login, String tenant)
            throws SQLException {
        TestDatabase own =
                new TestDatabase(database.url().replace("user=postgres", "user=" + login));
        String read = code(own, "api.get_tracking_system_status('%s')".formatted(tenant));
        String track =
                code(
                        own,
                        "api.track_event('{\"tenantId\": \"%s\", \"evt_type\": \"x\"}')"
                                .formatted(tenant));
        assertThat(read).isEqualTo(track);
        return read;
    }

    private static String code(TestDatabase database, String call) throws SQLException {
        String sql = "SELECT coalesce(answer ->> 'error_code', 'OK') FROM %s AS answer";
        return database.texts(sql.formatted(call)).get(0);
    }

    private void bind(TestDatabase database, String login, String tenant) throws SQLException {
        database.execute(
                "SELECT auth.site_tracking_bind_login('%s', '%s')".formatted(login, tenant));
    }

    @Test
    void aLoginThatIsNotBoundMayNameNobody() throws Exception {
        assertThat(outcome(database, "binding_login", "acme")).isEqualTo(MISMATCH);
        assertThat(outcome(database, "binding_login", "nobody")).isEqualTo(MISMATCH);

        bind(database, "binding_login", "acme");

        assertThat(outcome(database, "binding_login", "acme")).isEqualTo("OK");
        assertThat(outcome(database, "binding_login", "other")).isEqualTo(MISMATCH);
    }

    @Test
    void aBindingHoldsInItsDatabaseOnly() throws Exception {
        bind(database, "binding_login", "acme");
        TestDatabase second = postgres.smallVault();

        assertThat(outcome(second, "binding_login", "acme")).isEqualTo(MISMATCH);
        assertThat(outcome(second, "binding_login", "other")).isEqualTo(MISMATCH);

        bind(second, "binding_login", "other");
        assertThat(outcome(second, "binding_login", "other")).isEqualTo("OK");
        assertThat(outcome(database, "binding_login", "acme")).isEqualTo("OK");
    }

    @Test
    void aCopyOfTheDatabaseBindsNobody() throws Exception {
        bind(database, "binding_login", "acme");

        TestDatabase copy = postgres.copyOf(database);

        assertThat(copy.number("SELECT count(*) FROM auth.site_tracking_login_s")).isEqualTo(1);
        assertThat(outcome(copy, "binding_login", "acme")).isEqualTo(MISMATCH);
    }

    /** As after a dump was restored on another server, where object ids mean other roles. */
    @Test
    void aBindingOfAnotherServerHoldsNot() throws Exception {
        bind(database, "binding_login", "acme");
        database.execute(
                "UPDATE auth.site_tracking_login_s"
                        + " SET database_id = '7' || split_part(database_id, '/', 2)");

        assertThat(outcome(database, "binding_login", "acme")).isEqualTo(MISMATCH);
    }

    @Test
    void aRenamedLoginKeepsItsTenantAndItsNameGivesNone() throws Exception {
        bind(database, "binding_login", "acme");
        database.execute(
                """
                ALTER ROLE binding_login RENAME TO binding_renamed;
                CREATE ROLE binding_login LOGIN IN ROLE site_tracking_reader, site_tracking_writer
                """);

        assertThat(outcome(database, "binding_renamed", "acme")).isEqualTo("OK");
        assertThat(outcome(database, "binding_renamed", "other")).isEqualTo(MISMATCH);
        assertThat(outcome(database, "binding_login", "acme")).isEqualTo(MISMATCH);

        database.execute("SELECT auth.site_tracking_bar_login('binding_renamed')");
        assertThat(outcome(database, "binding_renamed", "acme")).isEqualTo(MISMATCH);
    }

    @Test
    void anOperatorsLoginMayNameEveryTenantUntilItIsBound() throws Exception {
        assertThat(outcome(database, "binding_operator", "acme")).isEqualTo("OK");
        assertThat(outcome(database, "binding_operator", "other")).isEqualTo("OK");
        assertThat(outcome(database, "binding_operator", "nobody")).isEqualTo("UNKNOWN_TENANT");

        bind(database, "binding_operator", "acme");
        assertThat(outcome(database, "binding_operator", "other")).isEqualTo(MISMATCH);

        database.execute("SELECT auth.site_tracking_bar_login('binding_operator')");
        assertThat(outcome(database, "binding_operator", "acme")).isEqualTo(MISMATCH);
    }

    @Test
    void aSuperuserIsAnOperator() throws Exception {
        assertThat(outcome(database, "postgres", "other")).isEqualTo("OK");
    }

    @Test
    void aNameThatSeveralTenantsHaveIsRefused() throws Exception {
        bind(database, "binding_login", "acme");
        // One Vault's hub may have no unique name.
        database.execute(
                """
                ALTER TABLE auth.tenant_h DROP CONSTRAINT tenant_h_tenant_bk_key;
                INSERT INTO auth.tenant_h VALUES (sha256('second'), 'acme', now(), 'test');
                """);

        assertThat(outcome(database, "binding_operator", "acme")).isEqualTo("AMBIGUOUS_TENANT");
        assertThat(outcome(database, "binding_operator", " acme")).isEqualTo("AMBIGUOUS_TENANT");
        assertThat(outcome(database, "binding_operator", "other")).isEqualTo("OK");
        assertThat(outcome(database, "binding_login", "acme"))
                .as("bound to one of them")
                .isEqualTo("AMBIGUOUS_TENANT");
        for (String function :
                database.texts(
                        "SELECT format('api.%I', proname) FROM pg_proc"
                                + " WHERE pronamespace = 'api'::regnamespace"
                                + " AND proargnames[1] = 'tenant'")) {
            boolean isTwofold =
                    function.matches(
                            "api.(get_funnel|change_settings|forget_visitor|export_visitor"
                                    + "|export_features|put_scores)");
            String rest = isTwofold ? ", '[]'" : "";
            assertThat(code(database, function + "('acme'" + rest + ")"))
                    .as(function)
                    .isEqualTo("AMBIGUOUS_TENANT");
        }
        assertThatThrownBy(() -> bind(database, "binding_login", "acme"))
                .hasMessageContaining("several tenants of this name: acme")
                .extracting("SQLState")
                .isEqualTo("ST409");
    }
}
