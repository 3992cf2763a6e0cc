package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.Page;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks the normal form of page URLs, one rule a line. */
class PageUrlsTest {

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // scheme, host, port, user info
                "HTTPS://Shop.Example.COM/Products/Blue | https://shop.example.com/Products/Blue",
                "http://example.com:80/a | http://example.com/a",
                "https://example.com:443/a | https://example.com/a",
                "https://example.com:08443/a | https://example.com:8443/a",
                "https://example.com:/a | https://example.com/a",
                "http://example.com:443/a | http://example.com:443/a",
                "https://jo:secret@example.com/a | https://example.com/a",
                "https://jo@home:x@example.com/a | https://example.com/a",
                "https://example.com./a | https://example.com/a",
                "https://[2001:DB8::1]:8080/a | https://[2001:db8::1]:8080/a",
                "https://Bücher.example/a | https://xn--bcher-kva.example/a",
                "https://b%C3%BCcher.example/a | https://xn--bcher-kva.example/a",
                "shop-app://Product/42 | shop-app://product/42",
                "https://straße.example/a | https://xn--strae-oqa.example/a",
                "https://STRASSE.example/a | https://strasse.example/a",
                "https://xn--strae-oqa.example/a | https://xn--strae-oqa.example/a",
                "https://βόλος.example/a | https://xn--nxasmm1c.example/a",
                "https://ΒΌΛΟΣ.example/a | https://xn--nxasmq6b.example/a",
                "https://a_b.example。/a | https://a_b.example/a",
                "https://faß.example/a | https://xn--fa-hia.example/a",
                // Unicode in NFC
                "https://example.com/caf%65%CC%81 | https://example.com/caf%C3%A9",
                // what a separator or an escape ends takes no mark
                "https://h.example/?q=%CC%B8x%3D | https://h.example/?q=%CC%B8x%3D",
                "https://h.example/?a=%CC%B8b%3Dc | https://h.example/?a=%CC%B8b%3Dc",
                "https://h.example/?a%2C%CC%A7 | https://h.example/?a%2C%CC%A7",
                "https://h.example/?a%26%CC%B8 | https://h.example/?a%26%CC%B8",
                "https://example.com/café?q=u%CC%88 | https://example.com/caf%C3%A9?q=%C3%BC",
                "https://example.com/%E2%84%AA/%C3 | https://example.com/K/%C3",
                // out of HTML
                "https://example.com/?id=7&amp;utm_source=x&#38;c=8 | https://example.com/?id=7&c=8",
                "https://example.com/?a=1&amp;amp;b=2&#038;gclid=3 | https://example.com/?a=1&b=2",
                "https://example.com/?a=1&AMP;b=2&#x26;gclid=3&#38;c=4 | https://example.com/?a=1&b=2&c=4",
                "https://example.com/?b=1&%61mp;c=2 | https://example.com/?b=1&c=2",
                "https://example.com/a&%61mp;b | https://example.com/a&b",
                "https://example.com/#/a&a%6Dp;b | https://example.com/#/a&b",
                "https://example.com/?a=1#/r?amp;c=2 | https://example.com/#/r?a=1&c=2",
                // encoded once too often
                "https://example.com/?utm_source%3Dx%26id%3D5 | https://example.com/?id=5",
                "https://example.com/?utm_source%3Dx%26id%3D6 | https://example.com/?id=6",
                "https://example.com/?id%3D5%26utm_source%3Dx | https://example.com/?id=5",
                "https://example.com/?a=1&id%3d5%26print%26b%3D | https://example.com/?a=1&id=5&print",
                "https://example.com/?id%3D5%2523x+y | https://example.com/?id=5%23x%20y",
                "https://example.com/?a%3D1%26amp%3Bb%3D2 | https://example.com/?a=1&b=2",
                "https://example.com/#/r?id%3D5%26gclid%3Dx | https://example.com/#/r?id=5",
                "https://example.com/?to=a%3Db%26c | https://example.com/?to=a%3Db%26c",
                // one-time tokens and click ids
                "https://example.com/?__cf_chl_rt_tk=x&__cf_chl_tk=y&ysclid=z | https://example.com/",
                "https://example.com/?yadclid=1&yadordid=2&srsltid=3&NaPm=4 | https://example.com/",
                // path
                "https://example.com | https://example.com/",
                "https://example.com?a=1 | https://example.com/?a=1",
                "https://example.com/a/ | https://example.com/a/",
                "https://example.com/a/./b/../c | https://example.com/a/c",
                "https://example.com/a/%2e%2E/c/. | https://example.com/c/",
                "https://example.com/../../a/.. | https://example.com/",
                "https://example.com/a//b | https://example.com/a//b",
                "https://example.com/%7ejo/%c3%a9%2f%41 | https://example.com/~jo/%C3%A9%2FA",
                "https://example.com/é b%zz | https://example.com/%C3%A9%20b%25zz",
                "https://example.com/a;jsessionid=12AB/b | https://example.com/a/b",
                "https://example.com/a;JSessionId=12AB?x=1 | https://example.com/a?x=1",
                // fragment
                "https://example.com/a#top | https://example.com/a",
                "https://example.com/a# | https://example.com/a",
                "https://example.com/#/Cart | https://example.com/#/Cart",
                "https://example.com/app#!/cart/2 | https://example.com/app#!/cart/2",
                "https://example.com/?a=1#/cart?b=2&utm_term=x#y"
                        + " | https://example.com/#/cart?a=1&b=2",
                // query
                "https://example.com/?b=2&a=1&b=1 | https://example.com/?b=2&a=1&b=1",
                "https://example.com/?utm_source=x&id=7&UTM_Medium=y | https://example.com/?id=7",
                "https://example.com/?gclid=x&fbclid=y&_ga=z&yclid=1 | https://example.com/",
                "https://example.com/?PHPSESSID=x&sid=y&side=left | https://example.com/?side=left",
                "https://example.com/?a=&&b=1&=2&& | https://example.com/?b=1",
                "https://example.com/?print | https://example.com/?print",
                "https://example.com/?%75tm_source=x&q=a+b%20c | https://example.com/?q=a+b%20c",
                "https://example.com/?q=a?b#c | https://example.com/?q=a?b",
                "https://example.com/? | https://example.com/",
                // relative to the root
                "/products/x | /products/x",
                "/Products/../x?utm_id=1&c=red#z | /x?c=red",
                "/.//evil.example/x | /evil.example/x",
            })
    void normalises(String url, String expected) {
        assertThat(PageUrls.normalise(url).url()).isEqualTo(expected);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                " ",
                "#",
                "?a=1",
                "products/x",
                "example.com/x",
                "//example.com/x",
                "https:///x",
                "https://",
                "https:/example.com",
                "://example.com",
                "1http://example.com",
                "https://exa mple.com/",
                "https://example..com/",
                "https://.example.com/",
                "https://example.com:80a/",
                "https://example.com:70000/",
                "https://example.com:0/",
                "https://[::1/",
                "https://[nonsense]/",
                "https://a\u0000b.example/",
                "https://example.com/\u0000",
                "file:///home/jo/page.html",
                "javascript:alert(1)",
                "mailto:jo@example.com",
                "about:blank",
                "data:text/html,x"
            })
    void refusesWhatIsNoPageUrl(String url) {
        assertThat(PageUrls.normalise(url)).isNull();
    }

    @Test
    void namesThePartsOfThePage() {
        assertThat(PageUrls.normalise("https://Example.com:8443/a#/b?c=1"))
                .isEqualTo(
                        new Page(
                                "https://example.com:8443/a#/b?c=1",
                                "example.com",
                                "/a#/b",
                                "c=1"));
        assertThat(PageUrls.normalise("/a?b=1&gclid=2"))
                .isEqualTo(new Page("/a?b=1", null, "/a", "b=1"));
    }

    @Property
    void aNormalFormStaysAsItIs(@ForAll("urls") String url) {
        Page page = PageUrls.normalise(url);

        if (page != null) {
            assertThat(PageUrls.normalise(page.url())).isEqualTo(page);
        }
    }

    @Property(tries = 2_000)
    void whatIsPlainIsReadAsWhatIsTakenApart(@ForAll("urls") String url) {
        Page apart = PageUrls.takeApart(url);
        Page plain = PlainUrls.page(url);
        String path = PlainUrls.path(url);

        if (plain != null) {
            assertThat(plain).isEqualTo(apart);
        }
        if (path != null) {
            assertThat(apart.url().split("[?;]", -1)[0]).isEqualTo(path);
        }
    }

    @Test
    void mostPagesArePlain() {
        String url = "https://www.shop.example/shoes/p-60.html";

        assertThat(PlainUrls.page(url))
                .isEqualTo(new Page(url, "www.shop.example", "/shoes/p-60.html", null));
        assertThat(PlainUrls.path(url)).isEqualTo(url);
        assertThat(PlainUrls.path(url + "?q=a%20b&c")).isEqualTo(url);
    }

    /** Each alone, and each beside each other. */
    @Test
    void lettersOfLatinAndCyrillicScriptArePlain() {
        List<String> letters = new ArrayList<>();
        IntStream.concat(IntStream.range(0xC0, 0x180), IntStream.range(0x400, 0x480))
                .forEach(letter -> letters.add(encoded(Character.toString(letter))));
        String all = String.join("", letters);

        for (String letter : letters) {
            String url = "https://a.example/caf" + letter + "/" + letter + "m" + all;

            assertThat(PlainUrls.page(url)).isNotNull().isEqualTo(PageUrls.takeApart(url));
            assertThat(PlainUrls.page(url.toLowerCase(Locale.ROOT))).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"%CC%81", "%CD%B4", "%C2%A0", "%C3%C3", "%C3%", "%C3", "%C3A9", "%D1%8"})
    void otherEscapesAreNot(String escape) {
        assertThat(PlainUrls.page("https://a.example/cafe" + escape)).isNull();
        assertThat(PlainUrls.path("https://a.example/cafe" + escape + "?q")).isNull();
    }

    private static String encoded(String letter) {
        return URLEncoder.encode(letter, StandardCharsets.UTF_8);
    }

    /** Marks that Unicode has composed with the sign or the letter before them. */
    @Property(tries = 2_000)
    void aSeparatorTakesNoMark(@ForAll("marked") String query) {
        Page page = PageUrls.normalise("https://h.example/?" + query + "#/" + query);

        assertThat(PageUrls.normalise(page.url())).isEqualTo(page);
        page = PageUrls.normalise("https://h.example/?n=%CC%B8" + query);
        assertThat(page.query()).startsWith("n=%CC");
    }

    @Property
    void neverThrows(@ForAll String text) {
        Page absolute = PageUrls.normalise("https://" + text);
        Page relative = PageUrls.normalise("/" + text);

        assertThat(absolute == null || absolute.url().startsWith("https://")).isTrue();
        assertThat(relative == null || relative.url().startsWith("/")).isTrue();
    }

    @Property
    void noTrackingParameterSurvives(@ForAll("urls") String url) {
        char joint = url.indexOf('?') < 0 ? '?' : '&';
        Page page = PageUrls.normalise(url.replace("#", "") + joint + "utm_source=x&gclid=zz9zz");

        if (page != null) {
            assertThat(page.url()).doesNotContain("utm_source").doesNotContain("zz9zz");
        }
    }

    @Provide
    Arbitrary<String> marked() {
        return Arbitraries.of(
                        "%CC%B8",
                        "%CC%A7",
                        "%CC%87",
                        "%CC%81",
                        "%E3%82%99",
                        "%CD%BE",
                        "a",
                        "C",
                        "=",
                        "&",
                        "/",
                        "?",
                        "%3D",
                        "%26",
                        "%2C",
                        "%3C",
                        "%23",
                        "%25",
                        "%FF")
                .list()
                .ofMinSize(1)
                .ofMaxSize(8)
                .map(pieces -> String.join("", pieces));
    }

    @Provide
    Arbitrary<String> urls() {
        Arbitrary<String> pieces =
                Arbitraries.of(
                        "/",
                        "a",
                        "B",
                        ".",
                        "..",
                        "%2e",
                        "%2F",
                        "%",
                        "%4",
                        "%41",
                        "%c3%a9",
                        "%C3%A9",
                        "%D0%B8",
                        "%CC%86",
                        "é",
                        "%CC%B8",
                        "%CC%A7",
                        "%CC%81",
                        "\u0338",
                        "%CD%BE",
                        "%2C",
                        "%FF",
                        "\uD83D\uDE00",
                        "\uD83D",
                        " ",
                        "?",
                        "&",
                        "=",
                        "#",
                        "!",
                        "x=1",
                        "sid=2",
                        "amp;",
                        "amp%3B",
                        "#38;",
                        "%61mp;",
                        "%26",
                        "%3D",
                        "%3d",
                        "%25",
                        "%23",
                        ";jsessionid=3",
                        ";%6Asessionid=4",
                        ":",
                        "@",
                        "[",
                        "]",
                        "+",
                        "\\");
        return Arbitraries.of(
                        "https://Example.com",
                        "https://a.example",
                        "http://a..example",
                        "http://user@b\u00fcro.de:80",
                        "app://h",
                        "")
                .flatMap(
                        start ->
                                pieces.list()
                                        .ofMaxSize(12)
                                        .map(list -> start + "/" + String.join("", list)));
    }
}
