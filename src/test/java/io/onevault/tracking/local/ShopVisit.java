package io.onevault.tracking.local;

import static io.onevault.tracking.local.Look.having;
import static io.onevault.tracking.local.Look.settle;
import static io.onevault.tracking.local.Look.tiles;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;

/** A visit to the shop, of which dashboard, api and vault tell the same. */
final class ShopVisit {

    /** Visits, page views, engaged seconds, conversions, revenue, events of the coat. */
    private static final String OF_VAULT =
            """
            SELECT concat_ws(' ', count(*), sum(page_views),
                       to_char(make_interval(secs => sum(engaged_seconds)), 'FMMI:SS'), sum(conversions),
                       sum((revenue ->> 'EUR')::numeric(9, 2)),
                       (SELECT count(*)
                          FROM business.event_business_item_l AS links
                          JOIN business.business_item_h AS items USING (business_item_hk)
                         WHERE items.business_item_bk LIKE '%%sku-1070'
                           AND links.event_timestamp >= '%1$s'))
              FROM business.site_session_details_current_v
              JOIN auth.tenant_h USING (tenant_hk)
             WHERE tenant_bk = 'acme-shop' AND NOT is_bot AND session_start >= '%1$s'""";

    private static final String OF_API =
            """
            SELECT concat_ws(' ', told ->> 'visits', told ->> 'pageviews',
                       to_char(make_interval(secs => (told ->> 'engaged_seconds')::integer), 'FMMI:SS'),
                       told ->> 'conversions', (told #>> '{revenue,EUR}')::numeric(9, 2),
                       jsonb_path_query_first(told, '$.items[*] ? (@.value == "sku-1070").events'))
              FROM (SELECT api.get_session_analytics('acme-shop', '{"from": "%s"}') -> 'data')
                       AS answer (told)""";

    private final ShopStack stack;
    private final LocalDate today = LocalDate.now(ZoneOffset.UTC);

    ShopVisit(ShopStack stack) {
        this.stack = stack;
    }

    void isOnTheDashboardAtOnce() throws Exception {
        try (Look look = stack.look();
                Connection database = stack.connect()) {
            Page watching = look.open(stack.dashboard("view=live"));
            Page visiting = look.open(stack.shop());
            await(watching, "Things for outdoors");
            buy(visiting, watching);
            checkLive(watching);
            visiting.navigate("about:blank");

            Page today = look.open(stack.dashboard("period=today"));
            JobRuns.await(
                    () -> {
                        today.reload();
                        settle(today);
                        String told = told(today);
                        return told.equals(ask(database, OF_VAULT))
                                && told.equals(ask(database, OF_API));
                    },
                    () -> told(today) + ask(database, OF_VAULT) + ask(database, OF_API));
            assertThat(told(today)).matches("1 4 \\d+:\\d\\d 1 179.50 3").doesNotContain(" 0:00 ");
            assertThat(look.complaints()).isEmpty();
        }
    }

    /** How long a click takes is printed, not judged: that hangs on the machine. */
    private static void buy(Page visiting, Page watching) {
        click(visiting, "a[href='duffle-coat.html']", watching, "Duffle Coat Merle");
        visiting.click("#add");
        click(visiting, "header a[href='cart.html']", watching, "Basket");
        click(visiting, "#buy", watching, "Thank you");
        watching.locator(".feed li", having("Page ping")).first().waitFor();
    }

    private static void click(Page visiting, String what, Page watching, String shown) {
        long clicked = System.nanoTime();
        visiting.click(what);
        await(watching, shown);
        System.out.printf("click to dashboard: %d ms%n", (System.nanoTime() - clicked) / 1_000_000);
    }

    private static void await(Page watching, String shown) {
        watching.locator(".feed .name", having(shown)).first().waitFor();
    }

    private void checkLive(Page watching) {
        watching.locator(".feed .kind.strong").first().waitFor();
        assertThat(watching.locator(".huge").first().innerText()).isEqualTo("1");
        DashboardFitness.picture(watching, "live");
        watching.locator("button.row").first().click();
        watching.locator(".chip", having("Page: ")).waitFor();
        watching.locator(".feed .kind.strong").first().waitFor();
        assertThat(watching.locator(".huge").first().innerText()).isEqualTo("1");
        watching.navigate(stack.dashboard() + "?view=live&filters=%7B%22device%22%3A%22tv%22%7D");
        watching.locator(".feed .empty").waitFor();
        assertThat(watching.locator(".huge").first().innerText()).isEqualTo("0");
        assertThat(watching.url()).as("the key is not left in the address").doesNotContain("key=");
    }

    private String ask(Connection database, String question) throws SQLException {
        try (ResultSet row = database.createStatement().executeQuery(question.formatted(today))) {
            row.next();
            return row.getString(1);
        }
    }

    /** The same of the dashboard, whose one visit's time is that of all. */
    private static String told(Page page) {
        Map<String, String> tiles = tiles(page);
        return String.join(
                " ",
                tiles.get("Visits"),
                tiles.get("Page views"),
                tiles.get("Time engaged"),
                tiles.get("Conversions"),
                tiles.get("Revenue").replace("€", ""),
                String.join(
                        "", page.locator("button.row[title=sku-1070] .figure").allInnerTexts()));
    }
}
