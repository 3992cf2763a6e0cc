package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;

/**
 * The shop's visitors with two tabs, the way back, a network that goes, and wishes of their own; of
 * all that they do the vault has each thing once, and of another site's visitors nothing.
 */
final class ShopVisitors {

    /** Calls before the tracker is there, and whether a page came back as it was. */
    private static final String CALL =
            """
            window.onevault = Object.assign((...call) => onevault.q.push(call), {q: []});
            onevault('%s');
            addEventListener('pageshow', ({persisted}) => { window.isBack = persisted; });
            """;

    private static final String GPC = "navigator.__proto__.globalPrivacyControl = true";

    /** As if the ten seconds were over that an event is the page's which wrote it. */
    private static final String LEAVE =
            """
            for (const key of Object.keys(localStorage).filter((key) => key.startsWith('onevault.e.'))) {
              const [site, , event] = JSON.parse(localStorage[key]);
              localStorage[key] = JSON.stringify([site, 0, event]);
            }
            """;

    private static final String OF_SITE =
            """
            SELECT concat_ws(' ', told ->> 'visits', told ->> 'pageviews',
                       (SELECT string_agg(concat_ws(' ', kind ->> 'value', kind ->> 'visits'), ' '
                                          ORDER BY kind ->> 'value')
                          FROM jsonb_array_elements(told -> 'visitor_kinds') AS kind),
                       (SELECT string_agg(concat_ws(' ', type ->> 'value', type ->> 'events'), ' '
                                          ORDER BY type ->> 'value')
                          FROM jsonb_array_elements(told -> 'event_types') AS type
                         WHERE type ->> 'value' LIKE 'told%%'))
              FROM (SELECT api.get_session_analytics('%s', '{"from": "%s",
                        "breakdowns": ["visitor_kinds", "event_types"]}') -> 'data') AS answer (told)""";

    private final ShopStack stack;
    private final LocalDate today = LocalDate.now(ZoneOffset.UTC);

    ShopVisitors(ShopStack stack) {
        this.stack = stack;
    }

    /** After {@link ShopVisit}, with its visit of four pages. */
    void areEachCountedOnce() throws Exception {
        Browser.NewContextOptions signal =
                new Browser.NewContextOptions().setExtraHTTPHeaders(Map.of("Sec-GPC", "1"));
        try (Look tabs = stack.look();
                Look tunnel = stack.look();
                Look denying = stack.look();
                Look signalling = stack.look(signal);
                Look elsewhere = stack.look();
                Connection database = stack.connect()) {
            visitWithTabs(tabs, CALL.formatted("grant"));
            loseTheNetworkForAMinute(tunnel, CALL.formatted("grant"));
            visit(denying, CALL.formatted("deny"));
            visit(signalling, GPC);
            visitAnotherSite(elsewhere, database);

            assertTold(
                    database,
                    "acme-shop",
                    "5 14 anonymous 2 recognised 3 told_at_the_end 1 told_in_the_tunnel 1"
                            + " told_offline 1");
            assertTold(database, "nimbus-saas", "1 1 recognised 1");
            assertThat(denying.complaints()).isEmpty();
            assertThat(signalling.complaints()).isEmpty();
        }
    }

    private void visitWithTabs(Look look, String script) {
        look.context().addInitScript(script);
        Page page = look.open(stack.shop());
        page.click("a[href='duffle-coat.html']");
        page.waitForURL("**/duffle-coat.html");
        page.evaluate("setTimeout(() => history.back())");
        page.waitForFunction("window.isBack");
        page.evaluate("history.pushState({}, '', 'boots')");
        Page other = look.open(stack.shop() + "merino-scarf.html");
        assertThat(look.complaints()).isEmpty();

        look.context().setOffline(true);
        other.evaluate("onevault('event', 'told_offline')");
        other.evaluate(LEAVE);
        other.close();
        look.context().setOffline(false);
        look.open(stack.shop() + "trail-boot.html");
        page.evaluate("onevault('event', 'told_at_the_end')");
        page.close(new Page.CloseOptions().setRunBeforeUnload(true));
    }

    /** The page stays; its own clock makes the minute. */
    private void loseTheNetworkForAMinute(Look look, String script) {
        look.context().addInitScript(script);
        look.context().clock().install();
        Page page = look.open(stack.shop());
        look.context().setOffline(true);
        page.evaluate("history.pushState({}, '', 'tunnel')");
        page.evaluate("onevault('event', 'told_in_the_tunnel')");
        look.context().clock().runFor(60_000);
        look.context().setOffline(false);
    }

    private void visit(Look look, String script) {
        look.context().addInitScript(script);
        look.open(stack.shop());
    }

    /** The same pages with another site's key. */
    private void visitAnotherSite(Look look, Connection database) throws SQLException {
        String key =
                ask(
                        database,
                        "SELECT auth.site_tracking_make_key('nimbus-saas', 'other site', '{browser}')");
        look.context()
                .route(
                        "**/shop/",
                        route -> {
                            APIResponse page = route.fetch();
                            String text = page.text().replace("st_demonstration_shop", key);
                            route.fulfill(
                                    new Route.FulfillOptions().setResponse(page).setBody(text));
                        });
        look.open(stack.shop());
    }

    private void assertTold(Connection database, String tenant, String expected) throws Exception {
        String question = OF_SITE.formatted(tenant, today);
        JobRuns.await(
                () -> ask(database, question).equals(expected), () -> ask(database, question));
    }

    private static String ask(Connection database, String question) throws SQLException {
        try (ResultSet row = database.createStatement().executeQuery(question)) {
            row.next();
            return row.getString(1);
        }
    }
}
