package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.Page;
import io.onevault.tracking.event.Referrer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks what is kept of a referrer and when it is internal. */
class ReferrersTest {

    private static final Page PAGE = PageUrls.normalise("https://www.example.com/a");

    @Test
    void keepsTheUrlWithoutQueryAndFragment() {
        assertThat(Referrers.of("HTTPS://u:p@WWW.Google.de:443/Search?q=x#y", PAGE))
                .isEqualTo(new Referrer("https://www.google.de/Search", "google.de", false));
        assertThat(Referrers.of("https://t.co", PAGE))
                .isEqualTo(new Referrer("https://t.co/", "t.co", false));
    }

    @Test
    void isInternalOnTheSameHostWithAndWithoutWww() {
        assertThat(Referrers.of("https://example.com/b", PAGE).internal()).isTrue();
        assertThat(Referrers.of("http://www.example.com/", PAGE).internal()).isTrue();
        assertThat(Referrers.of("https://blog.example.com/", PAGE).internal()).isFalse();
        assertThat(Referrers.of("https://notexample.com/", PAGE).internal()).isFalse();
    }

    @Test
    void isInternalAsAPathAlone() {
        assertThat(Referrers.of("/b?x=1", PAGE)).isEqualTo(new Referrer("/b", "example.com", true));
    }

    @Test
    void isExternalWhenThePageIsUnknown() {
        assertThat(Referrers.of("https://example.com/b", null))
                .isEqualTo(new Referrer("https://example.com/b", "example.com", false));
    }

    @Test
    void knowsAndroidApps() {
        assertThat(Referrers.of("android-app://com.google.android.gm/", PAGE).host())
                .isEqualTo("com.google.android.gm");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "google", "about:blank", "https://", "//x.example/"})
    void isNoneWhenItIsNoUrl(String referrer) {
        assertThat(Referrers.of(referrer, PAGE)).isSameAs(Referrer.NONE);
    }

    @Property
    void neverThrows(@ForAll String text) {
        Referrer referrer = Referrers.of("https://x.example/" + text, PAGE);

        assertThat(referrer.host() == null || referrer.url().indexOf('?') < 0).isTrue();
    }
}
