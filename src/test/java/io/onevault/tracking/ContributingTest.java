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

/** Looks whether the names by which pages lead through code and tests are there. */
class ContributingTest {

    private static final Pattern NAME = Pattern.compile("`([A-Z]\\w+)(?:\\.(\\w+))?`");

    private static final Pattern TEST =
            Pattern.compile("`([A-Z]\\w+(?:Test|ITCase|ClusterIT|Properties))(?:\\.(\\w+))?`");

    @Test
    void walksByNamesThatAreThere() throws IOException {
        Map<String, String> sources = sources("src/main/java");
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

    @Test
    void eachSectionOnPrivacyNamesTestsThatAreThere() throws IOException {
        Map<String, String> tests = sources("src/test/java");
        String text = Files.readString(Path.of("docs", "privacy.md"));
        for (String section : text.split("(?m)^## ")) {
            String title = section.lines().findFirst().orElseThrow();
            if (title.startsWith("#") || title.equals("A template for a privacy notice")) {
                continue;
            }
            Matcher name = TEST.matcher(section);
            assertThat(name.find()).as(title).isTrue();
            do {
                assertThat(tests).as(title).containsKey(name.group(1));
                String method = name.group(2) == null ? name.group(1) : name.group(2);
                assertThat(tests.get(name.group(1))).containsPattern("\\b" + method + "\\b");
            } while (name.find());
        }
    }

    private static Map<String, String> sources(String folder) throws IOException {
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> files = Files.walk(Path.of(folder))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String type = file.getFileName().toString().replace(".java", "");
                sources.put(type, Files.readString(file));
            }
        }
        return sources;
    }
}
