package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who may do what with every object that the scripts make, from the catalog. */
@ExtendWith(PostgresExtension.class)
final class PrivilegesTest {

    private static final Path GOLDEN =
            Path.of("src", "test", "resources", "isolation", "grants.txt");

    /**
     * What others than its owner may do with each object, one line an object and grantee; defaults
     * count where nothing was granted. Day partitions are granted to nobody.
     */
    private static final String GRANTS =
            """
            WITH schemas AS (
                SELECT oid, nspname, nspowner, nspacl FROM pg_namespace
                WHERE nspname IN ('api', 'auth', 'business', 'raw', 'staging', 'util')
            ),
            objects AS (
                SELECT 'schema ' || nspname AS name, nspowner AS owner,
                    coalesce(nspacl, acldefault('n', nspowner)) AS acl
                FROM schemas
                UNION ALL
                SELECT CASE relkind WHEN 'S' THEN 'sequence ' WHEN 'v' THEN 'view ' ELSE 'table ' END
                        || c.oid::regclass,
                    relowner,
                    coalesce(relacl, acldefault((CASE relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char", relowner))
                FROM pg_class AS c JOIN schemas ON schemas.oid = relnamespace
                WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
                UNION ALL
                SELECT 'column ' || c.oid::regclass || '.' || attname, relowner, attacl
                FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid
                JOIN schemas ON schemas.oid = relnamespace
                WHERE attacl IS NOT NULL
                UNION ALL
                SELECT 'routine ' || p.oid::regprocedure, proowner,
                    coalesce(proacl, acldefault('f', proowner))
                FROM pg_proc AS p JOIN schemas ON schemas.oid = pronamespace
                UNION ALL
                -- Row types go with their tables and have no privileges of their own.
                SELECT 'type ' || t.oid::regtype, typowner, coalesce(typacl, acldefault('T', typowner))
                FROM pg_type AS t JOIN schemas ON schemas.oid = typnamespace
                WHERE typrelid = 0 AND typelem = 0
            )
            SELECT format('%s: %s %s', objects.name,
                CASE WHEN held.grantee = 0 THEN 'PUBLIC' ELSE held.grantee::regrole::text END,
                string_agg(held.privilege_type || CASE WHEN held.is_grantable THEN ' to give on' ELSE '' END,
                    ', ' ORDER BY held.privilege_type))
            FROM objects
            CROSS JOIN LATERAL aclexplode(objects.acl) AS held
            WHERE held.grantee <> objects.owner
            GROUP BY objects.name, held.grantee
            """;

    private final TestPostgres postgres;

    PrivilegesTest(TestPostgres postgres) {
        this.postgres = postgres;
    }

    @Test
    void nobodyMayDoMoreThanIsWrittenDown() throws Exception {
        List<String> grants = postgres.vault().texts(GRANTS).stream().sorted().toList();

        if (Boolean.getBoolean("golden.update")) {
            Files.write(GOLDEN, grants);
        }
        assertThat(grants).isEqualTo(Files.readAllLines(GOLDEN));
        assertThat(grants).filteredOn(grant -> grant.contains(": PUBLIC ")).isEmpty();
    }

    /** As a One Vault may be set up: whatever its owner makes is open to others. */
    @Test
    void defaultPrivilegesOfTheInstallerOpenNothingOfOurs() throws Exception {
        TestDatabase database = postgres.empty();
        database.execute(
                """
                DO $$ BEGIN
                    IF to_regrole('test_app') IS NULL THEN
                        CREATE ROLE test_app;
                    END IF;
                END $$;
                ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC, test_app;
                ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO PUBLIC, test_app;
                ALTER DEFAULT PRIVILEGES GRANT ALL ON ROUTINES TO test_app;
                """);

        database.migrate();

        assertThat(ofOurs(database)).isEqualTo(ofOurs(postgres.vault()));
        database.migrate();
        assertThat(ofOurs(database)).isEqualTo(ofOurs(postgres.vault()));
    }

    private static TreeSet<String> ofOurs(TestDatabase database) throws SQLException {
        TreeSet<String> grants = new TreeSet<>(database.texts(GRANTS));
        // What script 00 puts in One Vault's place is as open as its owner's defaults make it, and
        // views show nobody more than their tables.
        grants.removeIf(
                grant -> grant.matches("(\\w+ (util\\.|auth\\.(tenant_h|api_token_))|view ).*"));
        return grants;
    }
}
