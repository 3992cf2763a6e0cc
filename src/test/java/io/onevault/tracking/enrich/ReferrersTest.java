package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.Page;
import io.onevault.tracking.event.Referrer;
import java.util.List;
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
        assertThat(Referrers.of("HTTPS://u:p@WWW.Google.de:443/Search?q=x#y", PAGE, false))
                .isEqualTo(new Referrer("https://www.google.de/Search", "google.de", false));
        assertThat(Referrers.of("https://t.co", PAGE, false))
                .isEqualTo(new Referrer("https://t.co/", "t.co", false));
    }

    @Test
    void isInternalOnTheSameHostWithAndWithoutWww() {
        assertThat(Referrers.of("https://example.com/b", PAGE, false).internal()).isTrue();
        assertThat(Referrers.of("http://www.example.com/", PAGE, false).internal()).isTrue();
        assertThat(Referrers.of("https://notexample.com/", PAGE, false).internal()).isFalse();
    }

    @Test
    void isInternalOnEveryHostOfTheRegistrableDomain() {
        assertThat(Referrers.of("https://blog.example.com/", PAGE, false).internal()).isTrue();
        Page shop = PageUrls.normalise("https://shop.acme.co.uk/");
        assertThat(Referrers.of("https://m.acme.co.uk/", shop, false).internal()).isTrue();
        assertThat(Referrers.of("https://other.co.uk/", shop, false).internal()).isFalse();
        for (String suffix : List.of("co.za", "com.np", "com.jm", "co.ck", "example")) {
            Page there = PageUrls.normalise("https://shop.acme." + suffix + "/");
            String own = "https://m.acme." + suffix + "/";
            String other = "https://news." + suffix + "/";
            assertThat(Referrers.of(own, there, false).internal()).as(own).isTrue();
            assertThat(Referrers.of(other, there, false).internal()).as(other).isFalse();
        }
        Page blog = PageUrls.normalise("https://me.github.io/");
        assertThat(Referrers.of("https://you.github.io/", blog, false).internal()).isFalse();
        Page address = PageUrls.normalise("http://192.0.2.1/");
        assertThat(Referrers.of("http://192.0.2.1:8080/", address, false).internal()).isTrue();
        assertThat(Referrers.of("http://198.51.2.1/", address, false).internal()).isFalse();
        Page local = PageUrls.normalise("http://localhost:3000/");
        assertThat(Referrers.of("http://localhost/", local, false).internal()).isTrue();
    }

    @Test
    void isInternalOnTheTenantsOwnHosts() {
        List<String> hosts =
                Referrers.hosts(
                        List.of("https://acme.example", "https://*.acme-shop.example:8443"));
        assertThat(hosts).containsExactly("acme.example", "acme-shop.example");

        String page = "https://acme.example/";
        assertThat(Referrers.isOwn("https://pay.acme-shop.example/x", page, hosts)).isTrue();
        assertThat(Referrers.isOwn("https://acme.other.example/", page, hosts)).isFalse();
        assertThat(Referrers.isOwn(null, page, hosts)).isFalse();
        assertThat(Referrers.of("https://acme-shop.example/", PAGE, true).internal()).isTrue();
    }

    @Test
    void whatIsNoOriginHasNoHost() {
        List<String> origins = List.of("", " ", "https://", "acme", "https://acme.com");

        assertThat(Referrers.hosts(origins)).containsExactly("acme.com");
    }

    @Test
    void isInternalWhereThePageIsAPathAndTheSiteUnknown() {
        assertThat(Referrers.isOwn("https://acme.example/login", "/account", List.of())).isTrue();
        assertThat(Referrers.isOwn("https://www.google.com/", "/account", List.of())).isFalse();
        assertThat(Referrers.isOwn("https://acme.example/login", null, List.of())).isFalse();
        List<String> hosts = List.of("acme.example");
        assertThat(Referrers.isOwn("https://partner.example/", "/account", hosts)).isFalse();
    }

    @Test
    void isInternalFromAPaymentPage() {
        assertThat(Referrers.of("https://www.paypal.com/checkoutnow", PAGE, false).internal())
                .isTrue();
        assertThat(Referrers.of("https://checkout.stripe.com/c/pay/x", null, false).internal())
                .isTrue();
        assertThat(Referrers.of("https://dashboard.stripe.com/", PAGE, false).internal()).isFalse();
    }

    @Test
    void isInternalAsAPathAlone() {
        assertThat(Referrers.of("/b?x=1", PAGE, false))
                .isEqualTo(new Referrer("/b", "example.com", true));
    }

    @Test
    void isExternalWhenThePageIsUnknown() {
        assertThat(Referrers.of("https://example.com/b", null, false))
                .isEqualTo(new Referrer("https://example.com/b", "example.com", false));
    }

    @Test
    void knowsAndroidApps() {
        assertThat(Referrers.of("android-app://com.google.android.gm/", PAGE, false).host())
                .isEqualTo("com.google.android.gm");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "google", "about:blank", "https://", "//x.example/"})
    void isNoneWhenItIsNoUrl(String referrer) {
        assertThat(Referrers.of(referrer, PAGE, false)).isSameAs(Referrer.NONE);
    }

    @Property
    void neverThrows(@ForAll String text) {
        Referrer referrer = Referrers.of("https://x.example/" + text, PAGE, false);

        assertThat(referrer.host() == null || referrer.url().indexOf('?') < 0).isTrue();
    }
}
