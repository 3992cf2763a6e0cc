package io.onevault.tracking.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LongUrlsTest {

    private static final int LIMIT = 40;
    private static final String BASE = "https://a.example/p";

    @ParameterizedTest
    @CsvSource({
        "?long=0123456789012345&utm_source=a, ?utm_source=a",
        "?utm_source=a&long=0123456789012345&b=1, ?utm_source=a&b=1",
        "?b=1#token=0123456789012345&c=2, ?b=1#c=2",
        "#/route?state=0123456789012345&c=2, #/route?c=2",
        "?long=0123456789012345#/r?c=2, #/r?c=2",
        "?long=0123456789012345#0123456789012345, #0123456789012345",
        "/0123456789/0123456789/0123456789, /0123456789/0123456789",
    })
    void dropsTheLongestParametersFirst(String rest, String expected) {
        assertThat(LongUrls.cut(BASE + rest, LIMIT))
                .isEqualTo((BASE + expected).substring(0, Math.min(LIMIT, 19 + expected.length())));
    }

    @ParameterizedTest
    @CsvSource({
        "?a=1&b=2&utm_campaign=12345, ?utm_campaign=12345",
        "?a=1&a=2&a=3&a=4&UTM_source=1, ?a=1&a=2&UTM_source=1",
        "?a=1&a=2&a=3&a=4&gclid=1234, ?a=1&a=2&gclid=1234",
        "?a=1&a=2&a=3&a=4&mtm_kwd=12, ?a=1&a=2&mtm_kwd=12",
        "?a=1&a=2&a=3&a=4&pk_kwd=123, ?a=1&a=2&pk_kwd=123",
        "?a=1&a=2&a=3&a=4#/r?pk_kwd=1, ?a=1&a=2#/r?pk_kwd=1",
        "?a=1&a=2&a=3&a=4&a=5&a=6, ?a=1&a=2&a=3&a=4&a=5",
        "?ab=1&amp;a=2&#38;a=3&#038;a=4, ?ab=1&a=2&a=3&a=4",
        "?long=0123456789&amp;amp;utm_source=ab, ?utm_source=ab",
        "?utm_term=a&utm_term=01234567890123456, ?utm_term=a",
        "?utm_term=(none)&utm_term=b&utm_id=1234, ?utm_term=b",
        "?a=1&utm_term=0123456789012345, ?utm_term=01234567890",
    })
    void dropsTheCampaignLast(String rest, String expected) {
        assertThat(LongUrls.cut(BASE + rest, LIMIT)).isEqualTo(BASE + expected);
    }

    @ParameterizedTest
    @CsvSource({
        "/0123456789/0123456789/0123456789?pk_kwd=1, /0123456789/?pk_kwd=1",
        "/0123456789/0123456789/0123456789?a=1&pk_kwd=1&gclid=2, /012?pk_kwd=1&gclid=2",
        "/0123456789/0123456789/0123456789?utm_term=012345678&utm_id=1, /0?utm_term=012345678",
        "/0123456789/0123456789/0123456789#/r?pk_kwd=1, /0123456789/#pk_kwd=1",
    })
    void cutsALongPathBeforeTheCampaign(String rest, String expected) {
        String url = LongUrls.cut(BASE + rest, LIMIT);

        assertThat(url).isEqualTo(BASE + expected).hasSizeLessThanOrEqualTo(LIMIT);
    }

    /** Whatever stands around them, parameters that fit stay in their order. */
    @Property
    void keepsShortParametersAmongLongOnes(
            @ForAll @Size(max = 12) List<@IntRange(min = 0, max = 1) Integer> kinds) {
        List<String> all = new ArrayList<>();
        List<String> shorts = new ArrayList<>();
        for (int i = 0; i < kinds.size(); i++) {
            boolean isLong = kinds.get(i) == 1;
            all.add("p" + i + "=" + (isLong ? "x".repeat(400) : "1"));
            if (!isLong) {
                shorts.add("p" + i + "=1");
            }
        }
        String url = BASE + '?' + String.join("&", all);
        String cut = LongUrls.cut(url, 200);

        assertThat(cut.length()).isLessThanOrEqualTo(200);
        if (kinds.contains(1)) {
            assertThat(cut)
                    .isEqualTo(shorts.isEmpty() ? BASE : BASE + '?' + String.join("&", shorts));
        }
    }
}
