package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.access.Hmac;
import io.onevault.tracking.event.Action;
import io.onevault.tracking.event.Campaign;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Interaction;
import io.onevault.tracking.event.PageContext;
import io.onevault.tracking.event.PrivacyRules;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.event.Timing;
import io.onevault.tracking.event.TrackerEvent;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnonymityTest {

    private static final LocalDate DAY = LocalDate.parse("2026-11-20");
    private static final Tenant ACME = tenant("0b");
    private static final String URL =
            "https://Shop.example/p;uid=marked?customer=marked&utm_source=News&utm_campaign=a%26b&gclid=XyZ-marked";

    private static Tenant tenant(String secret) {
        return new Tenant(
                "acme",
                "0a".repeat(32),
                secret.repeat(16),
                SessionRules.DEFAULT,
                null,
                List.of(),
                ZoneOffset.UTC,
                List.of(),
                PrivacyRules.DEFAULT);
    }

    private static TrackerEvent event(String url) {
        return event(url, "en-GB", "Europe/Berlin");
    }

    private static TrackerEvent event(String url, String language, String zone) {
        return new TrackerEvent(
                "acme",
                "marked-event",
                "purchase",
                new Action("c", "a", "marked-l", "marked-v"),
                new Identity("marked-session", "marked-visitor", "marked-user"),
                new PageContext("marked-view", url, "Title", "https://r.example/a?marked=1#marked"),
                new Timing(null, null, null, 4710L),
                new Interaction("marked", "marked-class", "marked", null, null, null, null, null),
                new ClientContext(
                        "marked-agent",
                        "203.0.0.0/16",
                        language,
                        zone,
                        "1921x1081",
                        1281,
                        721,
                        "denied",
                        true,
                        null,
                        "http",
                        null),
                new Purchase("marked-order", BigDecimal.TEN, "EUR"),
                List.of(),
                "{\"customer\": \"marked\", \"limit_use\": true}");
    }

    private static TrackerEvent anonymous(TrackerEvent event, Tenant tenant, LocalDate day) {
        Hmac keyed = Pseudonyms.keyed(tenant.visitorSecret());
        String view = event.page().pageViewId();
        return Anonymity.of(
                event, keyed, view == null ? null : AnonymousView.of(keyed, day, view), null);
    }

    @Test
    void leavesNothingThatTellsTheVisitor() {
        TrackerEvent anonymous = anonymous(event(URL), ACME, DAY);

        assertThat(anonymous.toString()).doesNotContain("marked", "203.0", "1921", "1281", "721");
        assertThat(anonymous.eventId()).matches("anonymous_[0-9a-f]{32}");
        assertThat(anonymous.page().pageViewId()).matches("anonymous_[0-9a-f]{32}");
        assertThat(anonymous.page().title()).isEqualTo("Title");
        assertThat(anonymous.page().referrer()).isEqualTo("https://r.example/a");
        assertThat(anonymous.purchase()).isEqualTo(new Purchase(null, BigDecimal.TEN, "EUR"));
        assertThat(anonymous.timing().sequence()).isNull();
        assertThat(anonymous.properties()).isEqualTo("{\"limit_use\": true}");
        assertThat(anonymous.client().language()).isEqualTo("en-GB");
        assertThat(anonymous.client().timezone()).isEqualTo("Europe/Berlin");
        assertThat(anonymous.client().consent()).isEqualTo("denied");
    }

    @Test
    void leavesOfTheBrowserWhatHasItsForm() {
        TrackerEvent odd = anonymous(event(URL, "marked language", "marked/zone"), ACME, DAY);

        assertThat(odd.client().language()).isNull();
        assertThat(odd.client().timezone()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\": {\"limit_use\": false}, \"limit_use\": true}",
                "{\"limit_use\": \"1\"}",
                "{\"limit_use\": 1, \"other\": 2}"
            })
    void keepsThatUseIsLimitedWhateverElseSaysSo(String properties) {
        assertThat(LimitedUse.of(properties)).isEqualTo("{\"limit_use\": true}");
    }

    @ParameterizedTest
    @CsvSource({
        URL,
        "/p?utm_source=a&x=marked#/route?y=marked&mtm_kwd=%C3%A4%2B1",
        "https://a.example/#!/r?gclid=marked",
        "https://a.example/?utm_term=a%20b%3Dc&fbclid=marked&wbraid=marked",
        "/",
    })
    void keepsPageAndCampaignAsTheyWere(String url) {
        String kept = anonymous(event(url), ACME, DAY).page().url();

        assertThat(kept).doesNotContain("marked");
        String page = PageUrls.normalise(url).url();
        assertThat(PageUrls.normalise(kept).url())
                .isEqualTo(page.substring(0, Chars.indexOfAny(page, 0, "?;")));
        assertThat(withoutId(Campaigns.of(kept))).isEqualTo(withoutId(Campaigns.of(url)));
    }

    private static Campaign withoutId(Campaign campaign) {
        return new Campaign(
                campaign.source(),
                campaign.medium(),
                campaign.name(),
                campaign.term(),
                campaign.content(),
                campaign.clickIdType(),
                null);
    }

    @Test
    void joinsAPageViewForADayOnlyAndAnEventForEver() {
        TrackerEvent today = anonymous(event(URL), ACME, DAY);
        TrackerEvent tomorrow = anonymous(event(URL), ACME, DAY.plusDays(1));
        TrackerEvent elsewhere = anonymous(event(URL), tenant("0c"), DAY);

        assertThat(anonymous(event(URL), ACME, DAY)).isEqualTo(today);
        assertThat(tomorrow.eventId()).isEqualTo(today.eventId());
        assertThat(tomorrow.page().pageViewId()).isNotEqualTo(today.page().pageViewId());
        assertThat(elsewhere.eventId()).isNotEqualTo(today.eventId());
        assertThat(elsewhere.page().pageViewId()).isNotEqualTo(today.page().pageViewId());
    }

    @Test
    void dropsAUrlThatIsNone() {
        assertThat(anonymous(event("about:marked"), ACME, DAY).page().url()).isNull();
    }
}
