package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.AddressPolicy;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks that addresses are cut to networks and that nothing else passes for an address. */
class IpNetworksTest {

    @ParameterizedTest
    @CsvSource({
        "203.0.113.77, 203.0.113.0/24",
        "203.0.113.0/24, 203.0.113.0/24",
        "203.0.0.0/16, 203.0.0.0/16",
        "2001:db8:1:2::3, 2001:db8:1::/48",
        "none,",
        ",",
    })
    void cutsToTheNetworkThatThePolicyKeeps(String ip, String network) {
        assertThat(IpNetworks.cut(ip, AddressPolicy.NETWORK_24)).isEqualTo(network);
        assertThat(IpNetworks.cut(ip, AddressPolicy.COUNTRY)).isNull();
        assertThat(IpNetworks.cut(ip, AddressPolicy.NONE)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.7, 203.0.113.7",
        "::ffff:203.0.113.7, 203.0.113.7",
        "2001:db8:1:2:3:4:5:6, 2001:db8:1:2::/64",
        "[2001:DB8:1:2::9]:443, 2001:db8:1:2::/64",
        "2001:db8:1:3::9, 2001:db8:1:3::/64",
        "fe80::1%eth0, fe80:0:0:0::/64",
        "unknown, unknown",
    })
    void countsByACustomersNetwork(String ip, String sender) {
        assertThat(IpNetworks.sender(ip)).isEqualTo(sender);
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource({
        "203.0.113.7, 203.0.0.0/16",
        "203.0.113.7:51234, 203.0.0.0/16",
        "203.0.0.0/16, 203.0.0.0/16",
        "255.255.255.255, 255.255.0.0/16",
        "2001:db8:1:2:3:4:5:6, 2001:db8:1::/48",
        "2001:DB8:0001::9, 2001:db8:1::/48",
        "2001:db8::9, 2001:db8::/48",
        "2001::9, 2001::/48",
        "2001:0:5::9, 2001:0:5::/48",
        "::1, ::/48",
        "::, ::/48",
        "[2001:db8:1::9]:443, 2001:db8:1::/48",
        "fe80::1%eth0, fe80::/48",
        "2001:db8:1::/48, 2001:db8:1::/48",
        "::ffff:203.0.113.7, 203.0.0.0/16",
        "::ffff:cb00:7107, 203.0.0.0/16",
        "64:ff9b::203.0.113.7, 64:ff9b::/48",
        "'203.0.113.7, 10.0.0.1', 203.0.0.0/16",
        "'[2001:db8:1::9]:443, 203.0.113.7', 2001:db8:1::/48",
    })
    void cuts(String ip, String network) {
        assertThat(IpNetworks.cut(ip)).isEqualTo(network);
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.7:51234, 203.0.113.7",
        "'203.0.113.7 , 198.51.100.1', 203.0.113.7",
        "::ffff:203.0.113.7, 203.0.113.7",
        "::ffff:203.0.113.7:51234, 203.0.113.7",
        "fe80::1%eth0.100, fe80:0:0:0:0:0:0:1",
        "[::ffff:cb00:7107]:80, 203.0.113.7",
        "2001:DB8::1, 2001:db8:0:0:0:0:0:1",
        "[2001:db8::1]:443, 2001:db8:0:0:0:0:0:1",
        "2001:db8:0::1%eth0, 2001:db8:0:0:0:0:0:1",
        "[203.0.113.7], 203.0.113.7",
        "[203.0.113.7]:80, 203.0.113.7",
        "'\"203.0.113.7\"', 203.0.113.7",
        "'\"203.0.113.7, 10.0.0.1\"', 203.0.113.7",
        "'\"[2001:db8::1]:443\"', 2001:db8:0:0:0:0:0:1",
        "for=203.0.113.7, 203.0.113.7",
        "For=203.0.113.7:80; proto=https;by=10.0.0.1, 203.0.113.7",
        "'by=10.0.0.1; for=\"203.0.113.7:80\"', 203.0.113.7",
        "'for=\"[2001:db8::1]:4711\", for=10.0.0.1', 2001:db8:0:0:0:0:0:1",
        "203.0.113.7%eth0, 203.0.113.7",
        "[203.0.113.7%eth0]:80, 203.0.113.7",
        "'unknown, 203.0.113.7', 203.0.113.7",
        "', 203.0.113.7', 203.0.113.7",
        "'for=unknown, for=\"[2001:db8::1]:80\", for=10.0.0.1', 2001:db8:0:0:0:0:0:1",
        "'unknown, _x,', 'unknown, _x,'",
        "for=_hidden, for=_hidden",
        "unknown, unknown",
    })
    void bringsAnAddressToOneForm(String ip, String address) {
        assertThat(IpNetworks.address(ip)).isEqualTo(address);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                " ",
                "localhost",
                "example.com",
                "1.2.3",
                "1.2.3.4.5",
                "256.1.1.1",
                "01.2.3.4",
                "1.2.3.4:x",
                "1.2.3.4/24",
                "1.2.3.a",
                "1.2.3.",
                ":",
                ":::",
                "1:2",
                "1::2::3",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7:8::",
                "12345::",
                "g::1",
                "[::1",
                "[::1]x",
                "[::1]:",
                "for=",
                "for=unknown",
                "by=1.2.3.4",
                "\"",
                "\"\"",
                "1:2:3:4:5:6:7:",
                "::1.2.3",
                "%::",
                "1.2.3.4::"
            })
    void refusesWhatIsNoAddress(String text) {
        assertThat(IpNetworks.cut(text)).isNull();
    }

    @Property
    void agreesWithThePlatformOnIpv6(@ForAll @Size(16) byte[] bytes) throws UnknownHostException {
        InetAddress address = InetAddress.getByAddress(bytes);
        byte[] network = new byte[16];
        System.arraycopy(bytes, 0, network, 0, 6);
        String cut = IpNetworks.cut(address.getHostAddress());

        if (address.getHostAddress().indexOf(':') >= 0) {
            String prefix = cut.substring(0, cut.indexOf('/'));
            assertThat(InetAddress.getByName(prefix).getAddress()).isEqualTo(network);
        }
        assertThat(IpNetworks.cut(cut)).isEqualTo(cut);
    }

    /** A visitor's address is one, in whichever forms proxies write it. */
    @Property
    void allFormsOfAnAddressAreOne(@ForAll @Size(4) byte[] v4, @ForAll @Size(16) byte[] v6)
            throws UnknownHostException {
        String four = InetAddress.getByAddress(v4).getHostAddress();
        String six =
                "2001:" + InetAddress.getByAddress(v6).getHostAddress().replaceAll("^[^:]*:", "");
        for (String form :
                List.of(
                        "%s",
                        "%s:8080",
                        "[%s]",
                        "[%s]:1",
                        "\"%s\"",
                        "%s, 10.0.0.1",
                        "unknown, %s:80, 10.0.0.1",
                        ",%s",
                        "%s%%eth0",
                        "for=%s",
                        "by=_x;For=\"%s:80\";proto=http",
                        "::ffff:%s",
                        "for=\"[::ffff:%s]:80\"")) {
            assertThat(IpNetworks.address(form.formatted(four))).as(form).isEqualTo(four);
        }
        for (String form :
                List.of(
                        "%s",
                        "[%s]",
                        "[%s]:443",
                        "%s%%eth0",
                        "unknown , %s",
                        "\"%s\"",
                        "\"[%s]\"",
                        "for=\"[%s]\"",
                        "for=\"[%s]:1\";by=::1, ::1",
                        "[%s%%1]:80")) {
            assertThat(IpNetworks.address(form.formatted(six)))
                    .as(form)
                    .isEqualTo(IpNetworks.address(six));
            assertThat(IpNetworks.cut(form.formatted(six)))
                    .isEqualTo(IpNetworks.cut(six))
                    .isNotNull();
        }
    }

    @Property
    void neverThrows(@ForAll String text) {
        String one = text.replace(",", "");
        assertThat(IpNetworks.cut("[" + one)).isNull();
        assertThat(IpNetworks.cut(one + "::" + one + "::")).isNull();
    }
}
