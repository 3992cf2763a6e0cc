package io.onevault.tracking.tracker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.onevault.tracking.event.RejectReason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the dashboard makes of answers, refused ones too, and of addresses written by hand. */
@ExtendWith(Chromium.class)
final class AnsweredDashboardTest {

    private static final String DAY = "from=2026-03-01&to=2026-03-01";

    @Test
    void aRefusedPartOfTheOverviewLeavesTheOthersAlone(Site site) {
        for (String part :
                List.of(
                        "/read/vitals",
                        "analytics.*named_goals",
                        "analytics(?!.*breakdowns)",
                        "analytics.*to=2026-02-28",
                        "/read/items")) {
            AnsweredDashboard dashboard = new AnsweredDashboard(site.context()).refuse(part, 429);
            Page page = dashboard.open(DAY);
            page.locator("[role=tab]:text-is('Brands')").click();

            dashboard.settle();
            assertThat(page.locator("button.tile").count()).as(part).isEqualTo(7);
            assertThat(page.locator("section[aria-label='Goals and events']").isVisible())
                    .as(part)
                    .isTrue();
            assertThat(page.locator("section[aria-label=Sources]").isVisible()).as(part).isTrue();
            assertThat(page.locator(".notice:visible").first().innerText())
                    .as(part)
                    .contains("Not so.");
            assertThat(dashboard.complaints()).isEmpty();
        }
    }

    @Test
    void aRefusedPartIsAskedForAgainByItself(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer(
                                "/read/items",
                                "{\"groups\": [{\"value\": \"Alpina\", \"events\": 1}]}")
                        .refuse("/read/items", 503);
        Page page = dashboard.open(DAY);
        page.locator("[role=tab]:text-is('Brands')").click();
        Locator items = page.locator(".panel[aria-label=Items]");
        items.locator("[role=alert]").waitFor();
        dashboard.allow("/read/items");
        items.locator("button:has-text('Again')").click();

        items.locator("button.row:has-text('Alpina')").waitFor();
        assertThat(page.locator("[role=alert]").count()).isZero();
    }

    /** It would be answered the same again. */
    @Test
    void whatIsAskedWronglyIsNotAskedAgain(Site site) {
        for (int status : new int[] {400, 503}) {
            Page page =
                    new AnsweredDashboard(site.context())
                            .refuse("/read/sessions", status)
                            .open("view=sessions");

            assertThat(page.locator("[role=alert]").innerText()).contains("Not so.");
            assertThat(page.locator("button:has-text('Again')").count())
                    .isEqualTo(status == 400 ? 0 : 1);
        }
    }

    @Test
    void theLedgerIsToldWhereHealthIsRefused(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer("/read/ledger", "{\"days\": [], \"totals\": {}}")
                        .refuse("/read/status", 503);
        Page page = dashboard.open("view=pipeline");

        assertThat(page.locator("[aria-label=Health] [role=alert]").innerText())
                .contains("Not so.");
        assertThat(page.locator("[aria-label=Ledger] table").count()).isOne();
    }

    /** Its days are UTC's, which begin an hour later by this site's clock, two in summer. */
    @Test
    void theLedgersRowsBeginByTheSitesClock(Site site) {
        Page page =
                new AnsweredDashboard(site.context())
                        .answer(
                                "/read/ledger",
                                """
                                {"totals": {}, "days": [
                                  {"date": "2026-03-28", "rejected_by_code": {}},
                                  {"date": "2026-03-30", "rejected_by_code": {}}]}""")
                        .answer("/read/status", "{\"reasons\": [], \"layers\": {}}")
                        .open("view=pipeline");

        assertThat(page.locator("[aria-label=Ledger] tbody th").allInnerTexts())
                .containsExactly("30 Mar 2026, 02:00", "28 Mar 2026, 01:00");
    }

    @Test
    void everyReasonOfARejectionHasWords(Site site) {
        String counts =
                Arrays.stream(RejectReason.values())
                        .map(reason -> '"' + reason.name() + "\": 1")
                        .collect(Collectors.joining(", "));
        Page page =
                new AnsweredDashboard(site.context())
                        .answer(
                                "/read/ledger",
                                """
                                {"totals": {}, "days": [{"date": "2026-03-01", "rejected_by_code": {%s}}]}"""
                                        .formatted(counts))
                        .answer("/read/status", "{\"reasons\": [], \"layers\": {}}")
                        .open("view=pipeline");

        assertThat(page.locator(".codes li").allInnerTexts())
                .hasSameSizeAs(RejectReason.values())
                .allMatch(line -> line.matches("1 [a-zNJ].+ [A-Z_]+"));
    }

