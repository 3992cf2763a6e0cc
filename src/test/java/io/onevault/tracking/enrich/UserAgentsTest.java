package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.event.Device;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks the reading of user agents against a list labelled by hand. */
class UserAgentsTest {

    private static final String ANY = "*";

    private final UserAgents agents = new UserAgents(500);

    @Test
    void readsEveryAgentOfTheLabelledList() throws IOException {
        List<String> wrong = new ArrayList<>();

        for (String[] label : labels()) {
            Device device = agents.parse(label[5]);
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
        assertThat(agents.parse(null)).isSameAs(Device.UNKNOWN);
        assertThat(agents.parse("  \t")).isSameAs(Device.UNKNOWN);
    }

    @Test
    void leavesUnknownNamesNull() {
        assertThat(agents.parse("something else")).isEqualTo(Device.UNKNOWN);
    }

    @Test
    void cutsAnOverlongAgent() {
        String start = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/132.0 ";
        String agent = start + "x".repeat(1_024 - start.length());

        assertThat(agents.parse(agent + "Googlebot/2.1")).isSameAs(agents.parse(agent));
    }

    @Test
    void remembersTheMostRecentlyUsedAgents() {
        UserAgents two = new UserAgents(2);
        Device first = two.parse("Firefox/1.0 first");
        Device second = two.parse("Firefox/1.0 second");
        two.parse("Firefox/1.0 first");
        two.parse("Firefox/1.0 third");

        assertThat(two.parse("Firefox/1.0 first")).isSameAs(first);
        assertThat(two.parse("Firefox/1.0 second")).isNotSameAs(second).isEqualTo(second);
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
                                + " Gecko) Chrome/120.0.0.0 Mobile Safari/537.36");

        assertThat(device).isEqualTo(new Device("mobile", "Chrome", "120", "Android", "12", false));
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
