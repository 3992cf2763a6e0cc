package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
final class MigrationTest {

    /** What earlier scripts made and later ones have with other arguments. */
    private static final String REPLACED =
            """
            CREATE FUNCTION raw.site_tracking_forgotten(known text) RETURNS text
                LANGUAGE sql RETURN known;
            CREATE FUNCTION raw.site_tracking_ids_to_name() RETURNS text LANGUAGE sql RETURN ''""";

    private final TestPostgres postgres;

    MigrationTest(TestPostgres postgres) {
        this.postgres = postgres;
    }

    @Test
    void reportsEachScriptInOrder() throws Exception {
        List<String> applied = new ArrayList<>();

        try (Connection connection = postgres.empty().connect()) {
            Migration.apply(connection, script -> applied.add(script.script()));
        }

        assertThat(applied).isEqualTo(Scripts.NUMBERED);
    }

    @Test
    void saysNothingButThatTheServerLacksLz4() throws Exception {
        List<String> messages = new ArrayList<>();

        try (Connection connection = postgres.vault().connect()) {
            Migration.apply(connection, script -> messages.addAll(script.messages()));
        }

        assertThat(messages)
                .allMatch(message -> message.startsWith("this server has no lz4"))
                .hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void changesNothingTheSecondTime() throws Exception {
        TestDatabase database = postgres.empty();
        database.migrate();
        List<String> before = CatalogLines.of(database);
        database.execute(REPLACED);

        database.migrate();

        assertThat(CatalogLines.of(database)).isEqualTo(before);
    }

    @Test
    void keepsTheConnectionsAutoCommit() throws Exception {
        try (Connection connection = postgres.vault().connect()) {
            connection.setAutoCommit(false);

            Migration.apply(connection, script -> {});

            assertThat(connection.getAutoCommit()).isFalse();
        }
    }

    @Test
    void commentsEveryTableAndColumn() throws Exception {
        assertThat(
                        postgres.vault()
                                .texts(
                                        """
                                        SELECT format('%s %s', attrelid::regclass, attname)
                                        FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid
                                        WHERE relkind IN ('r', 'p') AND NOT relispartition
                                            AND c.oid >= 16384 AND attnum > 0
                                            AND relnamespace <> 'pg_toast'::regnamespace
                                            AND (col_description(c.oid, attnum) IS NULL
                                                OR obj_description(c.oid, 'pg_class') IS NULL)
                                        """))
                .isEmpty();
    }

    @Test
    void commentsEveryViewAndFunction() throws Exception {
        assertThat(
                        postgres.vault()
                                .texts(
                                        """
                                        SELECT oid::regclass::text FROM pg_class
                                        WHERE oid >= 16384 AND relkind = 'v'
                                            AND obj_description(oid, 'pg_class') IS NULL
                                        UNION ALL
                                        SELECT oid::regprocedure::text FROM pg_proc
                                        WHERE oid >= 16384
                                            AND obj_description(oid, 'pg_proc') IS NULL
                                        """))
                .isEmpty();
    }

    @Test
    void namesOurRoutinesSoThatOnePatternListsThem() throws Exception {
        assertThat(
                        postgres.vault()
                                .texts(
                                        """
                                        SELECT oid::regprocedure::text FROM pg_proc
                                        WHERE pronamespace::regnamespace::text
                                                IN ('auth', 'business', 'raw', 'staging')
                                            AND proname NOT LIKE 'site\\_%'
                                        """))
                .isEmpty();
    }

    /** Of sql with settings of its own the server plans the body without knowing the filters. */
    @Test
    void plansQuestionsWithTheirFilters() throws Exception {
        assertThat(
                        postgres.vault()
                                .texts(
                                        """
                                        SELECT oid::regprocedure::text FROM pg_proc
                                        WHERE prosrc ~ 'site_filtered_(sessions|closed|open)\\('
                                            AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'sql')
                                            AND proconfig IS NOT NULL
                                        """))
                .isEmpty();
    }

    @Test
    void opensNoFunctionOfTheRawLayerToEverybody() throws Exception {
        assertThat(
                        postgres.vault()
                                .texts(
                                        """
                                        SELECT oid::regprocedure::text FROM pg_proc
                                        WHERE pronamespace = 'raw'::regnamespace
                                            AND has_function_privilege('public', oid, 'EXECUTE')
                                        """))
                .isEmpty();
    }

    @Test
    void refusesADatabaseThatIsNotUtf8() throws Exception {
        TestDatabase admin = postgres.empty();
        admin.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
        var latin = new TestDatabase(admin.url().replaceAll("/test_\\d+", "/latin"));

        assertThatThrownBy(latin::migrate)
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("the database is encoded in LATIN1")
                .extracting("sqlState")
                .isEqualTo("ST011");
        assertThat(latin.texts("SELECT nspname FROM pg_namespace WHERE nspname = 'raw'")).isEmpty();
    }
}
