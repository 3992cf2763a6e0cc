package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

final class ScriptsTest {

    static final List<String> CHECKS = Scripts.CHECKS;
    static final List<String> NUMBERED = Scripts.NUMBERED;

    @Test
    void listsTheNumberedScriptsOfTheFolderInOrder() throws IOException {
        assertThat(files(Path.of("sql"), "\\d\\d_.*\\.sql")).isEqualTo(Scripts.NUMBERED);
    }

    @Test
    void listsTheChecksOfTheFolder() throws IOException {
        assertThat(Scripts.CHECKS)
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(files(Path.of("sql", "checks"), ".*"));
    }

    @ParameterizedTest
    @FieldSource("NUMBERED")
    void numberedScriptIsOneTransactionWithAPurpose(String name) {
        String script = Scripts.numbered(name);

        assertThat(script).startsWith("-- Purpose: ").endsWith("\nCOMMIT;\n");
        assertThat(script.lines().filter("BEGIN;"::equals)).hasSize(1);
        assertThat(script.lines().filter("COMMIT;"::equals)).hasSize(1);
        assertThat(script.lines().filter(line -> line.startsWith("\\"))).isEmpty();
    }

    @ParameterizedTest
    @FieldSource("CHECKS")
    void checkIsOneStatementThatSaysItsInvariant(String name) {
        String check = Scripts.check(name);

        assertThat(check).startsWith("-- Invariant: ").contains("\nSELECT").doesNotContain(";\n");
    }

    private static List<String> files(Path folder, String pattern) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.matches(pattern))
                    .sorted()
                    .toList();
        }
    }
}