    @Test
    void hoursToComeAreNeitherDrawnNorTold(Site site) {
        String series =
                List.of(8, 9, 10, 11, 22).stream()
                        .map(
                                hour ->
                                        "{\"start\": \"2026-03-01T%02d:00:00Z\", \"label\": \"2026-03-01T%02d:00\","
                                                        .formatted(hour, hour + 1)
                                                + " \"visitors\": 1}")
                        .collect(Collectors.joining(", "));
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer(
                                "/read/analytics",
                                "{\"visits\": 3, \"interval\": \"hour\", \"visitor_kinds\": [],"
                                        + " \"robots\": [], \"series\": ["
                                        + series
                                        + "]}");
        dashboard.page().clock().setFixedTime("2026-03-01T10:30:00Z");
        Page page = dashboard.open("period=today");
        page.locator(".chart-body summary").click();

        assertThat(page.locator(".chart-body tbody th").allInnerTexts())
                .hasSize(3)
                .last()
                .asString()
                .endsWith("11:00");
        assertThat(dashboard.complaints()).isEmpty();
    }

    /** Of three days, the last of which has just begun, fifty hours lie before. */
    @Test
    void bothPeriodsHaveTheSameSteps(Site site) {
        AnsweredDashboard dashboard = new AnsweredDashboard(site.context());
        List<String> asked = new ArrayList<>();
        dashboard.page().onRequest(request -> asked.add(request.url()));
        dashboard.page().clock().setFixedTime("2026-03-03T00:30:00Z");
        dashboard.open("from=2026-03-01&to=2026-03-03");

        assertThat(asked)
                .filteredOn(url -> url.contains("breakdowns=%5B%5D"))
                .hasSize(2)
                .allMatch(url -> url.contains("&interval=day"));
    }

    /** Thirty days from a Monday on, and before them thirty from a Saturday on. */
    @Test
    void weeksAreComparedWithThoseOfTheSamePlace(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer(
                                "/read/analytics?from=2026-03-02",
                                weeks("03-02", "03-09", "03-16", "03-23", "03-30"))
                        .answer(
                                "/read/analytics?from=2026-01-31",
                                weeks("01-26", "02-02", "02-09", "02-16", "02-23"));
        Page page = dashboard.open("from=2026-03-02&to=2026-03-31&interval=week");
        page.locator(".chart-body summary").click();

        assertThat(page.locator(".chart-body tbody td:nth-child(3)").allInnerTexts())
                .containsExactly("202", "209", "216", "223", "–");
        assertThat(dashboard.complaints()).isEmpty();
    }

    /** Weeks with as many visitors as month and day have digits, so that each is told apart. */
    private static String weeks(String... days) {
        return Arrays.stream(days)
                .map(
                        day ->
                                "{\"start\": \"2026-%sT00:00:00Z\", \"label\": \"2026-%s\", \"visitors\": %d}"
                                        .formatted(
                                                day, day, Integer.parseInt(day.replace("-", ""))))
                .collect(
                        Collectors.joining(
                                ", ",
                                "{\"visits\": 3, \"interval\": \"week\", \"visitor_kinds\": [],"
                                        + " \"robots\": [], \"series\": [",
                                "]}"));
    }

    @Test
    void whatIsToHappenIsNotNotedOnTheLastDayShown(Site site) {
        AnsweredDashboard dashboard = new AnsweredDashboard(site.context());
        dashboard
                .answer(
                        "settings",
                        dashboard
                                .answer("settings")
                                .replace(
                                        "\"annotations\": []",
                                        """
                                        "annotations": [{"day": "2026-03-01", "text": "Begun"},
                                                        {"day": "2026-03-20", "text": "To come"}]"""))
                .page()
                .clock()
                .setFixedTime("2026-03-01T10:30:00Z");
        Page page = dashboard.open("from=2026-03-01&to=2026-03-31");
        page.locator(".chart-body summary").click();

        assertThat(page.locator(".chart-body tbody th").allInnerTexts())
                .singleElement()
                .asString()
                .endsWith("· Begun");
    }

    @Test
    void oneVisitorIsOne(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer(
                                "/read/funnel",
                                """
                                {"steps": [{"evt_type": "a", "visitors": 2, "rate_of_first": 1},
                                           {"evt_type": "b", "visitors": 1, "rate_of_first": 0.5}]}""");
        Page page = dashboard.open("view=funnel");

        assertThat(page.locator(".stage-head .figure").allInnerTexts())
                .containsExactly("2 visitors", "1 visitor");
    }

