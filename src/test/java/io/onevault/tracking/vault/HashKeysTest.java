package io.onevault.tracking.vault;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(PostgresExtension.class)
class HashKeysTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final String TENANT = TestEvents.tenantHk("acme");

    private static TestDatabase database;

    private final HashKeys keys = new HashKeys();

    @BeforeAll
    static void open(TestPostgres postgres) throws SQLException {
        database = postgres.vault();
    }

    private static byte[] inSql(String expression, Object... parameters) throws SQLException {
        try (Connection connection = database.connect();
                PreparedStatement query = connection.prepareStatement("SELECT " + expression)) {
            for (int i = 0; i < parameters.length; i++) {
                query.setObject(i + 1, parameters[i]);
            }
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getBytes(1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evt_1",
                "",
                "a|b",
                "Ärger über naïve Ωmega",
                "日本語",
                "emoji \uD83D\uDE00 end",
                "quote ' \" \\ back",
                "tab\tnew\nline"
            })
    void sqlComputesTheSameHubKey(String businessKey) throws SQLException {
        assertThat(keys.hub(TENANT, businessKey))
                .isEqualTo(
                        inSql(
                                "util.generate_tenant_derived_hk(?, ?)",
                                HEX.parseHex(TENANT),
                                businessKey));
    }

    @Test
    void sqlComputesTheSameLinkKey() throws SQLException {
        byte[] one = keys.hub(TENANT, "a");
        byte[] two = keys.hub(TENANT, "b");

        assertThat(keys.link(one, two, TENANT))
                .isEqualTo(
                        inSql(
                                "util.hash_binary(encode(?, 'hex') || '|' || encode(?, 'hex')"
                                        + " || '|' || encode(?, 'hex'))",
                                one,
                                two,
                                HEX.parseHex(TENANT)));
    }

    @Test
    void tenantsHaveKeysOfTheirOwn() {
        assertThat(keys.hub(TENANT, "sess_1"))
                .hasSize(32)
                .isNotEqualTo(keys.hub(TestEvents.tenantHk("other"), "sess_1"));
    }

    @Test
    void theOrderOfALinksHubsMatters() {
        byte[] one = keys.hub(TENANT, "a");
        byte[] two = keys.hub(TENANT, "b");

        assertThat(keys.link(one, two, TENANT)).isNotEqualTo(keys.link(two, one, TENANT));
    }
}
