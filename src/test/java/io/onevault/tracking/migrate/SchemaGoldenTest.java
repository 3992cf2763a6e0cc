package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
final class SchemaGoldenTest {

    private static final Path GOLDEN = Path.of("sql", "schema.golden.sql");

    @Test
    void scriptsMakeTheCommittedSchema(TestPostgres postgres) throws Exception {
        String dump = SchemaDump.of(postgres.vault());

        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(GOLDEN, dump);
        }
        assertThat(dump).isEqualTo(Files.readString(GOLDEN));
    }
}