    @Test
    void noFigureIsCutAtAnyWidth(Site site) {
        for (String revenue : List.of("9999.99", "1234567890")) {
            Page page =
                    new AnsweredDashboard(site.context())
                            .answer(
                                    "/read/analytics",
                                    """
                                    {"visits": 123456, "events": 9, "visitors": 9999, "pageviews": 9999999,
                                     "interval": "day", "series": [], "robots": [], "visitor_kinds": [],
                                     "engaged_seconds_per_visit": 86399, "revenue": {"CHF": %s}}"""
                                            .formatted(revenue))
                            .open(DAY);
            for (int width : List.of(320, 390, 620, 640, 800, 801, 1000, 1100, 1101, 1280)) {
                page.setViewportSize(width, 800);
                assertThat(
                                (List<?>)
                                        page.evaluate(
                                                """
                                                [...document.querySelectorAll('.tile strong')]
                                                  .filter((figure) => figure.scrollWidth > figure.clientWidth)
                                                  .map((figure) => figure.textContent)"""))
                        .as("%s, %s px", revenue, width)
                        .isEmpty();
            }
            assertThat(
                            page.locator(".tile:last-child strong")
                                    .getAttribute("title")
                                    .replaceAll("\\D", ""))
                    .startsWith(revenue.substring(0, 4));
        }
    }

    @Test
    void aVisitTellsItsSourceAtAnyWidth(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer(
                                "/read/sessions",
                                """
                                {"sessions": [{"from": "2026-03-01T09:00:00Z", "to": "2026-03-01T09:10:00Z",
                                  "status": "CLOSED", "pageviews": 12, "events": 30, "conversions": 2,
                                  "revenue": {"CHF": 1299.9}, "duration_seconds": 600, "channel": "referral",
                                  "source": "a-partner.example.com", "device": "mobile", "browser": "Chrome",
                                  "country": "GB", "entry_page": "https://shop.example.com/winter"}]}""");
        Page page = dashboard.open("view=sessions");
        for (int width : List.of(320, 390, 620, 621, 800, 900, 901, 1100)) {
            page.setViewportSize(width, 800);
            assertThat(page.evaluate("document.documentElement.scrollWidth"))
                    .as("%s px", width)
                    .isEqualTo(width);
            assertThat(page.locator(".visit .name").boundingBox().width)
                    .as("%s px", width)
                    .isGreaterThan(120);
        }
        assertThat(dashboard.complaints()).isEmpty();
    }

    /** What is for screen readers alone has no width either. */
    @Test
    void noPageIsWiderThanAPhone(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer(
                                "/read/vitals",
                                """
                                {"measures": {}, "rows": [{"value": "https://a.example/b",
                                  "lcp": {"p75": 900, "rating": "needs_improvement", "good": 1, "views": 3},
                                  "inp": {"p75": 90, "rating": "needs_improvement", "good": 1, "views": 3},
                                  "cls": {"p75": 0.2, "rating": "needs_improvement", "good": 1, "views": 3},
                                  "ttfb": {"p75": 90, "rating": "needs_improvement", "good": 1, "views": 3}}]}""");
        dashboard.page().setViewportSize(320, 800);
        Page page = dashboard.open(DAY);

        page.locator("[aria-label=Speed] table").waitFor();
        assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(320);
    }

    @Test
    void everyOtherViewTellsHowManyAreThereNowWhileItIsSeen(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer("/read/realtime", "{\"visitors_now\": 1}");
        List<String> asked = new ArrayList<>();
        Page page = dashboard.page();
        page.onRequest(request -> asked.add(request.url()));
        page.clock().install();
        dashboard.open("view=sessions&filters={\"device\":\"tv\"}");
        page.locator(".now:has-text('1 now')").waitFor();
        assertThat(asked.stream().filter(url -> url.contains("/read/realtime")))
                .allMatch(url -> url.endsWith("?minutes=5&filters=%7B%22device%22%3A%22tv%22%7D"));

        dashboard.answer("/read/realtime", "{\"visitors_now\": 2}");
        page.evaluate("Object.defineProperty(document, 'hidden', {value: true, writable: true})");
        asked.clear();
        page.clock().runFor(60_000);
        assertThat(asked).as("of whom nobody sees it").isEmpty();
        page.evaluate("document.hidden = false");
        page.clock().runFor(15_000);
        page.locator(".now:has-text('2 now')").waitFor();
        dashboard.refuse("/read/realtime", 429);
        page.clock().runFor(15_000);
        page.locator(".now:has-text('– now')").waitFor();
        assertThat(page.locator("main [role=alert]").count()).isZero();

        page.locator("a:text('now on the site, as it happens')").click();
        page.locator(".feed").waitFor(AnsweredDashboard.THERE);
        assertThat(page.url()).contains("?view=live&filters=");
        assertThat(page.locator(".now").count()).isZero();
        assertThat(dashboard.complaints()).isEmpty();
    }

