package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The file that {@code --sessions-out} writes, and what the documents say of it. */
@ExtendWith(PostgresExtension.class)
class SessionsOutTest {

    private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `(\\w+)` \\|");

    @TempDir Path folder;

    @Test
    void hasTheFieldsThatTheDocumentsExplain(TestPostgres postgres) throws Exception {
        String section =
                Files.readString(Path.of("docs/sessions.md")).split("## Sessions as JSON lines")[1];
        Path file = folder.resolve("sessions.jsonl");

        try (Connection connection = DriverManager.getConnection(postgres.smallVault().url())) {
            SessionsOut.write(connection, file, new SessionNames(""));
        }

        List<String> lines = Files.readAllLines(file);
        JsonNode session = new ObjectMapper().readTree(lines.get(0));
        List<String> fields = new ArrayList<>();
        session.fieldNames().forEachRemaining(fields::add);
        assertThat(DOCUMENTED.matcher(section).results().map(found -> found.group(1)))
                .containsExactlyElementsOf(fields);
        assertThat(session.path("utm").size()).isEqualTo(5);
        assertThat(session.path("start").asText()).endsWith("Z");
    }
}
