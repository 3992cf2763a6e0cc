package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.event.Device;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks the reading of user agents against a list labelled by hand. */
class UserAgentsTest {

    private static final String ANY = "*";

    private final UserAgents agents = new UserAgents(500);

    @Test
    void readsEveryAgentOfTheLabelledList() throws IOException {
        List<String> wrong = new ArrayList<>();

        for (String[] label : labels()) {
            Device device = agents.parse(label[5], false);
            boolean right =
                    device.type().equals(label[0])
                            && matches(label[1], device.browser())
                            && matches(label[2], device.browserVersion())
                            && matches(label[3], device.os())
                            && device.bot() == label[4].equals("yes");
            if (!right) {
                wrong.add(device + " <- " + String.join("|", label));
            }
        }

        assertThat(wrong).isEmpty();
    }

    @Test
    void knowsNothingOfAMissingAgent() {
        assertThat(agents.parse(null, false)).isSameAs(Device.UNKNOWN);
        assertThat(agents.parse("  \t", false)).isSameAs(Device.UNKNOWN);
    }

    @Test
    void leavesUnknownNamesNull() {
        assertThat(agents.parse("Mozilla/5.0 (X; Y) Z (1; 2)", false))
                .isEqualTo(new Device("other", null, null, null, null, false, "browser", null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Windows |  | (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Windows | 7 | (Windows NT 6.1; Win64; x64; rv:115.0) Gecko/20100101 Firefox/115.0",
                "macOS |  | (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0",
                "macOS |  | (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15",
                "macOS | 10 | (Macintosh; Intel Mac OS X 10_14_6) AppleWebKit/605.1.15 Version/14.0 Safari/605.1.15",
                "Android |  | (Linux; Android 10; K) AppleWebKit/537.36 Chrome/150.0.0.0 Mobile Safari/537.36",
                "Android | 10 | (Linux; Android 10; SM-G973F) AppleWebKit/537.36 Chrome/90.0.4430.91 Mobile Safari/537.36"
            })
    void tellsNoVersionThatABrowserAlwaysSays(String os, String version, String agent) {
        Device device = agents.parse("Mozilla/5.0 " + agent, true);

        assertThat(device.os()).isEqualTo(os);
        assertThat(device.osVersion()).isEqualTo(version);
    }

    @Test
    void cutsAnOverlongAgent() {
        String start = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/132.0 ";
        String agent = start + "x".repeat(1_024 - start.length());

        assertThat(agents.parse(agent + "Googlebot/2.1", false))
                .isSameAs(agents.parse(agent, false));
    }

    @Test
    void remembersTheMostRecentlyUsedAgents() {
        UserAgents two = new UserAgents(2);
        Device first = two.parse("Firefox/1.0 first", false);
        Device second = two.parse("Firefox/1.0 second", false);
        two.parse("Firefox/1.0 first", false);
        two.parse("Firefox/1.0 third", false);

        assertThat(two.parse("Firefox/1.0 first", false)).isSameAs(first);
        assertThat(two.parse("Firefox/1.0 second", false)).isNotSameAs(second).isEqualTo(second);
    }

    @Test
    void refusesACacheWithoutRoom() {
        assertThatThrownBy(() -> new UserAgents(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPhoneWhoseMakerSoundsLikeARobotIsNone() {
        Device device =
                agents.parse(
                        "Mozilla/5.0 (Linux; Android 12; CUBOT X50) AppleWebKit/537.36 (KHTML, like"
                                + " Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
                        false);

        assertThat(device)
                .isEqualTo(
                        new Device(
                                "mobile", "Chrome", "120", "Android", "12", false, "browser",
                                null));
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource({
        "robot, search, Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "robot, ai, Mozilla/5.0 (compatible; GPTBot/1.3; +https://openai.com/gptbot)",
        "robot, ai, Mozilla/5.0 AppleWebKit/537.36 (KHTML; compatible; Claude-User/1.0)",
        "robot, monitor, Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
        "robot, monitor, Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
        "robot, preview, facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "robot, preview, WhatsApp/2.19.258 A",
        "robot, tool, Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120.0.0.0 Safari/537.36",
        "robot, tool, Mozilla/5.0 (linux) AppleWebKit/537.36 (KHTML) jsdom/22.1.0",
        "robot, other, SomethingNew crawler 7",
        // nobody's lists have these
        "robot, ai, Mozilla/5.0 AppleWebKit/537.36 (KHTML; compatible; Nobody-User/1.0) Safari/537.36",
        "robot, monitor, Acme Uptime Service/2.0",
        "robot, other, Mozilla/5.0 (compatible; NobodyKnows/1.0)",
        "robot, other, Acme/1.0 (+https://acme.example.com/robot)",
        "robot, other, Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML) Chrome/125.0 Safari/537.36 Nobody",
        "browser, , Mozilla/5.0 (compatible; Konqueror/3.5; Linux; de) KHTML/3.5.8 (like Gecko)",
        "browser, , Mozilla/5.0 (Linux; Android 7.0; M bot 60 Build/NRD90M) Chrome/58.0 Mobile",
        "browser, , Mozilla/5.0 (Linux; U; Android 4.2.2; de-de; Discovery Spider Build/X) Mobile",
        "app, , WhatsApp/2.18.79 Android/5.1 Device/Meizu-MX5",
        "app, , ShopApp/3.1 CFNetwork/1408.0.4 Darwin/22.5.0",
    })
    void tellsRobotsByWhatTheyAreFor(String clientType, String robotKind, String agent) {
        for (boolean named : new boolean[] {false, true}) {
            Device device = agents.parse(agent, named);

            assertThat(device.clientType()).isEqualTo(clientType);
            assertThat(device.robotKind()).isEqualTo(robotKind);
            assertThat(device.bot()).isEqualTo(clientType.equals("robot"));
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "desktop | Huawei Browser | 5 | OpenHarmony | Mozilla/5.0 (PC; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 HuaweiBrowser/5.0.4.300",
                "mobile | Huawei Browser | 5 | OpenHarmony | Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5.0.4.300",
                "tablet | ArkWeb | 4 | OpenHarmony | Mozilla/5.0 (Tablet; OpenHarmony 4.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1",
                "car | Chrome | 79 | Linux | Mozilla/5.0 (X11; GNU/Linux) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0.3945.130 Safari/537.36 Tesla/2020.16.2.1-e99c70fff409",
                "wearable | Samsung Internet | 2 | Android | Mozilla/5.0 (Linux; Android 11; SAMSUNG SM-R920) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/2.2 Chrome/102.0.5005.125 Mobile Safari/537.36",
            })
    void knowsNewerDevices(String type, String browser, String version, String os, String agent) {
        Device device = agents.parse(agent, true);

        assertThat(device)
                .isEqualTo(
                        new Device(
                                type,
                                browser,
                                version,
                                os,
                                device.osVersion(),
                                false,
                                "browser",
                                null));
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "server, node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
        "server, python-requests/2.31.0",
        "server, Go-http-client/2.0",
        "server, axios/1.7.2",
        "app, okhttp/4.12.0",
        "app, Dart/3.2 (dart:io)",
        // with the system that they run on
        "server, Wget/1.14 (linux-gnu)",
        "server, curl/7.19.7 (x86_64-redhat-linux-gnu) libcurl/7.19.7",
        "server, python-requests/2.6.0 CPython/2.7.5 Linux/3.10.0-327.el7.x86_64",
        "server, HTTPie/1.0.3 (macOS)",
        "server, libwww-perl/6.05 Linux",
        "server, RestSharp/106 (Windows NT 10.0)",
        "app, okhttp/4.9.0 (Linux; Android 13)",
        // bare names of libraries and of programs that say nothing of robots
        "server, node",
        "server, curl",
        "server, Wget/1.21.4",
        "server, Microsoft-WinHTTP/1.0",
        "server, HTTPie/3.2.2",
        "server, lua-resty-http/0.10 (Lua) ngx_lua/10019",
        "server, WordPress/6.5; https://shop.example.com",
        "server, Salesforce.com",
        "app, AcmeBackend/1.4",
        "app, acme-orders",
        "browser, Amazon CloudFront",
    })
    void anHttpLibraryIsARobotOnlyWhereNothingSaysWhomItActsFor(String clientType, String agent) {
        Device named = agents.parse(agent, true);
        assertThat(named.bot()).isFalse();
        assertThat(named.clientType()).isEqualTo(clientType);
        assertThat(named.type()).isNotEqualTo("bot");

        Device unnamed = agents.parse(agent, false);
        assertThat(unnamed.bot()).isTrue();
        assertThat(unnamed.type()).isEqualTo("bot");
        assertThat(unnamed.robotKind()).isEqualTo("tool");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Mozilla/5.0 (compatible) ",
                "a/1.1.1.1.1.1.1.1.1.1",
                "a(?:):%. -",
                "google google google news news",
                "mozilla/5.0 (a/1.1 a/1.1 ",
                "Android 9; Android 9; ",
                ";;;;;;;;",
                "\u0000\ud83e\udd16"
            })
    void readsAnyAgentOf64Kib(String part) {
        String agent = part.repeat(64 * 1_024 / part.length());

        assertThat(agents.parse(agent, false)).isNotNull();
    }

    /** Without a bound this one would look at the text more often than there are atoms. */
    @Test
    void givesUpAnExpressionThatLooksTooOften() {
        Pattern hostile = Pattern.compile("(?:a+)+$");

        assertThat(BoundedText.find(hostile, "a".repeat(1_000) + "b")).isFalse();
        assertThat(BoundedText.find(hostile, "b" + "a".repeat(1_000))).isTrue();
    }

    private static boolean matches(String label, String value) {
        return label.equals(ANY) || label.equals(value);
    }

    private static List<String[]> labels() throws IOException {
        List<String[]> labels = new ArrayList<>();
        try (InputStream in = UserAgentsTest.class.getResourceAsStream("/enrich/user-agents.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (!line.startsWith("#")) {
                    labels.add(line.split("\\|", 6));
                }
            }
        }
        assertThat(labels).hasSizeGreaterThan(100);
        return labels;
    }
}
