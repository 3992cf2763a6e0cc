package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
final class ExistingOneVaultTest {

    /** Richer than the stand-in of script 00, and unlike it wherever it may be. */
    private static final String ONE_VAULT =
            """
            CREATE SCHEMA auth; CREATE SCHEMA business; CREATE SCHEMA raw; CREATE SCHEMA staging;
            CREATE SCHEMA util; CREATE SCHEMA api; CREATE SCHEMA ref;
            CREATE ROLE vault_reader;
            GRANT USAGE ON SCHEMA business TO vault_reader;
            CREATE TABLE auth.tenant_h (
                tenant_hk bytea PRIMARY KEY, tenant_bk varchar(255), region text,
                load_date timestamptz, record_source varchar(100));
            CREATE TABLE auth.tenant_profile_s (
                tenant_hk bytea REFERENCES auth.tenant_h, load_date timestamptz, name text,
                PRIMARY KEY (tenant_hk, load_date));
            CREATE TYPE auth.token_kind AS ENUM ('SESSION', 'API_KEY', 'REFRESH', 'TEMPORARY');
            CREATE TABLE auth.api_token_h (api_token_hk bytea PRIMARY KEY, extra jsonb);
            CREATE TABLE auth.api_token_s (
                api_token_hk bytea, token_type auth.token_kind, token_hash bytea);
            CREATE TABLE business.asset_h (asset_hk bytea PRIMARY KEY, asset_bk varchar(255));
            CREATE INDEX asset_bk_idx ON business.asset_h (asset_bk);
            CREATE VIEW business.asset_v AS SELECT asset_bk FROM business.asset_h;
            COMMENT ON TABLE business.asset_h IS 'Assets.';
            CREATE FUNCTION util.hash_binary(p_input varchar) RETURNS bytea LANGUAGE plpgsql
                AS 'BEGIN RETURN sha256(convert_to(p_input, ''UTF8'')); END';
            CREATE FUNCTION util.current_load_date() RETURNS timestamptz LANGUAGE sql
                AS 'SELECT clock_timestamp()';
            CREATE FUNCTION util.get_record_source() RETURNS varchar LANGUAGE sql
                AS 'SELECT ''crm''::varchar';
            CREATE FUNCTION util.generate_tenant_derived_hk(p_tenant bytea, p_bk text)
                RETURNS bytea LANGUAGE sql
                AS 'SELECT util.hash_binary(encode(p_tenant, ''hex'') || ''|'' || p_bk)';
            CREATE FUNCTION util.log_audit_event(a text, b text, c text, d text, e jsonb)
                RETURNS jsonb LANGUAGE sql AS 'SELECT e';
            INSERT INTO auth.tenant_h VALUES ('\\x01', 'acme', 'eu', now(), 'crm');
            """;

    private final TestPostgres postgres;

    ExistingOneVaultTest(TestPostgres postgres) {
        this.postgres = postgres;
    }

    @Test
    void leavesEveryForeignObjectAsItWas() throws Exception {
        TestDatabase database = postgres.empty();
        database.execute(ONE_VAULT);
        List<String> before = CatalogLines.of(database);

        database.migrate();

        // Schemas, tenants and tokens gain grants to our roles, which InstallITCase looks at.
        assertThat(CatalogLines.of(database))
                .containsAll(
                        before.stream()
                                .filter(
                                        line ->
                                                !line.matches(
                                                        "schema .*|.* auth\\.(tenant_h|api_token_s) r .*"))
                                .toList());
        assertThat(database.texts("SELECT tenant_bk || region FROM auth.tenant_h"))
                .containsExactly("acmeeu");
        assertThat(
                        database.texts(
                                "SELECT proname FROM pg_proc"
                                        + " WHERE pronamespace = 'util'::regnamespace ORDER BY 1"))
                .containsExactly(
                        "current_load_date",
                        "generate_tenant_derived_hk",
                        "get_record_source",
                        "hash_binary",
                        "log_audit_event");
    }

    @Test
    void dependsOnNoForeignObject() throws Exception {
        TestDatabase database = postgres.vault();

        // A dependency would keep One Vault from changing its own tables and functions.
        database.execute(
                """
                DROP TABLE auth.tenant_h, auth.api_token_h, auth.api_token_s;
                DROP SCHEMA util CASCADE;
                """);

        assertThat(database.number("SELECT count(*) FROM business.event_session_current_v"))
                .isZero();
    }

    @Test
    void refusesATenantTableThatTheJobCannotRead() throws Exception {
        TestDatabase database = postgres.empty();
        database.execute("CREATE SCHEMA auth; CREATE TABLE auth.tenant_h (tenant_hk uuid)");

        assertThatThrownBy(database::migrate)
                .hasMessageContaining("auth.tenant_h lacks tenant_hk bytea, tenant_bk text")
                .extracting("sqlState")
                .isEqualTo("ST011");
    }

    @Test
    void warnsOfForeignFunctionsThatHashOtherwise() throws Exception {
        TestDatabase database = postgres.empty();
        database.execute(
                """
                CREATE SCHEMA util;
                CREATE FUNCTION util.hash_binary(input text) RETURNS bytea LANGUAGE sql
                    AS 'SELECT sha256(convert_to(upper(input), ''UTF8''))';
                """);

        try (var connection = database.connect()) {
            Migration.apply(
                    connection,
                    applied -> {
                        if (applied.script().startsWith("00")) {
                            assertThat(applied.messages())
                                    .singleElement()
                                    .asString()
                                    .contains("hashes otherwise than the streaming job");
                        }
                    });
        }
    }
}
