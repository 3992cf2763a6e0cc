package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(PostgresExtension.class)
final class ShapeGuardTest {

    private final TestPostgres postgres;

    ShapeGuardTest(TestPostgres postgres) {
        this.postgres = postgres;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    DROP COLUMN page_title CASCADE | column page_title is missing, expected text
                    ADD COLUMN clicks bigint | column clicks is bigint, expected none
                    DROP COLUMN page_path CASCADE, ADD COLUMN page_path varchar(9) | column page_path is character varying(9), expected text NOT NULL
                    ALTER COLUMN page_path DROP NOT NULL | column page_path is text, expected text NOT NULL
                    DROP CONSTRAINT site_page_details_s_pkey | primary key is missing, expected PRIMARY KEY (page_hk, event_timestamp, load_date)
                    """)
    void namesTheDifference(String change, String difference) throws Exception {
        TestDatabase database = postgres.vault();
        database.execute("ALTER TABLE business.site_page_details_s " + change);

        MigrationException refused =
                catchThrowableOfType(MigrationException.class, database::migrate);

        assertThat(refused.script()).isEqualTo("05_create_business_satellites.sql");
        assertThat(refused.sqlState()).isEqualTo("ST010");
        assertThat(refused)
                .hasMessageContaining("business.site_page_details_s exists with another shape")
                .hasMessageContaining(difference)
                .hasMessageContaining("Hint: Nothing was changed.")
                .message()
                .doesNotContain("Where:");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    CREATE TABLE business.site_event_h | kind is table, expected table partitioned by RANGE (event_timestamp)
                    CREATE VIEW business.site_event_h AS SELECT | kind is no table, expected table partitioned by
                    """)
    void namesAnotherKindOfRelation(String create, String difference) throws Exception {
        TestDatabase database = postgres.empty();
        String columns =
                """
                event_timestamp timestamptz NOT NULL, event_hk bytea NOT NULL, event_bk varchar(255) NOT NULL,
                tenant_hk bytea NOT NULL, load_date timestamptz NOT NULL,
                record_source varchar(100) NOT NULL, PRIMARY KEY (event_timestamp, event_hk)
                """;
        database.execute(
                "CREATE SCHEMA business; "
                        + (create.endsWith("SELECT") ? create : create + "(" + columns + ")"));

        MigrationException refused =
                catchThrowableOfType(MigrationException.class, database::migrate);

        assertThat(refused.sqlState()).isEqualTo("ST010");
        assertThat(refused).hasMessageContaining(difference);
    }

    @Test
    void undoesTheTablesThatTheScriptHadCreated() throws Exception {
        TestDatabase database = postgres.empty();
        database.execute(
                "CREATE SCHEMA business; CREATE TABLE business.site_event_h (event_hk bytea)");
        catchThrowableOfType(MigrationException.class, database::migrate);
        List<String> before = CatalogLines.of(database);

        MigrationException refused =
                catchThrowableOfType(MigrationException.class, database::migrate);

        assertThat(refused.script()).isEqualTo("03_create_business_hubs.sql");
        assertThat(CatalogLines.of(database)).isEqualTo(before);
        assertThat(
                        database.texts(
                                "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')"
                                        + " AND relnamespace = 'business'::regnamespace"))
                .containsExactly("site_event_h");
    }

    @Test
    void putsBackCommentsAndTheDefaultPartition() throws Exception {
        TestDatabase database = postgres.vault();
        String before = SchemaDump.of(database);
        database.execute(
                """
                COMMENT ON TABLE business.site_event_h IS NULL;
                COMMENT ON COLUMN business.site_event_h.event_bk IS 'something else';
                DROP TABLE business.site_event_h_pdefault;
                """);

        database.migrate();

        assertThat(SchemaDump.of(database)).isEqualTo(before);
    }
}
