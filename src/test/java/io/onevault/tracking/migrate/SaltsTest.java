package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is left of a salt when it dies, looked for in the files of the server. */
@ExtendWith(PostgresExtension.class)
final class SaltsTest {

    private static final String DRAW =
            "SELECT (salt_date - (now() AT TIME ZONE 'UTC')::date)::text || ' ' || encode(salt, 'hex')"
                    + " FROM auth.site_tracking_salts('{}', '{}', 'test')";

    private final TestPostgres postgres;
    private TestDatabase database;
    private String firstSegment = "";

    SaltsTest(TestPostgres postgres) {
        this.postgres = postgres;
    }

    @BeforeEach
    void newVault() throws SQLException {
        database = postgres.vault();
        firstSegment = database.texts("SELECT pg_walfile_name(pg_current_wal_lsn())").get(0);
    }

    /** Salts by day, 0 being today; hex. */
    private TreeMap<Integer, String> draw() throws SQLException {
        TreeMap<Integer, String> salts = new TreeMap<>();
        for (String row : database.texts(DRAW)) {
            String[] parts = row.split(" ");
            salts.put(Integer.parseInt(parts[0]), parts[1]);
        }
        return salts;
    }

    /** Whether a file of this database holds these bytes, once all is on disk. */
    private boolean isInTables(String hex) throws Exception {
        // A plain CHECKPOINT leaves unlogged tables in memory.
        database.execute("CREATE DATABASE salts_flush STRATEGY file_copy");
        database.execute("DROP DATABASE salts_flush");
        return isIn(
                folder(
                        "base/"
                                + database.texts(
                                                "SELECT oid::text FROM pg_database"
                                                        + " WHERE datname = current_database()")
                                        .get(0)),
                hex,
                "");
    }

    private boolean isInLog(String hex) throws Exception {
        return isIn(folder("pg_wal"), hex, firstSegment);
    }

    private Path folder(String name) throws SQLException {
        return Path.of(database.texts("SHOW data_directory").get(0), name);
    }

    private static boolean isIn(Path folder, String hex, String fromName) throws IOException {
        String bytes = new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.filter(Files::isRegularFile).toList();
            for (Path file : found) {
                boolean counts = file.getFileName().toString().compareTo(fromName) >= 0;
                if (counts && Files.readString(file, StandardCharsets.ISO_8859_1).contains(bytes)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Before 04:00 of a tenant's clock the day before goes on, for somebody at any time. */
    @Test
    void drawsASaltOnceForEachDayThatMayBeGoingOn() throws Exception {
        TreeMap<Integer, String> salts = draw();

        assertThat(salts).containsOnlyKeys(-1, 0, 1);
        assertThat(salts.values()).doesNotHaveDuplicates();
        assertThat(salts.get(0)).hasSize(64).isNotEqualTo(salts.get(1));
        assertThat(draw()).isEqualTo(salts);
    }

    @Test
    void nothingIsLeftOfASaltInTableAndLogWhenItDies() throws Exception {
        String marker = "5a17".repeat(16);
        database.execute(
                "CREATE TABLE public.logged AS SELECT '\\x" + marker + "'::bytea AS marker");
        TreeMap<Integer, String> salts = draw();
        assertThat(isInTables(salts.get(0))).as("while it lives").isTrue();
        assertThat(isInLog(marker)).as("what is logged is found").isTrue();

        database.execute("UPDATE auth.site_tracking_salt_s SET salt_date = salt_date - 2");
        TreeMap<Integer, String> later = draw();

        assertThat(later).containsOnlyKeys(-1, 0, 1);
        assertThat(later.get(-1)).as("yesterday's lives").isEqualTo(salts.get(1));
        assertThat(isInTables(salts.get(0))).isFalse();
        assertThat(isInTables(salts.get(1))).isTrue();
        assertThat(isInLog(salts.get(0))).isFalse();
        assertThat(isInLog(salts.get(1))).isFalse();
    }

    /** A dump holds the table for as long as it takes, and no reading may wait for it. */
    @Test
    void aReaderOfTheTablePutsTheEndOffAndHoldsNobodyUp() throws Exception {
        TreeMap<Integer, String> salts = draw();
        database.execute("UPDATE auth.site_tracking_salt_s SET salt_date = salt_date - 2");
        try (Connection dump = database.connect();
                Statement statement = dump.createStatement()) {
            dump.setAutoCommit(false);
            try (ResultSet rows = statement.executeQuery("TABLE auth.site_tracking_salt_s")) {
                assertThat(rows.next()).isTrue();
            }
            assertThat(draw()).containsOnlyKeys(-1, 0, 1);
            dump.rollback();
        }

        assertThat(draw()).containsOnlyKeys(-1, 0, 1);
        assertThat(isInTables(salts.get(0))).isFalse();
    }
}
