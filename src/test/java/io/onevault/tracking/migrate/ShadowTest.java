package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The shadow that a reprocess fills is in all but the schema what production is. */
@ExtendWith(PostgresExtension.class)
final class ShadowTest {

    /** All that makes a table, view or routine of the given schemas, one line a property. */
    private static final String OBJECTS =
            """
            WITH schemas AS (
                SELECT * FROM pg_namespace WHERE nspname ~ '^(raw|staging|business)$suffix$'
            ),
            relations AS (
                SELECT c.* FROM pg_class AS c JOIN schemas ON schemas.oid = relnamespace
                WHERE relkind IN ('r', 'p', 'v', 'i', 'I')
            )
            SELECT replace(line, '_shadow', '') FROM (
                SELECT concat_ws(' ', 'relation', oid::regclass, relkind, relowner::regrole, relacl,
                    reloptions, relrowsecurity, relpersistence, pg_get_expr(relpartbound, oid),
                    pg_get_partkeydef(oid), obj_description(oid, 'pg_class'),
                    CASE WHEN relkind = 'v' THEN pg_get_viewdef(oid) END,
                    CASE WHEN relkind IN ('i', 'I') THEN pg_get_indexdef(oid) END) AS line
                FROM relations
                UNION ALL
                SELECT concat_ws(' ', 'column', attrelid::regclass, row_number() OVER (
                        PARTITION BY attrelid ORDER BY attnum), attname, format_type(atttypid, atttypmod),
                    attnotnull, attcompression, attstorage, attstattarget, attacl, attcollation,
                    col_description(attrelid, attnum))
                FROM pg_attribute JOIN relations ON oid = attrelid
                WHERE attnum > 0 AND NOT attisdropped
                UNION ALL
                SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(c.oid))
                FROM pg_constraint AS c JOIN relations ON relations.oid = conrelid
                UNION ALL
                SELECT concat_ws(' ', 'policy', schemaname, tablename, policyname, permissive, roles, cmd, qual,
                    with_check)
                FROM pg_policies JOIN schemas ON nspname = schemaname
                UNION ALL
                SELECT concat_ws(' ', 'routine', p.oid::regprocedure, proowner::regrole, proacl,
                    obj_description(p.oid, 'pg_proc'), pg_get_functiondef(p.oid))
                FROM pg_proc AS p JOIN schemas ON schemas.oid = pronamespace
            ) AS lines (line)
            ORDER BY 1
            """;

    /** Of a tenant: phase, progress, whether it is alive, and whether it beat within a minute. */
    private static final String STATUS =
            """
            SELECT concat_ws(' ', told ->> 'phase', told ->> 'progress', told ->> 'is_alive',
                       (told ->> 'last_beat_at')::timestamptz >= (told ->> 'started_at')::timestamptz)
              FROM (SELECT api.get_tracking_system_status('$tenant') #> '{data,reprocess}') AS status (told)""";

    private static final String OLDER =
            """
            UPDATE raw.site_tracking_reprocess_r
               SET changed_at = changed_at - INTERVAL '%s',
                   load_date = load_date - INTERVAL '1 hour'""";

    /** Signs of life of the shadow are none of the job. */
    private static final String JOB =
            """
            SELECT jsonb_path_query(api.get_tracking_system_status('a'),
                       '$.data.reasons[*].code ? (@ starts with "JOB")') #>> '{}'""";

    private final TestPostgres postgres;

    ShadowTest(TestPostgres postgres) {
        this.postgres = postgres;
    }

    @Test
    void isInAllButTheSchemaWhatProductionIs() throws Exception {
        TestDatabase database = postgres.smallVault();
        String before = SchemaDump.of(database);
        makeShadow(database);

        List<String> shadow = objects(database, "_shadow");
        List<String> production = objects(database, "");
        assertThat(production).containsAll(shadow);
        assertThat(shadow)
                .filteredOn(line -> line.startsWith("relation business.site_"))
                .hasSizeGreaterThan(50);
        production.removeAll(shadow);
        // What is of both, and what models say, which no event tells and lies in raw.
        production.removeIf(line -> line.contains("business.site_scores_current_v"));
        assertThat(production)
                .noneMatch(
                        line ->
                                line.matches(
                                        "(?s)(relation|column|constraint|policy) (business|staging)\\W.*"));
    }

    @Test
    void isThereOnce() throws Exception {
        TestDatabase database = postgres.vault();
        makeShadow(database);

        assertThatThrownBy(() -> makeShadow(database)).hasMessageContaining("a reprocess is there");
    }

    @Test
    void statusTellsHowFarItIsAndWhetherItIsAlive() throws Exception {
        TestDatabase database = postgres.vault();
        database.execute(
                "INSERT INTO auth.tenant_h VALUES (sha256('a'), 'a', now(), 'test'),"
                        + " (sha256('b'), 'b', now(), 'test')");
        assertThat(status(database, "a")).isEmpty();
        makeShadow(database);
        assertThat(status(database, "a")).isEqualTo("PREPARED t");

        note(database, "{\"state\": \"BUILDING\", \"tenant_bks\": [\"a\"]}");
        assertThat(status(database, "a")).isEqualTo("BUILDING 0 true t");
        note(database, "{\"counts\": {\"read\": 200, \"events\": 50}}");
        assertThat(status(database, "a")).isEqualTo("BUILDING 0.25 true t");
        assertThat(status(database, "b")).isEmpty();

        database.execute(OLDER.formatted("61 seconds"));
        assertThat(status(database, "a")).isEqualTo("BUILDING 0.25 false t");
        note(database, "{\"state\": \"FOLLOWING\"}");
        assertThat(status(database, "a")).isEqualTo("FOLLOWING true t");
        database.execute(OLDER.formatted("61 seconds"));
        assertThat(status(database, "a")).isEqualTo("FOLLOWING false t");
        database.execute(
                "INSERT INTO raw.site_tracking_heartbeat_r (program, part, beat_at, version, record_source)"
                        + " VALUES ('SHADOW', 'load-events', now(), 'x', 'x')");
        assertThat(status(database, "a")).isEqualTo("FOLLOWING true t");
        assertThat(database.texts(JOB)).containsExactly("JOB_NEVER_SEEN");

        while (database.number("SELECT raw.site_tracking_reprocess_drop()") > 0) {
            // Some tables at a time.
        }
        assertThat(status(database, "a")).isEmpty();
    }

    private static String status(TestDatabase database, String tenant) throws SQLException {
        return database.texts(STATUS.replace("$tenant", tenant)).get(0);
    }

    private static void note(TestDatabase database, String details) throws SQLException {
        database.execute("SELECT raw.site_tracking_reprocess_note('" + details + "')");
    }

    static void makeShadow(TestDatabase database) throws SQLException, MigrationException {
        try (Connection connection = database.connect()) {
            Migration.makeShadow(connection, applied -> {});
        }
    }

    private static List<String> objects(TestDatabase database, String suffix) throws SQLException {
        return database.texts(OBJECTS.replace("$suffix", suffix));
    }
}
