package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.Campaign;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks which campaign a landing URL names. */
class CampaignsTest {

    private static final String URL = "https://example.com/";

    @Test
    void readsAllFiveParametersAndTheClickId() {
        Campaign campaign =
                Campaigns.of(
                        URL
                                + "?id=7&utm_source=Google&utm_medium=CPC&utm_campaign=Spring%20Sale"
                                + "&utm_term=blue+shoes&utm_content=a%26b&gclid=EAIaIQ");

        assertThat(campaign)
                .isEqualTo(
                        new Campaign(
                                "google",
                                "cpc",
                                "Spring Sale",
                                "blue shoes",
                                "a&b",
                                "gclid",
                                "EAIaIQ"));
    }

    @ParameterizedTest
    @CsvSource({
        "?mtm_source=a, a",
        "?pk_source=a, a",
        "?UTM_SOURCE=A, a",
        "?utm_source=&utm_source=b, b",
        "?utm_source=a&utm_source=b, a",
        "?utm_source=+a%20%20, a",
        "?utm_source=a%00b%0A, a b",
        "?utm_source=%zz, %zz",
        "?utm_source=u%CC%88, ü",
        "#utm_source=a, a",
        "#/cart?utm_source=a, a",
        "?utm_source=a#/cart?utm_source=b, a",
        "?x=1?utm_source=a,",
        "?x=1&amp;utm_source=a, a",
        "?x=1&AMP;utm_source=a, a",
        "?x=1&#38;utm_source=a, a",
        "?x=1&#x26;utm_source=a, a",
        "?x=1&amp;#x26;utm_source=a, a",
        "?x=1&#38;utm_source=a&#038;utm_medium=b, a",
        "?x=1&amp;amp;utm_source=a, a",
        "?utm_source%3Da%26utm_medium%3Db, a",
        "?x=1&utm_medium%3db%26utm_source%3da, a",
        "?utm_source=(direct)&utm_source=a, a",
        "?utm_source=%28Not%20Set%29,",
        "?utm_source=(none),",
        "?utm_source,",
        "?utm_source=%20,",
    })
    void readsTheSource(String rest, String source) {
        assertThat(Campaigns.of(URL + rest).source()).isEqualTo(source);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?utm_source%3Dnewsletter%26amp%3Butm_medium%3Demail",
                "?utm_source%3Dnewsletter%26%23038%3Butm_medium%3Demail",
                "?utm_source=newsletter&amp%3Butm_medium=email",
                "?utm_source=newsletter&%61MP%3bamp%3Butm_medium=email",
                "?utm_source=newsletter&%23x26%3Butm_medium=email",
                "?amp%3Butm_source=newsletter&utm_medium=email",
            })
    void readsThroughAmpersandsThatWereEscapedAndEncoded(String query) {
        assertThat(Campaigns.of(URL + query))
                .isEqualTo(new Campaign("newsletter", "email", null, null, null, null, null));
        assertThat(PageUrls.normalise(URL + query).url()).isEqualTo(URL);
        assertThat(PageUrls.normalise(URL + query + "&amp%3Bid=5").url()).isEqualTo(URL + "?id=5");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gclid",
                "gbraid",
                "wbraid",
                "dclid",
                "fbclid",
                "msclkid",
                "ttclid",
                "twclid",
                "li_fat_id",
                "igshid",
                "yclid"
            })
    void readsAClickIdWithItsType(String type) {
        Campaign campaign = Campaigns.of(URL + "?" + type + "=aB3&other=1");

        assertThat(campaign).isEqualTo(new Campaign(null, null, null, null, null, type, "aB3"));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "https://example.com/", "/a?b=1&c=#d=2", "?gclid=&utm_term=%20"})
    void findsNoCampaign(String url) {
        assertThat(Campaigns.of(url)).isSameAs(Campaign.NONE);
    }

    @Test
    void cutsLongValuesBetweenCharacters() {
        String face = "%F0%9F%98%80";

        assertThat(Campaigns.of("/?utm_campaign=" + "x".repeat(300)).name()).hasSize(200);
        assertThat(Campaigns.of("/?utm_campaign=" + "x".repeat(199) + face).name()).hasSize(199);
    }

    @Test
    void cutsWhatGrowsInLowerCase() {
        String source = Campaigns.of("/?utm_source=" + "\u0130".repeat(200)).source();

        assertThat(source).hasSize(200);
    }

    @Property
    void neverThrows(@ForAll String text) {
        String source = Campaigns.of("/?utm_source=" + text).source();

        assertThat(source == null || source.length() <= 200 && source.indexOf(0) < 0).isTrue();
    }
}
