package io.onevault.tracking.tracker;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives each test a {@link Site} of its own, in one Chromium for all of them. Where there is no
 * Chromium, the tests are skipped, or fail if {@code -Dbrowser.required=true} says so.
 */
public final class Chromium implements ParameterResolver, AfterEachCallback {

    /** No call home, and hosts of tests are this machine. */
    static final List<String> ARGUMENTS =
            List.of(
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--host-resolver-rules=MAP *.test 127.0.0.1");

    private static final Namespace NAMESPACE = Namespace.create(Chromium.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext extension) {
        return parameter.getParameter().getType() == Site.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext extension) {
        Running running =
                extension
                        .getRoot()
                        .getStore(NAMESPACE)
                        .getOrComputeIfAbsent(Running.class, key -> start(), Running.class);
        Site site = new Site(running.browser());
        extension.getStore(NAMESPACE).put(Site.class, site);
        return site;
    }

    @Override
    public void afterEach(ExtensionContext extension) {
        Site site = extension.getStore(NAMESPACE).remove(Site.class, Site.class);
        if (site != null) {
            site.close();
        }
    }

    private static Running start() {
        Path program = program();
        Playwright playwright =
                Playwright.create(
                        new Playwright.CreateOptions()
                                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser browser =
                playwright
                        .chromium()
                        .launch(
                                new BrowserType.LaunchOptions()
                                        .setExecutablePath(program)
                                        .setIgnoreDefaultArgs(
                                                List.of("--disable-back-forward-cache"))
                                        .setArgs(ARGUMENTS));
        return new Running(playwright, browser);
    }

    /** Where Debian, and others, put it; {@code -Dbrowser=PATH} tells of another place. */
    static Path program() {
        String told = System.getProperty("browser");
        Path program =
                Stream.of(
                                told == null ? "/usr/bin/chromium" : told,
                                "/usr/bin/chromium-browser",
                                "/usr/bin/google-chrome",
                                "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
                        .map(Path::of)
                        .filter(Files::isExecutable)
                        .findFirst()
                        .orElse(null);
        String advice =
                "The tests of the tracker need Chromium: apt-get install chromium, or name one by"
                        + " -Dbrowser=PATH";
        if (program == null && Boolean.getBoolean("browser.required")) {
            throw new IllegalStateException(advice);
        }
        Assumptions.assumeTrue(program != null, advice);
        return program;
    }

    /** The browser of this run; closed with the last test. */
    private record Running(Playwright playwright, Browser browser) implements AutoCloseable {

        @Override
        public void close() {
            browser.close();
            playwright.close();
        }
    }
}
