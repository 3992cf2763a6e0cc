package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.contract.Decoded;
import io.onevault.tracking.contract.TrackerEventDecoder;
import io.onevault.tracking.event.Campaign;
import io.onevault.tracking.event.Page;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** A campaign is the same, however its URL was copied and how long it is. */
class CampaignsProperties {

    private static final Campaign CAMPAIGN =
            new Campaign("news", "email", "a & b", null, null, "gclid", "EAIaIQ");
    private static final List<String> PARAMETERS =
            List.of(
                    "utm_source=News",
                    "utm_medium=email",
                    "utm_campaign=a+%26%20b",
                    "gclid=EAIaIQ");

    private static final List<String> FIELDS =
            List.of("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content");

    private final TrackerEventDecoder decoder = new TrackerEventDecoder(UnaryOperator.identity());

    @Property(tries = 300)
    void readsItOfEveryForm(
            @ForAll("ampersands") String ampersand,
            @ForAll boolean encodedAgain,
            @ForAll @IntRange(max = 3_000) int filler,
            @ForAll Random random) {
        List<String> parameters = new ArrayList<>(PARAMETERS);
        parameters.add("q=" + "x".repeat(filler));
        Collections.shuffle(parameters, random);
        String query = String.join(encodedAgain ? "&" : ampersand, parameters);
        String url =
                "https://shop.example/landing?"
                        + (encodedAgain ? URLEncoder.encode(query, StandardCharsets.UTF_8) : query);

        assertThat(Campaigns.of(decoded(url))).isEqualTo(CAMPAIGN);
        Page page = PageUrls.normalise(decoded(url));
        assertThat(page.path()).isEqualTo("/landing");
        assertThat(page.url()).doesNotContain("utm_", "gclid");
    }

    /** Whatever click id it is, however long its values, the path, and the other parameters are. */
    @Property(tries = 500)
    void readsItOfLongUrls(
            @ForAll("clickIds") String clickId,
            @ForAll @Size(7) List<@From("values") String> values,
            @ForAll("openings") String opening,
            @ForAll @IntRange(max = 120) int others,
            @ForAll @IntRange(max = 3_000) int path,
            @ForAll Random random) {
        List<String> names = new ArrayList<>(FIELDS);
        names.add(clickId);
        names.add("mtm_campaign");
        List<String> parameters = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String value = URLEncoder.encode(values.get(i), StandardCharsets.UTF_8);
            parameters.add(names.get(i) + '=' + value);
        }
        for (int i = 0; i < others; i++) {
            parameters.add("p" + i + "=aaaaaaaaaaaaaaaaaaaaaa");
        }
        Collections.shuffle(parameters, random);
        String url = "https://shop.example/" + "x".repeat(path) + opening;
        url += String.join("&", parameters);

        Campaign campaign = Campaigns.of(url);
        assertThat(Campaigns.of(decoded(url))).isEqualTo(campaign);
        assertThat(decoded(decoded(url))).isEqualTo(decoded(url));
    }

    @Example
    void readsAClickIdAmongAHundredParameters() {
        StringBuilder url =
                new StringBuilder(
                        "https://shop.example/p?gbraid=0AAAAADabcdefghij1234567890ABCDEFG");
        for (int i = 0; i < 100; i++) {
            url.append("&p").append(i).append("=aaaaaaaaaaaaaaaaaaaaaa");
        }

        assertThat(Campaigns.of(decoded(url.toString())).clickIdType()).isEqualTo("gbraid");
    }

    @Example
    void readsTheBeginningOfALongValue() {
        String url = "https://shop.example/?utm_source=a&utm_campaign=" + "x".repeat(2_100);

        assertThat(Campaigns.of(decoded(url)).name()).isEqualTo("x".repeat(200));
    }

    @Provide
    Arbitrary<String> clickIds() {
        return Arbitraries.of(
                ReferenceList.rows("click-ids.csv", 2).stream().map(row -> row[0]).toList());
    }

    /** At most a fifth of the characters has to be escaped. */
    @Provide
    Arbitrary<String> values() {
        Arbitrary<String> words =
                Arbitraries.of(
                        "a",
                        "Q & A: ",
                        "a%20bcd+efg",
                        "жук ",
                        "日本語",
                        "😀",
                        "u\u0338",
                        "\u0338abc",
                        "#abcdefgh?jkl",
                        "(none)",
                        " ");
        return Combinators.combine(words, Arbitraries.integers().between(0, 600))
                .as((word, length) -> word.repeat(length / word.length() + 1));
    }

    @Provide
    Arbitrary<String> openings() {
        return Arbitraries.of("?", "#", "#/route?", "?a=b#/route?", "?a=b#");
    }

    /** As it is after decoding, which drops of long URLs what tells least. */
    private String decoded(String url) {
        String event =
                "{\"tenantId\": \"a\", \"evt_type\": \"page_view\", \"page_url\": \"" + url + "\"}";
        Decoded outcome = decoder.decode(event.getBytes(StandardCharsets.UTF_8));
        return ((Decoded.Valid) outcome).event().page().url();
    }

    @Provide
    Arbitrary<String> ampersands() {
        return Arbitraries.of(
                "&", "&amp;", "&AMP;", "&#38;", "&#038;", "&#x26;", "&amp;amp;", "&amp;#38;");
    }
}
