package io.onevault.tracking.tracker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The package's TypeScript declarations: the compiler takes what is right, and what the tracker
 * does.
 */
@ExtendWith(Chromium.class)
final class TrackerDeclarationsTest {

    private static final Path SOURCE = Path.of("src/main/js");
    private static final Path USES = Path.of("src/test/resources/tracker");
    private static final String WEBJAR = "/META-INF/%s/typescript/%s";

    private static final String LANGUAGE = "lib.es5.d.ts";

    private static final Pattern SCRIPT =
            Pattern.compile("<script type=\"module\">(.*?)</script>", Pattern.DOTALL);
    private static final Pattern BLOCK = Pattern.compile("```js\n(.*?)```", Pattern.DOTALL);

    private final String compiler = version();

    @Test
    void takeWhatIsRightAndNameWhatTheTrackerKnows(Site site) throws IOException {
        JsonNode told = compile(site.open("/"));

        assertThat(told.path("complaints")).isEmpty();
        String tracker = tracker();
        String commands = found("(?s)const commands = \\{(.*?)\\};", tracker).toString();
        assertThat(names(told, "Onevault")).isEqualTo(found("'(\\w+)':", commands));
        assertThat(names(told, "Options"))
                .isEqualTo(found("\\b(?:options|given)\\.(\\w+)", tracker));
        assertThat(names(told, "capture")).isEqualTo(found("wants\\('(\\w+)'\\)", tracker));
        assertThat(contract("item")).containsAll(names(told, "Item"));
        assertThat(contract("members"))
                .containsAll(names(told, "Params"))
                .containsAll(names(told, "Members"));
    }

    private JsonNode compile(Page page) throws IOException {
        Map<String, String> files = new HashMap<>();
        files.put('/' + LANGUAGE, ofCompiler(LANGUAGE));
        files.put("/index.d.ts", Files.readString(SOURCE.resolve("index.d.ts")));
        files.put("/usage.ts", Files.readString(USES.resolve("usage.ts")));
        files.put("/README.js", scripts(SOURCE.resolve("README.md"), BLOCK));
        try (DirectoryStream<Path> examples =
                Files.newDirectoryStream(SOURCE.resolve("examples"))) {
            for (Path example : examples) {
                files.put("/" + example.getFileName() + ".js", scripts(example, SCRIPT));
            }
        }
        page.evaluate("source => { (0, eval)(source) }", ofCompiler("typescript.js"));
        Object told = page.evaluate(Files.readString(USES.resolve("declarations.js")), files);
        return new ObjectMapper().valueToTree(told);
    }

    private static String scripts(Path page, Pattern script) throws IOException {
        List<String> scripts = new ArrayList<>();
        Matcher found = script.matcher(Files.readString(page));
        while (found.find()) {
            scripts.add(found.group(1));
        }
        return String.join("\n", scripts);
    }

    private static String tracker() throws IOException {
        StringBuilder all = new StringBuilder();
        try (DirectoryStream<Path> sources =
                Files.newDirectoryStream(SOURCE.resolve("tracker"), "*.js")) {
            for (Path source : sources) {
                all.append(Files.readString(source));
            }
        }
        return all.toString();
    }

    private static Set<String> found(String pattern, String text) {
        Set<String> found = new TreeSet<>();
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    private static Set<String> names(JsonNode told, String declared) {
        Set<String> names = new TreeSet<>();
        told.path("names").path(declared).forEach(name -> names.add(name.asText()));
        assertThat(names).as(declared).isNotEmpty();
        return names;
    }

    /** Members of the event contract. */
    private static Set<String> contract(String part) throws IOException {
        Set<String> names = new TreeSet<>();
        try (InputStream schema = open("/tracker-event.schema.json")) {
            JsonNode members = new ObjectMapper().readTree(schema).at("/$defs/" + part);
            members.path("properties").fieldNames().forEachRemaining(names::add);
        }
        return names;
    }

    private static String version() {
        Properties made = new Properties();
        try (InputStream file = open(WEBJAR.formatted("maven/org.webjars.npm", "pom.properties"))) {
            made.load(file);
        } catch (IOException e) {
            throw new IllegalStateException("the compiler is not there", e);
        }
        return made.getProperty("version");
    }

    private String ofCompiler(String file) throws IOException {
        try (InputStream in =
                open(WEBJAR.formatted("resources/webjars", compiler + "/lib/" + file))) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    private static InputStream open(String resource) {
        return TrackerDeclarationsTest.class.getResourceAsStream(resource);
    }
}
