package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.program.Version;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

    /** Another folder of the same name, for a release that there never was. */
    private static final Path EARLIER = Path.of("src/test/resources/tracker/released");

    private static final List<String> SCRIPTS = List.of("tracker.js", "core.js");

    @Test
    void noKeptBuildIsEverChanged() throws IOException {
        List<Path> all = new ArrayList<>(kept(RELEASED));
        all.addAll(kept(EARLIER));

        assertThat(all).isNotEmpty();
        for (Path file : all) {
            assertThat(FileDoor.hash(Files.readAllBytes(file)) + ".js")
                    .as("%s, which is named by its bytes", file)
                    .isEqualTo(file.getFileName().toString());
        }
    }

    @Test
    void servesWhatAPageHasPinnedForEver() throws Exception {
        Path file = kept(EARLIER).get(0);
        Doors doors =
                new Doors(new CollectorMetrics(), Runnable::run)
                        .add("/pinned/", new ScriptDoor("/tracker.js", "/pinned/"));

        HttpResponse<String> answer = DoorsTest.ask(doors, "/pinned/" + file.getFileName());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(Files.readString(file));
        assertThat(answer.headers().firstValue("Cache-Control"))
                .contains("public, max-age=31536000, immutable");
        assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).contains("*");
        String unknown = "/pinned/" + "a".repeat(22) + ".js";
        assertThat(DoorsTest.ask(doors, unknown).statusCode()).isEqualTo(404);
    }

    /** A build between releases may be changed before anybody pins it. */
    @Test
    void aReleaseKeepsItsBuilds() throws IOException {
        if (Boolean.getBoolean("tracker.keep")) {
            for (String script : SCRIPTS) {
                byte[] built = built(script);
                Files.write(Files.createDirectories(RELEASED).resolve(pinned(built)), built);
            }
        }

        assertThat(missing(Version.ofThisBuild(), kept(RELEASED)))
                .as("mvn test -Dtest=ReleasedTrackerTest -Dtracker.keep=true")
                .isEmpty();
        assertThat(missing("1.0.0", kept(EARLIER))).isEqualTo(SCRIPTS);
        assertThat(missing("1.0.0-SNAPSHOT", List.of())).isEmpty();
    }

    /** Which of the scripts that a version has to keep are not kept. */
    private static List<String> missing(String version, List<Path> kept) {
        List<String> names = kept.stream().map(file -> file.getFileName().toString()).toList();
        return SCRIPTS.stream()
                .filter(script -> !version.endsWith("-SNAPSHOT"))
                .filter(script -> !names.contains(pinned(built(script))))
                .toList();
    }

    private static byte[] built(String script) {
        return Objects.requireNonNull(FileDoor.resource("tracker/" + script), script);
    }

    private static String pinned(byte[] built) {
        return FileDoor.hash(built) + ".js";
    }

    private static List<Path> kept(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".js")).toList();
        }
    }
}
