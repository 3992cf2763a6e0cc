package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the dashboard's page asks for by itself, before a line of its scripts was read. */
final class DashboardPageTest {

    private static final Path FOLDER = Path.of("src/main/resources/dashboard");
    private static final Pattern PRELOADED =
            Pattern.compile("<link rel=\"modulepreload\" href=\"([^\"]+)\">");

    /**
     * The page's own, and the script that comes before anything is painted, are asked for anyway.
     */
    private static final List<String> ASKED_FOR = List.of("main.js", "theme.js");

    @Test
    void asksForAllModulesAtOnce() throws IOException {
        String page = Files.readString(FOLDER.resolve("index.html"));
        List<String> preloaded =
                PRELOADED.matcher(page).results().map(found -> found.group(1)).toList();

        try (Stream<Path> files = Files.list(FOLDER)) {
            List<String> modules =
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".js") && !ASKED_FOR.contains(name))
                            .toList();
            assertThat(preloaded)
                    .contains("uplot/uPlot.esm.js")
                    .filteredOn(name -> !name.contains("/"))
                    .containsExactlyInAnyOrderElementsOf(modules);
        }
        assertThat(ASKED_FOR).allMatch(name -> page.contains("src=\"" + name + "\""));
    }
}
