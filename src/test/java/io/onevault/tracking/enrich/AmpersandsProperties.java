package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Ampersands that HTML escaped, in all its ways, as often as anybody liked. */
class AmpersandsProperties {

    @Property
    void allFormsAreTheAmpersand(
            @ForAll("plain") String before,
            @ForAll("escaped") List<String> tails,
            @ForAll("plain") String after) {
        String url = before + '&' + String.join("", tails) + after;

        assertThat(Ampersands.unescape(url)).isEqualTo(before + '&' + after);
        assertThat(Ampersands.hasEscaped(url)).isEqualTo(!tails.isEmpty());
    }

    @Property
    void whatIsReadOnceStaysAsItIs(@ForAll("pieces") List<String> pieces) {
        String meant = Ampersands.unescape(String.join("", pieces));

        assertThat(Ampersands.hasEscaped(meant)).isFalse();
        assertThat(Ampersands.unescape(meant)).isEqualTo(meant);
    }

    @Provide
    Arbitrary<List<String>> escaped() {
        return Arbitraries.of(
                        "amp;", "AMP;", "#38;", "#038;", "#00038;", "#x26;", "#X26;", "#x0026;")
                .list()
                .ofMaxSize(4);
    }

    @Provide
    Arbitrary<String> plain() {
        return Arbitraries.of(
                "", "https://a.example/?x=1", "utm_source=a", "#38", "a=;", "amp", "#x27;");
    }

    @Provide
    Arbitrary<List<String>> pieces() {
        return Arbitraries.of("&", "amp", ";", "#", "x", "0", "26", "38", "a").list().ofMaxSize(12);
    }
}
