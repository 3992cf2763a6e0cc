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
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

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
