package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.enrich.UserAgents;
import io.onevault.tracking.event.Device;
import java.util.Map;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AgentHintsTest {

    private static final String CHROME =
            "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.%s Safari/537.36";
    private static final String REDUCED = CHROME.formatted("0.0");
    private static final String WINDOWS =
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
                    + " Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0";
    private static final String VERSION = "Sec-CH-UA-Platform-Version";
    private static final String MODEL = "Sec-CH-UA-Model";
    private static final String BROWSERS = "Sec-CH-UA-Full-Version-List";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "(Windows NT 10.0; Win64; x64) | \"15.0.0\" | (Windows NT 10.0; Windows 11; Win64; x64)",
                "(Windows NT 10.0; Win64; x64) | \"10.0.0\" | (Windows NT 10.0; Windows 10; Win64; x64)",
                "(Windows NT 10.0; Win64; x64) | \"0.3.0\" | (Windows NT 10.0; Win64; x64)",
                "(Macintosh; Intel Mac OS X 10_15_7) | \"15.5.0\" | (Macintosh; Intel Mac OS X 15_5_0)",
                "(Linux; Android 10; K) | \"16\" | (Linux; Android 16; Pixel 9 Pro)",
                "(X11; Linux x86_64) | \"6.12.0\" | (X11; Linux x86_64)"
            })
    void tellsWhatTheAgentLeavesOut(String system, String version, String completed) {
        Map<String, String> hints =
                Map.of(
                        VERSION,
                        version,
                        MODEL,
                        "\"Pixel 9 Pro\"",
                        BROWSERS,
                        "\"Not.A/Brand\";v=\"99.0.0.0\", \"Chromium\";v=\"150.0.7204.51\"");

        assertThat(agent("Mozilla/5.0 " + system + " " + REDUCED, "same-origin", hints))
                .isEqualTo("Mozilla/5.0 " + completed + " " + CHROME.formatted("7204.51"));
    }

    /** What the agent says by itself is the same of all versions, so it tells none. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "(Windows NT 10.0; Win64; x64) | \"15.0.0\" | Windows | 11",
                "(Windows NT 10.0; Win64; x64) | \"10.0.0\" | Windows | 10",
                "(Macintosh; Intel Mac OS X 10_15_7) | \"15.5.0\" | macOS | 15",
                "(Linux; Android 10; K) | \"16\" | Android | 16",
                "(Linux; Android 10; K) | \"10\" | Android | 10"
            })
    void isReadAsTheSystemThatItIs(String system, String version, String os, String osVersion) {
        UserAgents agents = new UserAgents(10);
        String agent = "Mozilla/5.0 " + system + " " + REDUCED;
        Map<String, String> hints = Map.of(VERSION, version, MODEL, "\"Pixel 9 Pro\"");
        Device device = agents.parse(agent(agent, "same-origin", hints), true);
        Device without = agents.parse(agent(agent, "same-origin", Map.of()), true);

        assertThat(device.os()).isEqualTo(os).isEqualTo(without.os());
        assertThat(device.osVersion()).isEqualTo(osVersion);
        assertThat(without.osVersion()).isNull();
        assertThat(device.browser()).isEqualTo(without.browser());
        assertThat(device.type()).isEqualTo(without.type());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "cross-site,\"15.0.0\"",
                "same-site,\"15.0.0\"",
                "none,\"15.0.0\"",
                "same-origin,\"\"",
                "same-origin,\"15.0; x\"",
                "same-origin,\"15)\"",
                "same-origin,\"999999999999\"",
                "same-origin,1555",
                "same-origin,\""
            })
    void staysAsItIsWithoutAHintOfItsOwnPage(String site, String version) {
        Map<String, String> odd =
                Map.of(VERSION, version, MODEL, "\"a; b) c\"", BROWSERS, "\"Chromium\";v=\"1\"");

        assertThat(agent(WINDOWS, site, odd)).isEqualTo(WINDOWS);
    }

    @Test
    void isNullWithoutAnAgent() {
        assertThat(AgentHints.agent(HttpFields.build().add(VERSION, "\"15.0.0\""))).isNull();
    }

    private static String agent(String agent, String site, Map<String, String> hints) {
        HttpFields.Mutable headers =
                HttpFields.build().add(HttpHeader.USER_AGENT, agent).add("Sec-Fetch-Site", site);
        hints.forEach(headers::add);
        return AgentHints.agent(headers);
    }
}
