package io.onevault.tracking.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A browser without a driver, for a driven one prerenders nothing; the pages act by themselves. */
@ExtendWith(Chromium.class)
final class PrerenderTest {

    @Test
    void aPrerenderedPageIsNotSeenBeforeItIsShown(Site site) throws Exception {
        Path profile = Files.createTempDirectory("chromium");
        site.hold("/go").hold("/hide");
        site.body(
                "/",
                """
                <script type="speculationrules">{"prerender": [{"urls": ["/next"], "eagerness": "immediate"}]}</script>
                <a href="/next">next</a>
                <script>fetch('/go').then(() => document.querySelector('a').click())</script>
                """);
        site.body(
                "/next",
                """
                <script>
                  const was_prerendered = document.prerendering;
                  onload = () => onevault('event', 'shown', {was_prerendered});
                  fetch('/hide').then(() => (%s)(true));
                </script>
                """
                        .formatted(Site.HIDE));
        Process chromium = start(profile, site.url("/"));
        try {
            // Its scripts run, before anybody sees it.
            site.awaitPage("/hide");
            site.collector().await("page_view");
            long shownAt = System.currentTimeMillis();

            site.release("/go");

            JsonNode view = site.collector().await("page_view", 2).get(1);
            assertThat(view.path("page_url").asText()).isEqualTo(site.url("/next"));
            assertThat(view.path("event_timestamp").asLong()).isGreaterThanOrEqualTo(shownAt);
            JsonNode shown = site.collector().await("shown");
            assertThat(shown.path("was_prerendered").asBoolean()).isTrue();

            site.release("/hide");

            JsonNode vitals = site.collector().await("web_vitals", 2).get(1);
            assertThat(vitals.path("page_url").asText()).isEqualTo(site.url("/next"));
            // The answer was there before the page was shown.
            assertThat(vitals.path("ttfb").asInt(-1)).isZero();
        } finally {
            chromium.destroyForcibly().waitFor();
            FileUtils.deleteQuietly(profile.toFile());
        }
    }

    private static Process start(Path profile, String url) throws IOException {
        List<String> command = new ArrayList<>(List.of(Chromium.program().toString()));
        command.addAll(Chromium.ARGUMENTS);
        command.addAll(
                List.of(
                        "--headless",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        url));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
