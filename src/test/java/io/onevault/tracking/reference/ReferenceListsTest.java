package io.onevault.tracking.reference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.enrich.Domains;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks how lists of others become ours. */
class ReferenceListsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path folder;

    @Test
    void theFirstListThatNamesASiteDecides() {
        SourceKinds kinds = new SourceKinds();
        kinds.add("mail.google.com", "email");
        kinds.add("google.*", "search");
        kinds.addGa4(
                List.of(
                        "source,source category",
                        "mail.google.com,SOURCE_CATEGORY_SEARCH",
                        "Google Shopping,SOURCE_CATEGORY_SHOPPING",
                        "google.co.uk,SOURCE_CATEGORY_SEARCH",
                        "youtube.com,SOURCE_CATEGORY_VIDEO"));
        kinds.addSnowplow(
                Map.of(
                        "social", Map.of("YouTube", Map.of("domains", List.of("youtube.com"))),
                        "chatbot", Map.of("C", Map.of("domains", List.of("chat.example"))),
                        "unknown", Map.of("G", Map.of("domains", List.of("support.google.com"))),
                        "search", Map.of("I", Map.of("domains", List.of("google.fr/imgres")))));
        kinds.addMatomoSearchEngines(
                Map.of("A", List.of(Map.of("urls", List.of("{}.ask.com", "lycos.{}")))));

        assertThat(kinds.lines())
                .containsExactly(
                        "assistant,chat.example",
                        "email,mail.google.com",
                        "none,support.google.com",
                        "search,ask.com",
                        "search,google.*",
                        "search,lycos.*",
                        "shopping,google shopping",
                        "video,youtube.com");
    }

    /** Where lists of others differ about a site's names, source-exceptions.csv has to decide. */
    @Test
    void aSiteIsTheSameUnderAnySuffix() throws IOException {
        Map<String, String> kinds = new HashMap<>();
        for (String line :
                ReferenceFile.lines(Path.of("src/main/resources/reference/sources.csv"))) {
            String[] row = line.split(",", 2);
            kinds.put(row[1], row[0]);
        }

        assertThat(kinds)
                .allSatisfy(
                        (name, kind) -> {
                            int suffix = name.length() - Domains.suffix(name).length();
                            String any = name.substring(0, suffix) + '*';
                            assertThat(kinds.getOrDefault(any, kind)).as(name).isEqualTo(kind);
                        });
    }

    @Test
    void expressionsBecomePlainTextsWhereTheyStandForOne() {
        assertThat(RobotRules.rule("Googlebot\\/")).isEqualTo("contains,Googlebot/");
        assertThat(RobotRules.rule("^LCC ")).isEqualTo("prefix,LCC ");
        assertThat(RobotRules.rule("SSL Labs$")).isEqualTo("suffix,SSL Labs");
        assertThat(RobotRules.rule("[wW]get")).isEqualTo("regex,[wW]get");
        assertThat(RobotRules.rule("check\\b")).isEqualTo("regex,check\\b");
    }

    @Test
    void robotsKeepWhatTheyAreFor() throws JsonProcessingException {
        RobotRules rules = new RobotRules(List.of("drop,Sonic", "preview,Proxy", "add-tool,jsdom"));

        assertThat(
                        rules.named(
                                JSON.readTree(
                                        """
                                        [{"pattern": "GPTBot", "tags": ["search-engine", "ai-crawler"]},
                                         {"pattern": "Sonic", "tags": ["seo"]},
                                         {"pattern": "Proxy", "tags": ["seo"]},
                                         {"pattern": "axios", "tags": ["http-library"]},
                                         {"pattern": "Untold"}]""")))
                .containsExactlyInAnyOrder(
                        "ai,contains,GPTBot",
                        "preview,contains,Proxy",
                        "tool,contains,jsdom",
                        "other,contains,Untold");
    }

    @Test
    void whatMayActForSomebodyGivesWayToRobots() throws JsonProcessingException {
        RobotRules rules =
                new RobotRules(
                        List.of("app,^\\w+$", "server,http", "word-monitor,uptime", "drop,x"));

        assertThat(rules.words(JSON.readTree("[\"^\\\\w+$\", \"http\", \"crawl\", \"x\"]")))
                .containsExactly(
                        "monitor,contains,uptime",
                        "other,contains,crawl",
                        "server,contains,http",
                        "app,regex,^\\w+$");
    }

    @Test
    void exceptionsThatFitNothingAreTold() throws JsonProcessingException {
        RobotRules rules = new RobotRules(List.of("ai,http", "ai,gone"));
        rules.words(JSON.readTree("[\"http\"]"));

        assertThat(rules.unused()).containsExactly("gone");
    }

    @Test
    void tellsWhatAnEditionChanges() throws IOException {
        Path list = folder.resolve("list.csv");
        Files.writeString(list, "# old\nsearch,a.example\nsocial,b.example\nvideo,c.example\n");
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        new ReferenceFile(list)
                .replace(
                        List.of("new"),
                        List.of("search,a.example", "video,b.example", "email,d.example"),
                        new PrintStream(out));

        assertThat(out.toString().lines())
                .contains(
                        "~ b.example [social] -> [video]",
                        "- c.example [video]",
                        "+ d.example [email]");
        assertThat(Files.readAllLines(list))
                .containsExactly("# new", "search,a.example", "video,b.example", "email,d.example");
    }

    @Test
    void halvesAreFixedByTheEntryAlone() {
        HeldBack halves = new HeldBack();
        halves.count("a", true);
        halves.count("x", false);

        assertThat(HeldBack.isHeldBack("a")).isFalse();
        assertThat(HeldBack.isHeldBack("x")).isTrue();
        assertThat(halves.toString()).contains("together 1 of 2 (0.5000)");
    }
}
