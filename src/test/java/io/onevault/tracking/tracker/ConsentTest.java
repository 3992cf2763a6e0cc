package io.onevault.tracking.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is stored and told, by what the visitor agreed to. */
@ExtendWith(Chromium.class)
final class ConsentTest {

    private static final Map<String, String> DENIED = Map.of("onevault.id", "");

    /** Notes what is listened to, and what is done time and again. */
    private static final String WATCHES =
            """
            window.heard = new Set();
            window.beating = new Set();
            const listen = EventTarget.prototype.addEventListener;
            EventTarget.prototype.addEventListener = function (type, ...how) {
              heard.add(type);
              return listen.call(this, type, ...how);
            };
            const {setInterval: begin, clearInterval: end} = window;
            window.setInterval = (...what) => {
              const id = begin(...what);
              beating.add(id);
              return id;
            };
            window.clearInterval = (id) => {
              beating.delete(id);
              end(id);
            };
            """;

    @Test
    void storesNothingWithoutConsent(Site site) {
        site.collector().answer(Collector.Answer.status(500));
        Page page = site.openInSlowMotion("/");
        page.evaluate("onevault('event', 'x')");
        page.clock().runFor(1_000);
        site.collector().await("a refusal", all -> all.size() == 1);
        site.settle(page);
        assertThat(stored(page)).isEmpty();
        page.clock().runFor(3_000);

        JsonNode view = site.collector().await("page_view");

        assertThat(view.has("visitor_id")).isFalse();
        assertThat(view.has("consent")).isFalse();
        assertThat(stored(page)).isEmpty();
        assertThat(site.context().cookies()).isEmpty();
        assertThat(page.evaluate("sessionStorage.length")).isEqualTo(0);
    }

    @Test
    void recognisesTheVisitorWithConsent(Site site) {
        Page page = site.open("/");
        page.evaluate("onevault('grant')");
        JsonNode first = site.collector().await("page_view");
        page.navigate(site.url("/next"));

        JsonNode second = site.collector().await("page_view", 2).get(1);

        assertThat(first.path("consent").asText()).isEqualTo("granted");
        assertThat(first.path("visitor_id").asText()).isNotEmpty();
        assertThat(second.path("visitor_id")).isEqualTo(first.path("visitor_id"));
    }

    @Test
    void whatWasSentBeforeTheConsentStaysAsItIs(Site site) {
        site.collector().answer(Collector.Answer.status(500));
        Page page = site.openInSlowMotion("/");
        page.clock().runFor(1_000);
        site.collector().await("a refusal", all -> all.size() == 1);
        site.settle(page);
        page.evaluate("onevault('event', 'later')");
        page.evaluate("onevault('grant')");
        page.clock().runFor(10_000);

        assertThat(site.collector().await("page_view").has("visitor_id")).isFalse();
        assertThat(site.collector().await("later").has("visitor_id")).isTrue();
    }

    @Test
    void aDenialIsToldAndForgetsEverything(Site site) {
        Page page = site.open("/");
        page.evaluate("onevault('grant')");
        site.collector().await("page_view");
        assertThat(stored(page)).isNotEmpty();

        page.evaluate("onevault('deny')");
        page.evaluate("onevault('event', 'after')");

        JsonNode after = site.collector().await("after");
        assertThat(after.path("consent").asText()).isEqualTo("denied");
        assertThat(after.has("visitor_id")).isFalse();
        assertThat(stored(page)).isEqualTo(DENIED);
    }

    @Test
    void aDenialHoldsWhereTheSiteTakesConsentAsGiven(Site site) {
        Page first = site.with("data-consent", "granted").open("/");
        site.collector().await("page_view");
        first.evaluate("onevault('deny')");

        Page second = site.open("/second");
        second.evaluate("onevault('event', 'second')");
        first.evaluate("onevault('event', 'first')");

        for (String type : List.of("second", "first")) {
            JsonNode event = site.collector().await(type);
            assertThat(event.path("consent").asText()).isEqualTo("denied");
            assertThat(event.has("visitor_id")).isFalse();
        }
        assertThat(site.collector().await("page_view", 2).get(1).path("consent").asText())
                .isEqualTo("denied");
        assertThat(stored(first)).isEqualTo(DENIED);

        first.evaluate(
                "addEventListener('storage', e => { window.told ||= e.key == 'onevault.id' && e.newValue })");
        second.evaluate("onevault('grant')");
        first.waitForFunction("window.told");
        first.evaluate("onevault('event', 'again')");
        first.navigate(site.url("/third"));

        assertThat(site.collector().await("again").path("consent").asText()).isEqualTo("granted");
        JsonNode third = site.collector().await("page_view", 3).get(2);
        assertThat(third.path("visitor_id").asText()).isEqualTo(stored(first).get("onevault.id"));
    }

