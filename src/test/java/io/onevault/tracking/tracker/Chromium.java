package io.onevault.tracking.tracker;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives each test a {@link Site} of its own, in one Chromium for all of them. Where there is no
 * Chromium, the tests are skipped, or fail if {@code -Dbrowser.required=true} says so.
 */
public final class Chromium implements ExecutionCondition, ParameterResolver, AfterEachCallback {

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
                    // Not of the context: what a page sends at its end would have the other one.
                    "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like"
                            + " Gecko) Chrome/150.0.0.0 Safari/537.36",
                    "--host-resolver-rules=MAP *.test 127.0.0.1");

    private static final List<String> PLACES =
            List.of(
                    "/usr/bin/chromium",
                    "/usr/bin/chromium-browser",
                    "/usr/bin/google-chrome",
                    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");

    private static final String ADVICE =
            "The tests of the tracker need Chromium: apt-get install chromium, or name one by"
                    + " -Dbrowser=PATH";

    private static final Namespace NAMESPACE = Namespace.create(Chromium.class);

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext extension) {
        if (found().isPresent() || Boolean.getBoolean("browser.required")) {
            return ConditionEvaluationResult.enabled("required, or there");
        }
        if (extension.getTestMethod().isEmpty()) {
            System.out.println("Skipped " + extension.getDisplayName() + ". " + ADVICE);
        }
        return ConditionEvaluationResult.disabled(ADVICE);
    }

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
        Playwright playwright = playwright();
        return new Running(playwright, playwright.chromium().launch(options()));
    }

    /** Without the browsers that it would fetch. */
    public static Playwright playwright() {
        return Playwright.create(
                new Playwright.CreateOptions()
                        .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    }

    /** How to start a browser that is taken for a person's. */
    public static BrowserType.LaunchOptions options() {
        return new BrowserType.LaunchOptions()
                .setExecutablePath(program())
                .setArgs(ARGUMENTS)
                .setIgnoreDefaultArgs(List.of("--disable-back-forward-cache"));
    }

    static Path program() {
        return found().orElseThrow(() -> new IllegalStateException(ADVICE));
    }

    /** Where Debian, and others, put it; {@code -Dbrowser=PATH} tells of another place. */
    private static Optional<Path> found() {
        String told = System.getProperty("browser");
        List<String> places = told == null ? PLACES : List.of(told);
        return places.stream().map(Path::of).filter(Files::isExecutable).findFirst();
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
