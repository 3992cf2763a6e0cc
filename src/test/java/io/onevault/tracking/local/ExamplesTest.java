package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The questions of sql/examples are answered. */
@ExtendWith(PostgresExtension.class)
class ExamplesTest {

    static List<Path> everyIndustryHasItsQuestions() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("sql", "examples"))) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource
    void everyIndustryHasItsQuestions(Path file, TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, ErasedVisitor.events());
        String script = Files.readString(file).replaceAll("(?m)^--.*\n", "");

        for (String question : script.strip().split(";\\s*")) {
            assertThat(database.texts("SELECT t::text FROM (" + question + ") AS t"))
                    .as(question)
                    .noneMatch(answer -> answer.contains("error_code"));
        }
    }
}