    @Test
    void aDenialHoldsOnPagesThatNobodyHadAnswered(Site site) {
        Page page = site.open("/");
        Page other = site.open("/other");
        other.evaluate("addEventListener('storage', () => { window.told = true })");

        page.evaluate("onevault('deny')");

        other.waitForFunction("window.told");
        other.evaluate("onevault('event', 'after')");
        assertThat(site.collector().await("after").path("consent").asText()).isEqualTo("denied");
    }

    @Test
    void whatIsDecidedOnOnePageHoldsOnOthersThatAreOpen(Site site) {
        Page page = site.open("/");
        Page other = site.open("/other");
        other.evaluate(
                "addEventListener('storage', e => { (window.told ??= {})[e.key] = e.newValue || 'none' })");

        page.evaluate("onevault('grant')");
        String visitor = stored(page).get("onevault.id");
        other.waitForFunction("window.told?.['onevault.id'] > ''");
        other.evaluate("onevault('event', 'granted')");
        assertThat(site.collector().await("granted").path("visitor_id").asText())
                .isEqualTo(visitor);

        page.evaluate("onevault('deny')");
        other.waitForFunction("told['onevault.id'] == 'none'");
        other.evaluate("onevault('event', 'denied')");
        assertThat(stored(page)).isEqualTo(DENIED);
        JsonNode denied = site.collector().await("denied");
        assertThat(denied.path("consent").asText()).isEqualTo("denied");
        assertThat(denied.has("visitor_id")).isFalse();

        page.evaluate("onevault('optout')");
        other.waitForFunction("told['onevault-off']");
        other.evaluate("onevault('event', 'out')");
        Site.hide(other, true);
        site.settle(other);
        assertThat(site.collector().events("out")).isEmpty();
        assertThat(stored(page)).containsOnlyKeys("onevault-off", "onevault.id");
    }

