package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.access.Hmac;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.PrivacyRules;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.Tenant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Checks pseudonyms against values computed by another implementation of HMAC-SHA256. */
class PseudonymsTest {

    private static final byte[] SALT = {1, 2};

    private final Tenant tenant = tenant("000102030405060708090a0b0c0d0e0f");
    private final Tenant other = tenant("000102030405060708090a0b0c0d0e10");

    @Test
    void isTheHmacOfTheClientsIdAndItsKind() {
        assertThat(Pseudonyms.ofVisitor(tenant, "user_1"))
                .isEqualTo("vis_1618076e1748059304d1364bb09dcb4c");
        assertThat(Pseudonyms.ofUser(tenant, "user_1"))
                .isEqualTo("vis_e2143e84597912327eb16e8762941031");
        assertThat(Pseudonyms.ofSession(keyed(tenant), "user_1"))
                .isEqualTo("vis_ba2b16ef1d4ca07dd656e650197769d0");
    }

    @Test
    void standsForASessionsId() {
        String keyed = "542a7f66e9c92589089163f84d37f50e";
        assertThat(Pseudonyms.sessionId(tenant.visitorSecret(), "s1", false))
                .isEqualTo("sid_" + keyed);
        assertThat(Pseudonyms.sessionId(tenant.visitorSecret(), "s1", true))
                .isEqualTo("common_" + keyed)
                .matches(Pseudonyms::isCommon);
    }

    /** By a key that is prepared once, too, whatever was asked before. */
    @Test
    void standsForAllIdsOfAnEvent() {
        Identity ids = new Identity("s1", "user_1", "user_1");
        Identity expected =
                new Identity(
                        "sid_542a7f66e9c92589089163f84d37f50e",
                        "vis_1618076e1748059304d1364bb09dcb4c",
                        "vis_e2143e84597912327eb16e8762941031");
        Hmac keyed = Pseudonyms.keyed(tenant.visitorSecret());

        assertThat(Pseudonyms.of(tenant, ids, false)).isEqualTo(expected);
        assertThat(Pseudonyms.of(keyed, ids, false)).isEqualTo(expected);
        assertThat(Pseudonyms.of(keyed, ids, false)).isEqualTo(expected);
    }

    @Test
    void isTheHmacOfSaltAddressAgentAndSiteWithoutAnId() {
        assertThat(Pseudonyms.cookieless(keyed(tenant), SALT, "1.2.3.4", null, "example.com"))
                .isEqualTo("vis_6a6027973578b200588cc5adfd74000f");
    }

    @Test
    void isTheHmacOfTheEventWhenNobodyMayBeRecognised() {
        assertThat(Pseudonyms.unlinkable(keyed(tenant), "evt_1"))
                .isEqualTo("vis_d615c4220897dc03f9b832f6838cdfcb");
        assertThat(Pseudonyms.ofAnonymousEvent(keyed(tenant), "evt_1"))
                .isEqualTo("anon_d615c4220897dc03f9b832f6838cdfcb");
        assertThat(AnonymousView.of(keyed(tenant), LocalDate.of(2026, 11, 20), "pv-1"))
                .isEqualTo(
                        new AnonymousView(
                                "anonymous_b2a648363c8de6c4b879e4ee1004e4b9",
                                "anon_1a329509e87c814ae4d186d798a01ee9"));
    }

    @Test
    void differsBetweenTenantsAndBetweenSalts() {
        assertThat(Pseudonyms.ofUser(tenant, "a")).isNotEqualTo(Pseudonyms.ofUser(other, "a"));
        assertThat(Pseudonyms.cookieless(keyed(tenant), SALT, "1.2.3.4", "x", "y"))
                .isNotEqualTo(
                        Pseudonyms.cookieless(
                                keyed(tenant), new byte[] {1, 3}, "1.2.3.4", "x", "y"))
                .isNotEqualTo(Pseudonyms.cookieless(keyed(other), SALT, "1.2.3.4", "x", "y"));
    }

    @Property
    void doesNotMixUpItsParts(@ForAll String a, @ForAll String b, @ForAll String c) {
        String whole = Pseudonyms.cookieless(keyed(tenant), SALT, a + b, c, null);

        assertThat(Pseudonyms.cookieless(keyed(tenant), SALT, a, b + c, null).equals(whole))
                .isEqualTo(b.isEmpty());
    }

    private static Tenant tenant(String secret) {
        return new Tenant(
                "acme",
                "00",
                secret,
                SessionRules.DEFAULT,
                null,
                List.of(),
                ZoneOffset.UTC,
                List.of(),
                PrivacyRules.DEFAULT);
    }

    private static Hmac keyed(Tenant tenant) {
        return Pseudonyms.keyed(tenant.visitorSecret());
    }
}
