package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.collector.CollectorSettings.Proxies;
import io.onevault.tracking.program.Program;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose request it is, with honest proxies and with liars behind them. */
final class ClientAddressTest {

    private static final ClientAddress ADDRESSES = readingOf(null);

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                // peer; X-Forwarded-For; the client
                "10.0.0.1; 203.0.113.7; 203.0.113.7",
                "10.0.0.1; 1.2.3.4, 203.0.113.7; 203.0.113.7",
                "10.0.0.1; 1.2.3.4, 203.0.113.7, 10.9.9.9; 203.0.113.7",
                "10.0.0.1; 203.0.113.7:51234; 203.0.113.7",
                "10.0.0.1; 2001:db8:2::7; 2001:db8:2::7",
                "10.0.0.1; [2001:db8:2::7]:443; 2001:db8:2::7",
                "2001:db8:1::1; 203.0.113.7; 203.0.113.7",
                "[2001:db8:1::1]; 203.0.113.7; 203.0.113.7",
                "10.0.0.1; 10.2.2.2, 10.3.3.3; 10.2.2.2",
                "10.0.0.1; unknown, 10.3.3.3; 10.3.3.3",
                "10.0.0.1; localhost; 10.0.0.1",
                "10.0.0.1; metadata.internal; 10.0.0.1",
                "10.0.0.1; 203.0.113.7, evil.example.com; 10.0.0.1",
                "10.0.0.1; 999.1.1.1; 10.0.0.1",
                "10.0.0.1; 1.2.3; 10.0.0.1",
                "10.0.0.1; a.b; 10.0.0.1",
                "10.0.0.1; ::::; 10.0.0.1",
                "10.0.0.1; ''; 10.0.0.1",
                "10.0.0.1; \"1.2.3.4, 203.0.113.7; 203.0.113.7",
                "10.0.0.1; \\, 203.0.113.7; 203.0.113.7",
                "10.0.0.1; 1.2.3.4,, 203.0.113.7; 203.0.113.7",
                "203.0.113.9; 1.2.3.4; 203.0.113.9"
            })
    void takesTheFirstFromTheRightThatIsNoProxy(String peer, String forwarded, String client) {
        assertThat(ADDRESSES.of(peer, HttpFields.build().add("X-Forwarded-For", forwarded)))
                .isEqualTo(client);
    }

    @Test
    void readsForwardedAsWell() {
        assertThat(forwarded("for=203.0.113.7;proto=https;by=10.0.0.1")).isEqualTo("203.0.113.7");
        assertThat(forwarded("For=\"[2001:db8:2::7]:4711\"")).isEqualTo("2001:db8:2::7");
        assertThat(forwarded("for=1.2.3.4, for=203.0.113.7, for=10.4.4.4"))
                .isEqualTo("203.0.113.7");
        assertThat(forwarded("for=_hidden")).isEqualTo("10.0.0.1");
        assertThat(forwarded("proto=https")).isEqualTo("10.0.0.1");
        assertThat(forwarded("for=1.2.3.4;by=\", for=203.0.113.7"))
                .as("a quote that is left open")
                .isEqualTo("203.0.113.7");
        assertThat(forwarded("for=1.2.3.4, by=10.4.4.4"))
                .as("a proxy that does not say for whom")
                .isEqualTo("10.0.0.1");
    }

    @Test
    void joinsSeveralHeaders() {
        HttpFields headers =
                HttpFields.build()
                        .add("X-Forwarded-For", "1.2.3.4")
                        .add("X-Forwarded-For", "203.0.113.7");

        assertThat(ADDRESSES.of("10.0.0.1", headers)).isEqualTo("203.0.113.7");
    }

    @Test
    void believesCloudflareOnlyThroughAProxyOfOursThatSaysNothingElse() {
        HttpFields told = HttpFields.build().add("CF-Connecting-IP", "203.0.113.7");
        HttpFields handedOn = HttpFields.build(told).add("X-Forwarded-For", "198.51.100.4");

        assertThat(ADDRESSES.of("10.0.0.1", told)).isEqualTo("203.0.113.7");
        assertThat(ADDRESSES.of("203.0.113.9", told)).isEqualTo("203.0.113.9");
        assertThat(new ClientAddress(Proxies.NONE).of("10.0.0.1", told)).isEqualTo("10.0.0.1");
        assertThat(ADDRESSES.of("10.0.0.1", handedOn)).isEqualTo("198.51.100.4");
    }

    /** A proxy that writes one of them hands on what a client wrote into the other. */
    @Test
    void readsNoHeaderButTheOneThatIsNamed() {
        HttpFields both =
                HttpFields.build()
                        .add("X-Forwarded-For", "1.2.3.4")
                        .add("Forwarded", "for=203.0.113.7")
                        .add("True-Client-IP", "198.51.100.4");

        assertThat(readingOf("forwarded").of("10.0.0.1", both)).isEqualTo("203.0.113.7");
        assertThat(readingOf("X-Forwarded-For").of("10.0.0.1", both)).isEqualTo("1.2.3.4");
        assertThat(readingOf("True-Client-IP").of("10.0.0.1", both)).isEqualTo("198.51.100.4");
        assertThat(readingOf("True-Client-IP").of("203.0.113.9", both)).isEqualTo("203.0.113.9");
        assertThat(readingOf("CF-Connecting-IP").of("10.0.0.1", both)).isEqualTo("10.0.0.1");
    }

    /** In silence each request would be the proxy's own. */
    @Test
    void aHeaderIsNamedTogetherWithProxies() {
        String why = "--client-header needs a name, and --proxies; see --help";

        assertThat(refusalOf("--proxies", "10.0.0.0/8", "--client-header", ""))
                .containsExactly(why);
        assertThat(refusalOf("--proxies", "10.0.0.0/8", "--client-header", " "))
                .containsExactly(why);
        assertThat(refusalOf("--client-header", "Forwarded")).containsExactly(why);
    }

    private static List<String> refusalOf(String... args) {
        List<String> said = new ArrayList<>();
        assertThat(Program.run(new Collector(), System.out, said::add, args))
                .isEqualTo(Program.USAGE);
        return said;
    }

    private static ClientAddress readingOf(@Nullable String header) {
        return new ClientAddress(new Proxies(List.of("10.0.0.0/8", "2001:db8:1::/48"), header));
    }

    private static String forwarded(String value) {
        return ADDRESSES.of("10.0.0.1", HttpFields.build().add("Forwarded", value));
    }
}