    @Test
    void whatWasDecidedMeanwhileHoldsOnAPageThatIsReturnedTo(Site site) {
        Page page = site.with("data-consent", "granted").open("/");
        site.collector().await("page_view");

        page.evaluate("localStorage.clear()");
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))");

        JsonNode again = site.collector().await("page_view", 2).get(1);
        assertThat(again.path("consent").asText()).isEqualTo("denied");
        assertThat(again.has("visitor_id")).isFalse();
        assertThat(stored(page)).isEmpty();
    }

    @Test
    void aPageWithoutConsentKeepsNothingOfEarlierOnes(Site site) {
        site.context().addInitScript("localStorage['onevault.e.left'] = '[0, {}]'");
        Page page = site.open("/");
        site.collector().await("page_view");

        assertThat(stored(page)).isEmpty();
    }

    @Test
    void anOptOutTakesBackWhatTheBrowserHolds(Site site) {
        site.context()
                .addInitScript(
                        "window.held = []; window.fetchLater = (url, {signal}) => held.push(signal)");
        Page page = site.openInSlowMotion("/");
        page.evaluate("onevault('event', 'x')");
        assertThat(page.evaluate("held.some(signal => !signal.aborted)")).isEqualTo(true);

        page.evaluate("onevault('optout')");
        page.evaluate("onevault('event', 'y')");

        assertThat(page.evaluate("held.some(signal => !signal.aborted)")).isEqualTo(false);
    }

    @Test
    void whatFailsAfterAnOptOutIsSentNowhere(Site site) {
        site.context()
                .addInitScript(
                        """
                        window.asked = [];
                        window.fetch = url => new Promise((_, fail) => {
                          asked.push(String(url));
                          window.fail = fail;
                        });
                        """);
        Page page = site.openInSlowMotion("/");
        page.clock().runFor(1_000);

        page.evaluate("onevault('optout')");
        page.evaluate(
                """
                async () => {
                  fail(new TypeError('no network'));
                  for (let turn = 0; turn < 10; turn++) await null;
                }
                """);

        assertThat(page.evaluate("asked"))
                .isEqualTo(List.of(site.collector().url() + "?key=" + Site.KEY));
    }

    @Test
    void waitsForTheAnswerWhereTheSiteAsksForIt(Site site) {
        Page page = site.with("data-consent", "wait").openInSlowMotion("/");
        page.clock().runFor(30_000);
        site.settle(page);
        assertThat(site.collector().events()).isEmpty();
        assertThat(stored(page)).isEmpty();

        page.evaluate("onevault('grant')");
        page.clock().runFor(1_000);

        JsonNode view = site.collector().await("page_view");
        assertThat(view.path("visitor_id").asText()).isNotEmpty();
        assertThat(view.path("event_timestamp").asLong())
                .isLessThan(view.path("sent_at").asLong() - 29_000);
    }

    @Test
    void tellsTheSignalsOfTheBrowser(Site site) {
        site.context().addInitScript("navigator.__proto__.globalPrivacyControl = true");
        site.context()
                .addInitScript("Object.defineProperty(navigator, 'doNotTrack', {value: '1'})");
        site.with("data-consent", "granted").open("/");

        JsonNode view = site.collector().await("page_view");

        JsonNode content = site.collector().deliveries().get(0).content();
        assertThat(content.path("gpc").asBoolean()).isTrue();
        assertThat(content.path("dnt").isBoolean()).isTrue();
        assertThat(content.path("dnt").asBoolean()).isTrue();
        assertThat(view.has("visitor_id")).isFalse();
    }

    @Test
    void aSiteThatNeedNotAskSaysSo(Site site) {
        site.with("data-consent", "granted").open("/");

        assertThat(site.collector().await("page_view").path("visitor_id").asText()).isNotEmpty();
    }

    /** What a site took as given is no answer of the visitor's. */
    @Test
    void aSignalThatIsTurnedOnLaterEndsWhatWasTakenAsGiven(Site site) {
        site.with("data-consent", "granted").open("/");
        site.collector().await("page_view");
        site.context().addInitScript("navigator.__proto__.globalPrivacyControl = true");

        Page later = site.open("/later");

        JsonNode view = site.collector().await("page_view", 2).get(1);
        assertThat(view.has("visitor_id")).isFalse();
        assertThat(view.has("consent")).isFalse();
        assertThat(later.evaluate("localStorage.length")).isEqualTo(0);
        later.evaluate("onevault('grant'); onevault('event', 'after')");
        assertThat(site.collector().await("after").path("consent").asText()).isEqualTo("granted");
    }

    @Test
    void aLinkTakesOnesOwnVisitsOutAndInAgain(Site site) {
        Page page = site.open("/#onevault=optout");
        page.evaluate("onevault('deny')");
        page.navigate(site.url("/second"));
        page.evaluate("onevault('grant')");
        page.evaluate("onevault('event', 'x')");
        site.settle(page);
        Site.hide(page, true);
        site.settle(page);
        assertThat(site.collector().events()).isEmpty();
        assertThat(stored(page)).containsOnlyKeys("onevault-off", "onevault.id");

        page.navigate(site.url("/third?onevault=optin"));

        assertThat(site.collector().await("page_view").path("page_url").asText())
                .contains("/third");
    }

    @Test
    void aPageOfWhoeverOptedOutDoesNothingButWaitForTheLinkBack(Site site) {
        site.context().addInitScript("localStorage['onevault-off'] ??= 1");
        site.context().addInitScript(WATCHES);
        Page page = site.open("/");
        page.evaluate("onevault('event', 'x')");
        assertThat(page.evaluate("beating.size")).isEqualTo(0);
        assertThat(page.evaluate("[...heard]")).isEqualTo(List.of("popstate", "hashchange"));

        page.navigate(site.url("/#onevault=optin"));
        page.waitForFunction("!localStorage['onevault-off']");
        Site.hide(page, true);
        site.settle(page);
        assertThat(site.collector().events()).isEmpty();
        page.navigate(site.url("/second"));
        site.collector().await("page_view");
        assertThat(page.evaluate("beating.size")).isEqualTo(1);

        page.evaluate("onevault('optout')");

        assertThat(page.evaluate("beating.size")).isEqualTo(0);
    }

    @Test
    void aLinkCountsBehindAPageThatIsOpen(Site site) {
        Page page = site.open("/");
        site.collector().await("page_view");
        page.navigate(site.url("/#onevault=optout"));
        page.waitForFunction("localStorage.getItem('onevault-off')");

        page.evaluate("onevault('event', 'x')");
        site.settle(page);
        Site.hide(page, true);
        site.settle(page);

        assertThat(site.collector().events()).hasSize(1);
        assertThat(stored(page)).containsOnlyKeys("onevault-off");
    }

    @Test
    void aLinkGivesNoConsent(Site site) {
        site.open("/#onevault=grant");

        assertThat(site.collector().await("page_view").has("consent")).isFalse();
    }

    @Test
    void worksWhereTheBrowserRefusesStorage(Site site) {
        site.header("Content-Security-Policy", "sandbox allow-scripts");
        Page page = site.open("/");
        page.evaluate("onevault('grant')");
        page.evaluate("onevault('event', 'x')");

        JsonNode event = site.collector().await("x");

        assertThat(event.path("consent").asText()).isEqualTo("granted");
        assertThat(event.path("visitor_id").asText()).isEmpty();
        assertThat(site.pageErrors()).isEmpty();
    }

    @Test
    void anOptOutHoldsForThePageWhereTheBrowserRefusesStorage(Site site) {
        site.header("Content-Security-Policy", "sandbox allow-scripts");
        Page page = site.open("/#onevault=optout");
        page.evaluate("onevault('event', 'x')");
        site.settle(page);
        Site.hide(page, true);
        site.settle(page);

        assertThat(site.collector().events()).isEmpty();
        assertThat(site.pageErrors()).isEmpty();
    }

    @SuppressWarnings("unchecked")
    static Map<String, String> stored(Page page) {
        return (Map<String, String>) page.evaluate("({...localStorage})");
    }

    static List<String> storedEvents(Page page) {
        return stored(page).keySet().stream()
                .filter(key -> key.startsWith("onevault.e."))
                .sorted()
                .toList();
    }
}