    /** Robots agree to nothing either. */
    @Test
    void robotsAreNoPeopleWhoDidNotAgree(Site site) {
        String kinds =
                "{\"visits\": 50, \"interval\": \"day\", \"series\": [], \"robots\": [{\"value\": \"ai\","
                        + " \"visits\": 25}], \"visitor_kinds\": [{\"value\": \"anonymous\", \"visits\": %d}]}";
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer("/read/analytics", kinds.formatted(16))
                        .answer("include_bots=true", kinds.formatted(41));
        Page page = dashboard.open(DAY + "&robots=1");

        Locator told = page.locator(".foot p:has-text('did not agree')");
        assertThat(told.innerText()).startsWith("16 of these visits");
        told.locator("button:text-is('Leave them and the robots out')").click();
        page.locator(".chip:has-text('Recognised visitors')").waitFor();
        assertThat(page.url()).doesNotContain("robots");
    }

    @Test
    void aKeyThatMayNotReadIsAskedForAnother(Site site) {
        AnsweredDashboard dashboard = new AnsweredDashboard(site.context()).refuse("/read/", 403);
        Page page = dashboard.open(DAY);

        assertThat(page.locator(".login [role=alert]").innerText()).isEqualTo("Not so.");
        page.fill("#key", "another");
    }

    /** Or any page could have people look at another site than they think. */
    @Test
    void noLinkReplacesTheKeyOfATabUnasked(Site site) {
        AnsweredDashboard dashboard = new AnsweredDashboard(site.context());
        List<String> keys = new ArrayList<>();
        Page page = dashboard.page();
        page.onRequest(request -> keys.add(request.headers().get("authorization")));
        Locator stay = page.locator("button:text-is('Stay signed in')");
        for (String key : List.of("another", "sl_link")) {
            dashboard.open(DAY);
            assertThat(stay.count()).as("the same key again").isZero();
            page.evaluate("key => { location.hash = 'key=' + key }", key);
            stay.click();
            page.locator("button.tile").first().waitFor();
            assertThat(page.url()).endsWith("?" + DAY);
            page.navigate(page.url().replaceAll("\\?.*", "?view=sessions#key=" + key));
            stay.waitFor();
            assertThat(page.url()).endsWith("?view=sessions");
            page.keyboard().press("Enter");
            page.locator(".visits, .empty").first().waitFor();
        }
        assertThat(keys).containsOnly("Bearer a-key", null);
        page.evaluate("location.hash = 'key=another'");
        page.locator("button:text-is('Use the key of the link')").click();
        page.locator(".visits, .empty").first().waitFor();
        assertThat(keys).contains("Bearer another");
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void aPageThatWasLeftBeforeTheKeyWasAsksForOne(Site site) {
        Page page = new AnsweredDashboard(site.context()).open(DAY);
        page.evaluate(
                """
                () => {
                  sessionStorage.clear();
                  dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}));
                }""");

        page.locator(".login").waitFor();
        assertThat(page.locator(".tile").count()).isZero();
    }

    @Test
    void aBrowserThatKeepsNothingShowsFigures(Site site) {
        AnsweredDashboard dashboard = new AnsweredDashboard(site.context());
        dashboard
                .page()
                .addInitScript(
                        """
                        for (const storage of ['localStorage', 'sessionStorage']) {
                          Object.defineProperty(window, storage, {get() { throw new DOMException('', 'SecurityError'); }});
                        }""");
        Page page = dashboard.open(DAY);

        assertThat(page.locator("button.tile").count()).isEqualTo(7);
        page.locator("[aria-label='Light or dark']").click();
        page.locator("[aria-label='Sign out']").click();
        page.locator(".login").waitFor();
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void whoClicksTwiceBuysOnce(Site site) {
        Page page = site.context().newPage();
        page.navigate(site.url("/cart.html"));
        Object orders =
                page.evaluate(
                        """
                        (script) => {
                          document.body.innerHTML = '<b id="count"></b><ul id="lines"></ul><p id="total"></p><button id="buy">';
                          const orders = [];
                          window.onevault = (...told) => orders.push(told);
                          sessionStorage.setItem('basket', '[{"item_id": "a", "price": 1, "quantity": 1}]');
                          const tag = document.createElement('script');
                          tag.textContent = script;
                          document.body.append(tag);
                          const buy = document.getElementById('buy');
                          buy.click();
                          buy.click();
                          return orders.length;
                        }""",
                        new String(AnsweredDashboard.resource("sample/shop/shop.js"), UTF_8));

        assertThat(orders).isEqualTo(1);
    }
}
