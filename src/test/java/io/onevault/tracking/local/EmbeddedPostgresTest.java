package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresTest {

    @TempDir Path folder;

    @Test
    void keepsRowsWhenRestartedOnTheSameFolder() throws Exception {
        try (DataDirectory directory = DataDirectory.keptAt(folder)) {
            try (EmbeddedPostgres postgres = start(directory);
                    Connection connection = postgres.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE kept AS SELECT 42 AS answer");
            }
            assertThat(directory.postgres().resolve("postmaster.pid")).doesNotExist();

            try (EmbeddedPostgres postgres = start(directory)) {
                assertThat(query(postgres, "SELECT answer FROM kept")).isEqualTo("42");
            }
        }
    }

    @Test
    void takesOverFromTheServerOfAKilledRun() throws Exception {
        try (DataDirectory directory = DataDirectory.keptAt(folder)) {
            start(directory);
            long orphan = pid(directory);
            // The killed process would have lost this lock; ours still holds it.
            Files.delete(directory.postgres().resolve("epg-lock"));

            try (EmbeddedPostgres postgres = start(directory)) {
                assertThat(query(postgres, "SELECT 1")).isEqualTo("1");
                assertThat(ProcessHandle.of(orphan)).isEmpty();
            }
        }
    }

    @Test
    void writesDurablyAndSortsTheSameOnEveryMachine() throws Exception {
        try (DataDirectory directory = DataDirectory.keptAt(folder);
                EmbeddedPostgres postgres = start(directory)) {
            assertThat(query(postgres, "SHOW fsync")).isEqualTo("on");
            assertThat(query(postgres, "SHOW synchronous_commit")).isEqualTo("on");
            assertThat(query(postgres, "SHOW shared_buffers")).isEqualTo("256MB");
            assertThat(query(postgres, "SHOW server_encoding")).isEqualTo("UTF8");
            assertThat(query(postgres, "SELECT current_database()")).isEqualTo("one_vault");
            assertThat(query(postgres, "SELECT upper('é') || ('a' < 'B')")).isEqualTo("Éfalse");
        }
    }

    private static EmbeddedPostgres start(DataDirectory directory) throws Exception {
        int port = Ports.find(directory, Map.of()).of(Endpoint.POSTGRES);
        return EmbeddedPostgres.start(directory.postgres(), directory.binaries(), port);
    }

    private static long pid(DataDirectory directory) throws Exception {
        Path file = directory.postgres().resolve("postmaster.pid");
        return Long.parseLong(Files.readAllLines(file).get(0).trim());
    }

    private static String query(EmbeddedPostgres postgres, String sql) throws Exception {
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
