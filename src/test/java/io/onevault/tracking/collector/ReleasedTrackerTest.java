package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.program.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A page may pin the tracker of a release by its hash, for ever: each release keeps its builds in
 * the repository, and no later one changes them.
 */
final class ReleasedTrackerTest {

    private static final Path RELEASED = Path.of("src/main/resources/tracker/released");

    @Test
    void noKeptBuildIsEverChanged() throws IOException {
        for (Path file : kept()) {
            assertThat(FileDoor.hash(Files.readAllBytes(file)) + ".js")
                    .as("%s, which is named by its bytes", file)
                    .isEqualTo(file.getFileName().toString());
        }
    }

    /** A build between releases may be changed before anybody pins it. */
    @Test
    void aReleaseKeepsItsBuilds() throws IOException {
        List<String> names = kept().stream().map(file -> file.getFileName().toString()).toList();
        for (String script : List.of("tracker.js", "core.js")) {
            byte[] built = Objects.requireNonNull(FileDoor.resource("tracker/" + script), script);
            String name = FileDoor.hash(built) + ".js";
            if (Boolean.getBoolean("tracker.keep")) {
                Files.write(Files.createDirectories(RELEASED).resolve(name), built);
            } else if (!Version.ofThisBuild().endsWith("-SNAPSHOT")) {
                assertThat(names)
                        .as("mvn test -Dtest=ReleasedTrackerTest -Dtracker.keep=true")
                        .contains(name);
            }
        }
    }

    private static List<Path> kept() throws IOException {
        if (!Files.isDirectory(RELEASED)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(RELEASED)) {
            return files.filter(file -> file.toString().endsWith(".js")).toList();
        }
    }
}
