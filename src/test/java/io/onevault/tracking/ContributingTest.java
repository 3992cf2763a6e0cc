package io.onevault.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Looks whether the names by which CONTRIBUTING.md leads through the code are there. */
class ContributingTest {

    private static final Pattern NAME = Pattern.compile("`([A-Z]\\w+)(?:\\.(\\w+))?`");

    @Test
    void walksByNamesThatAreThere() throws IOException {
        Map<String, String> sources = sources();
        String text = Files.readString(Path.of("CONTRIBUTING.md"));
        String walks = text.substring(text.indexOf("## Four walks"), text.indexOf("## Words"));

        Matcher name = NAME.matcher(walks);
        int names = 0;
        while (name.find()) {
            assertThat(sources).containsKey(name.group(1));
            if (name.group(2) != null) {
                assertThat(sources.get(name.group(1)))
                        .containsPattern("\\b" + name.group(2) + "\\b");
            }
            names++;
        }
        assertThat(names).isGreaterThan(30);
    }

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String type = file.getFileName().toString().replace(".java", "");
                sources.put(type, Files.readString(file));
            }
        }
        return sources;
    }
}
