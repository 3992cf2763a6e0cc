package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ReducedMotion;
import io.onevault.tracking.tracker.Chromium;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What README's first command starts, with the class path that it has there, and a browser. */
final class ShopStack {

    private static final Pattern LINKS =
            Pattern.compile(
                    "Shop +(\\S+)\\s+Dashboard +(\\S+)#key=(\\S+)(?s:.*)JDBC +(\\S+), user postgres");

    private final Path log;
    private final ChildProcess stack;
    private final Playwright playwright;
    private final Browser browser;
    private final String shop;
    private final String dashboard;
    private final String key;
    private final String jdbcUrl;

    ShopStack(Path directory) throws Exception {
        log = directory.resolve("stack.log");
        String classpath =
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
        shop = links.group(1);
        dashboard = links.group(2);
        key = links.group(3);
        jdbcUrl = links.group(4);
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
