package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A database with site tracking of an earlier make, filled with rows. */
@ExtendWith(PostgresExtension.class)
final class EarlierTablesTest {

    private static final String ADOPT = SqlFiles.onClassPath("/sql/adopt_earlier_tables.sql");

    private final TestPostgres postgres;

    EarlierTablesTest(TestPostgres postgres) {
        this.postgres = postgres;
    }

    private TestDatabase earlier() throws SQLException {
        TestDatabase database = postgres.empty();
        database.execute(SqlFiles.onClassPath("/earlier/tables.sql"));
        return database;
    }

    @Test
    void stopsTheInstallationAndNamesTheScript() throws Exception {
        TestDatabase database = earlier();

        MigrationException refused =
                catchThrowableOfType(MigrationException.class, database::migrate);

        assertThat(refused.script()).isEqualTo("01_create_raw_layer.sql");
        assertThat(refused.sqlState()).isEqualTo("ST014");
        assertThat(refused)
                .hasMessageContaining("business.site_session_h")
                .hasMessageContaining("api.track_event(jsonb)")
                .hasMessageContaining("sql/adopt_earlier_tables.sql");
        assertThat(database.number("SELECT count(*) FROM pg_proc WHERE proname ~ 'site_tracking'"))
                .isZero();
    }

    @Test
    void adoptsEveryRowAndMakesRoomForTheScripts() throws Exception {
        TestDatabase database = earlier();
        List<String> rows =
                database.texts("SELECT s::text FROM business.site_session_h AS s ORDER BY 1");

        database.execute(ADOPT);
        database.migrate();
        database.migrate();

        assertThat(database.texts("SELECT s::text FROM business.site_session_h_v1 AS s ORDER BY 1"))
                .isEqualTo(rows);
        assertThat(database.number("SELECT count(*) FROM raw.site_tracking_events_r_v1"))
                .isEqualTo(1_000);
        assertThat(database.number("SELECT count(*) FROM staging.site_tracking_events_s_v1"))
                .isEqualTo(1_000);
        assertThat(database.number("SELECT count(*) FROM business.site_page_details_s_v1")).isOne();
        assertThat(database.number("SELECT count(*) FROM business.site_session_h")).isZero();
        assertThat(
                        database.texts(
                                "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid ="
                                        + " 'business.site_session_h_v1'::regclass ORDER BY 1"))
                .containsExactly(
                        "business.site_session_h_bk_v1",
                        "business.site_session_h_pkey_v1",
                        "business.site_session_h_session_bk_key_v1");
    }

    @Test
    void leavesWhatUsesTheEarlierTablesAtWork() throws Exception {
        TestDatabase database = earlier();

        database.execute(ADOPT);
        database.migrate();

        assertThat(database.number("SELECT n FROM business.report_v")).isEqualTo(50);
        assertThat(
                        database.number(
                                "SELECT count(*) FROM business.orders"
                                        + " JOIN business.site_session_h_v1 USING (session_hk)"))
                .isEqualTo(7);
        assertThat(database.texts("SELECT api.track_event_v1('{}')")).containsExactly("old");
        database.execute("INSERT INTO raw.site_tracking_events_r_v1 (payload) VALUES ('{}')");
        assertThat(database.number("SELECT max(raw_event_id) FROM raw.site_tracking_events_r_v1"))
                .isEqualTo(1_001);
    }

    @Test
    void changesNothingWhenANameIsTaken() throws Exception {
        TestDatabase database = earlier();
        database.execute("CREATE TABLE staging.site_tracking_events_s_v1 ()");
        List<String> before = CatalogLines.of(database);

        SQLException refused =
                catchThrowableOfType(SQLException.class, () -> database.execute(ADOPT));

        assertThat(refused.getSQLState()).isEqualTo("ST015");
        assertThat(CatalogLines.of(database)).isEqualTo(before);
    }

    /** Also keeps the script's list of shapes in step with the scripts. */
    @Test
    void movesNothingOfOurs() throws Exception {
        TestDatabase database = postgres.vault();
        List<String> before = CatalogLines.of(database);

        database.execute(ADOPT);

        assertThat(CatalogLines.of(database)).isEqualTo(before);
    }
}
