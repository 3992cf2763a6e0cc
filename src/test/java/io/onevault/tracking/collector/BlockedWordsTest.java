package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.program.Program;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The usual paths hold none of the words by which lists of ad blockers know trackers. */
final class BlockedWordsTest {

    /** What rules of EasyPrivacy say of paths, on hosts of neutral names. */
    private static final List<String> BLOCKED =
            List.of(
                    "/api/v1/track/",
                    "/api/v1/collector",
                    "/analytics/event",
                    "/analytics/track",
                    "/analytics/tracker.js",
                    "/1x1.gif?",
                    "/0.gif?",
                    "/1.gif?",
                    "/a.gif?",
                    "/b.gif?",
                    "/in.gif?url=",
                    "/pixel.gif?",
                    ".gif?event=",
                    "/beacon.js",
                    "/v1/tracker.js",
                    "/libs/tracker.js",
                    "/global/tracker.js",
                    "/js_tracker.js",
                    "/__ssobj/core.js",
                    "/t/event?",
                    "/t/event.js?");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/in?key=st_0123456789abcdef",
                "/in.gif?key=st_0123456789abcdef&evt_type=email_open",
                "/tracker.js",
                "/core.js",
                "/t/abcDEF_123-xyz0123456789.js"
            })
    void theUsualAddressesHoldNoneOfThem(String address) {
        String asRulesSeeIt = ("https://data.example.com" + address).toLowerCase(Locale.ROOT);

        assertThat(BLOCKED).noneMatch(asRulesSeeIt::contains);
        assertThat(
                        List.of(
                                CollectorSettings.Paths.USUAL.events() + "?key=",
                                CollectorSettings.Paths.USUAL.pixel() + "?key=",
                                CollectorSettings.Paths.USUAL.script(),
                                "/core.js",
                                CollectorSettings.Paths.USUAL.pinned()))
                .anyMatch(address::startsWith);
    }

    @Test
    void theScriptsLieWhereTheyAreWanted() {
        assertThat(new ScriptDoor("/site/hello.js", "/t/").paths())
                .containsExactlyInAnyOrder("/site/hello.js", "/site/core.js");
    }

    /** Without its slash it would be one path, and no script below it. */
    @ParameterizedTest
    @ValueSource(strings = {"/kept", "kept/", "/", ""})
    void pinnedScriptsLieInAFolder(String path) {
        List<String> said = new ArrayList<>();
        String[] args = {"--pinned-path", path};

        assertThat(Program.run(new Collector(), System.out, said::add, args))
                .isEqualTo(Program.USAGE);
        assertThat(said).containsExactly("--pinned-path must be a folder, such as /t/; see --help");
    }
}
