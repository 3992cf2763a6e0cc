package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.event.ConsentRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.Test;

/** Who may send how much of what a key has, and whose sending counts together. */
final class AllowanceTest {

    private static final Site SITE =
            new Site("acme", Set.of(), Set.of(), "UTC", ConsentRules.DEFAULT, null);

    private final InstantSource clock = () -> Instant.parse("2026-11-20T10:00:00Z");
    private final Allowance allowance =
            new Allowance(
                    new Budgets(10, 100, clock),
                    new Budgets(10, 30, clock),
                    new TurnedAway(counts -> {}, clock));

    @Test
    void whatOneAddressSendsTooMuchIsNotTakenFromTheOthersOfItsKey() {
        assertThat(left("192.0.2.1", 30)).isZero();
        for (int i = 0; i < 50; i++) {
            assertTooMany("192.0.2.1", 30);
        }

        assertThat(left("192.0.2.2", 30)).isZero();
        assertThat(left("192.0.2.3", 30)).isZero();
        assertThat(left("192.0.2.4", 10)).as("of the key's 100").isZero();
        assertTooMany("192.0.2.4", 1);
    }

    @Test
    void countsIpv6ByTheNetworkOfACustomerAndIpv4ByItself() {
        assertThat(left("2001:db8:1:2::1", 20)).isEqualTo(10);
        assertThat(left("[2001:db8:1:2:ffff:ffff:ffff:ffff]", 10)).isZero();
        assertTooMany("2001:DB8:1:2:0:0:0:3", 1);

        assertThat(left("2001:db8:1:3::1", 30)).as("of the network beside").isZero();
        assertThat(left("192.0.2.1", 20)).isEqualTo(10);
        assertThat(left("::ffff:192.0.2.1", 10)).as("the same one").isZero();
        assertThat(left("192.0.2.2", 10)).as("of the key's 100").isEqualTo(0);
    }

    /** And the usual limits are those that docs/collector.md tells. */
    @Test
    void anOfficeBehindOneAddressHasRoom() throws IOException {
        CollectorSettings.Limits usual = CollectorSettings.Limits.USUAL;

        assertThat(usual.addressPerSecond()).isGreaterThanOrEqualTo(50);
        assertThat(usual.addressBurst()).isGreaterThanOrEqualTo(500);
        assertThat(Files.readString(Path.of("docs/collector.md")))
                .contains(
                        String.format(
                                Locale.ROOT,
                                "more than %,d events a second of one key (%,d at once) or, of"
                                        + " browsers, %,d of one address (%,d at once)",
                                usual.keyPerSecond(),
                                usual.keyBurst(),
                                usual.addressPerSecond(),
                                usual.addressBurst()));
    }

    private int left(String address, int events) {
        HttpFields.Mutable headers = HttpFields.build();
        allowance.charge(new Doorkeeper.Sender(SITE, "key", address, false), events, 0, headers);
        return Integer.parseInt(headers.get("RateLimit-Remaining"));
    }

    private void assertTooMany(String address, int events) {
        assertThatThrownBy(() -> left(address, events))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.status()).isEqualTo(429));
    }
}
