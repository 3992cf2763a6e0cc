package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ReducedMotion;
import io.onevault.tracking.reprocess.Reprocess;
import io.onevault.tracking.tracker.Chromium;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What README's first command starts, with the class path that it has there, and a browser. */
final class ShopStack {

    private static final Pattern LINKS =
            Pattern.compile(
                    "Flink in (\\S+)(?s:.*)Shop +(\\S+)\\s+Dashboard +(([^\\s?]+)\\S*#key=(\\S+))(?s:.*)"
                            + "Flink +http://(\\S+)(?s:.*)JDBC +(\\S+), user postgres");

    private static final String REPROCESS = Reprocess.class.getName();
    private static final int REPROCESS_SECONDS = 300;

    private final Path log;
    private final String classpath;
    private final ChildProcess stack;
    private final Playwright playwright;
    private final Browser browser;
    private final String folder;
    private final String flink;
    private final String shop;
    private final String printed;
    private final String dashboard;
    private final String key;
    private final String jdbcUrl;

    ShopStack(Path directory) throws Exception {
        log = directory.resolve("stack.log");
        classpath =
                Path.of("target", "classes")
                        + System.getProperty("path.separator")
                        + Files.readString(Path.of("target", "run.classpath")).strip();
        stack =
                ChildProcess.start(
                        log,
                        Map.of(),
                        ChildProcess.java(List.of(), classpath, LocalStack.class.getName()));
        JobRuns.await(() -> links().find() || !stack.isAlive(), () -> stack.lastWords());
        Matcher links = links();
        assertThat(links.find()).as(stack.lastWords()).isTrue();
        folder = links.group(1);
        shop = links.group(2);
        printed = links.group(3);
        dashboard = links.group(4);
        key = links.group(5);
        flink = links.group(6);
        jdbcUrl = links.group(7);
        playwright = Chromium.playwright();
        browser = playwright.chromium().launch(Chromium.options());
    }

    private Matcher links() throws IOException {
        return LINKS.matcher(log());
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    String shop() {
        return shop;
    }

    String dashboard() {
        return dashboard;
    }

    /** The dashboard's link as people find it. */
    String printed() {
        return printed;
    }

    /** The key that the dashboard's link brings. */
    String key() {
        return key;
    }

    /** The dashboard's address with what it shows, and the key. */
    String dashboard(String shown) {
        return dashboard + "?" + shown + "#key=" + key;
    }

    /** The address of a path of the collector. */
    String url(String path) {
        return dashboard.replace("/dashboard/", path);
    }

    /** What a command of a reprocess prints, given as the docs do for the stack. */
    String reprocess(String... command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(ChildProcess.java(List.of(), classpath, REPROCESS));
        all.addAll(List.of(command));
        all.addAll(List.of("--jobmanager", flink, "--config", folder + "/job.properties"));
        Path printed = log.resolveSibling("reprocess.log");
        try (ChildProcess program =
                ChildProcess.start(printed, Map.of("PGUSER", EmbeddedPostgres.USER), all)) {
            return program.await(REPROCESS_SECONDS);
        }
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl, EmbeddedPostgres.USER, "");
    }

    Look look() {
        return look(new Browser.NewContextOptions());
    }

    /**
     * Where nothing moves while it waits: without a graphics card that takes what is waited for.
     */
    Look look(Browser.NewContextOptions options) {
        return new Look(browser.newContext(options.setReducedMotion(ReducedMotion.REDUCE)));
    }

    void stop() throws InterruptedException {
        playwright.close();
        stack.stop();
    }
}
