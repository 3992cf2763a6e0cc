package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.Device;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AgentSummariesTest {

    private final UserAgents agents = new UserAgents(1);
    private final AgentSummaries summaries = new AgentSummaries(10);

    /** Browsers, apps and robots of the fixtures, libraries, and what is none of them. */
    private static List<String> agents() throws IOException {
        List<String> agents =
                new ArrayList<>(List.of("curl/8.5.0", "Go-http-client/1.1", "x", "|"));
        try (InputStream in =
                AgentSummariesTest.class.getResourceAsStream("/enrich/user-agents.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (!line.startsWith("#")) {
                    agents.add(line.split("\\|", 6)[5]);
                }
            }
        }
        assertThat(agents).hasSizeGreaterThan(100);
        return agents;
    }

    @Test
    void areReadAsTheAgentIsAndHoldNothingElse() throws IOException {
        for (String agent : agents()) {
            String summary = summaries.of(agent);

            assertThat(agents.parse(summary, true)).as(agent).isEqualTo(agents.parse(agent, true));
            assertThat(agents.parse(summary, false))
                    .as(agent)
                    .isEqualTo(agents.parse(agent, false));
            assertThat(summary).startsWith("parsed|").doesNotContain("Mozilla", "AppleWebKit", "(");
        }
    }

    @Test
    void tellOfARobotThatItIsOneAndOfAPersonNothing() throws IOException {
        for (String agent : agents()) {
            for (boolean named : new boolean[] {false, true}) {
                Device device = agents.parse(agent, named);
                String text = summaries.ofRobot(agent, named);

                assertThat(agents.parse(text, false))
                        .as(agent)
                        .extracting(Device::bot, Device::robotKind)
                        .containsExactly(device.bot(), device.robotKind());
                if (!device.bot()) {
                    assertThat(text).isNull();
                }
            }
        }
        assertThat(summaries.ofRobot(null, false)).isNull();
        assertThat(summaries.ofRobot("Googlebot/2.1", true))
                .isEqualTo("parsed|bot|||||robot|search");
    }

    @Test
    void holdNoPersonalData() {
        String summary = summaries.of("jo@example.com/1.0 (+49 170 1234567)");

        assertThat(summary).doesNotContain("example", "1234567");
        assertThat(agents.parse(summary, true).clientType()).isNotEmpty();
    }

    @Test
    void believeNoClientThatSaysItWasRead() {
        String told = "parsed|tv|Told|1|Told|1|browser|";

        assertThat(summaries.of(told)).doesNotContain("|tv|");
        assertThat(summaries.kept(told)).isEqualTo(summaries.of(told));
        assertThat(agents.parse(summaries.kept(told), true)).isEqualTo(agents.read(told).named());
        assertThat(summaries.kept("Other/1")).isEqualTo("Other/1");
    }

    @Test
    void areNoneWithoutAnAgent() {
        assertThat(summaries.of(null)).isNull();
        assertThat(summaries.of(" ")).isNull();
        assertThat(summaries.kept(null)).isNull();
    }
}
