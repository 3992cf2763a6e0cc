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

/**
 * The demonstration shop in a browser without a driver, for a driven one prerenders nothing; the
 * pages act by themselves.
 */
@ExtendWith(Chromium.class)
final class PrerenderTest {

    private static final Path SHOP = Path.of("src/main/resources/sample/shop");

    @Test
    void aPrerenderedPageIsNotSeenBeforeItIsShown(Site site) throws Exception {
        Path profile = Files.createTempDirectory("chromium");
        open(site);
        Process chromium = start(profile, site.url("/shop/"));
        try {
            // Its scripts run, before anybody sees it.
            site.awaitPage("/hide");
            site.collector().await("page_view");
            long shownAt = System.currentTimeMillis();

            site.release("/go");

            JsonNode view = site.collector().await("page_view", 2).get(1);
            assertThat(view.path("page_url").asText())
                    .isEqualTo(site.url("/shop/duffle-coat.html"));
            assertThat(view.path("event_timestamp").asLong()).isGreaterThanOrEqualTo(shownAt);
            assertThat(site.collector().await("item_view").path("page_view_id"))
                    .isEqualTo(view.path("page_view_id"));
            JsonNode shown = site.collector().await("shown");
            assertThat(shown.path("was_prerendered").asBoolean()).isTrue();

            site.release("/hide");

            JsonNode vitals = site.collector().await("web_vitals", 2).get(1);
            assertThat(vitals.path("page_url")).isEqualTo(view.path("page_url"));
            // The answer was there before the page was shown.
            assertThat(vitals.path("ttfb").asInt(-1)).isZero();
        } finally {
            chromium.destroyForcibly().waitFor();
            FileUtils.deleteQuietly(profile.toFile());
        }
    }

    private static void open(Site site) throws IOException {
        site.hold("/go").hold("/hide");
        site.body("/shop/shop.js", Files.readString(SHOP.resolve("shop.js")));
        site.body(
                "/shop/",
                shop(
                        "index.html",
                        site,
                        """
                        <script type="speculationrules">{"prerender": [{"urls": ["duffle-coat.html"], "eagerness": "immediate"}]}</script>
                        <script>fetch('/go').then(() => document.querySelector('[href="duffle-coat.html"]').click())</script>
                        """));
        site.body(
                "/shop/duffle-coat.html",
                shop(
                        "duffle-coat.html",
                        site,
                        """
                        <script>
                          const was_prerendered = document.prerendering;
                          onload = () => onevault('event', 'shown', {was_prerendered});
                          fetch('/hide').then(() => (%s)(true));
                        </script>
                        """
                                .formatted(Site.HIDE)));
    }

    /** A page of the shop that does more, which its policy would not let it, and tells the test. */
    private static String shop(String page, Site site, String more) throws IOException {
        return Files.readString(SHOP.resolve(page))
                .replaceFirst("<meta http-equiv=.*>", "")
                .replaceFirst(
                        "data-key", "data-endpoint=\"" + site.collector().url() + "\" data-key")
                .replace("</body>", more + "</body>");
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
