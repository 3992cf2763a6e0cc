package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The passwords of links. */
final class LinkGateTest {

    private static final String PASSWORD = "pässword: %41 +";
    private static final String HERE = "2001:db8:1:2::1";
    private static final String GIVEN = "p%C3%A4ssword%3A%20%2541%20%2B";

    private Instant now = Instant.parse("2026-11-20T10:00:00Z");
    private final LinkGate gate = new LinkGate(() -> now);

    /** Of one round: the usual ones take a while each. */
    private final Site.Link link = new Site.Link("{}", LinkPassword.hash(PASSWORD, 1));

    @Test
    void storesEachPasswordWithASaltOfItsOwn() {
        String stored = LinkPassword.hash(PASSWORD);
        assertThat(stored)
                .matches("pbkdf2-sha512\\$210000\\$[^$]{24}\\$[^$]{44}")
                .isNotEqualTo(LinkPassword.hash(PASSWORD));
        assertThat(LinkPassword.matches(PASSWORD, stored)).isTrue();
        assertThat(LinkPassword.matches(PASSWORD, "plain$1$AA==$AA==")).isFalse();
    }

    /** It would take days. */
    @Test
    void comparesNothingAtTheDoor() {
        Site.Link slow = new Site.Link("{}", "pbkdf2-sha512$2000000000$AAAA$AAAA");

        assertThat(gate.check(slow, HERE, GIVEN)).isNotNull();
    }

    @Test
    void letsThoseInWhoKnowIt() {
        enter(new Site.Link("{}", null), HERE, null);
        enter(link, HERE, GIVEN);
        assertRefused("PASSWORD_NEEDED", () -> enter(link, HERE, null));
        assertRefused("PASSWORD_WRONG", () -> enter(link, HERE, "%zz"));
    }

    @Test
    void letsNobodyGuessForLong() {
        enter(link, HERE, GIVEN);
        for (int i = 0; i < 4; i++) {
            String guess = "guess" + i;
            assertRefused("PASSWORD_WRONG", () -> enter(link, HERE, guess));
        }

        assertRefused("TOO_MANY_REQUESTS", () -> enter(link, HERE, "guess5"));
        enter(link, HERE, GIVEN);
        enter(new Site.Link("{}", LinkPassword.hash(PASSWORD, 1)), HERE, GIVEN);
        now = now.plusSeconds(10);
        assertRefused("PASSWORD_WRONG", () -> enter(link, HERE, "guess6"));
        assertRefused("TOO_MANY_REQUESTS", () -> enter(link, HERE, "guess7"));
    }

    @Test
    void oneWhoGuessesKeepsNobodyElseOut() {
        for (int i = 0; i < 5; i++) {
            String guess = "guess" + i;
            assertRefused("PASSWORD_WRONG", () -> enter(link, HERE, guess));
        }

        assertRefused("TOO_MANY_REQUESTS", () -> enter(link, HERE, GIVEN));
        assertRefused("TOO_MANY_REQUESTS", () -> enter(link, "2001:db8:1:2::9", GIVEN));
        enter(link, "2001:db8:1:3::1", GIVEN);
    }

    @Test
    void manyAddressesTogetherGuessOnceASecond() {
        for (int i = 0; i < 100; i++) {
            String address = "192.0.2." + i;
            assertRefused("PASSWORD_WRONG", () -> enter(link, address, "guess"));
        }

        assertRefused("TOO_MANY_REQUESTS", () -> enter(link, HERE, "guess"));
        now = now.plusSeconds(1);
        assertRefused("PASSWORD_WRONG", () -> enter(link, HERE, "guess"));
        assertRefused("TOO_MANY_REQUESTS", () -> enter(link, HERE, "guess"));
    }

    private void enter(Site.Link to, String address, @Nullable String given) {
        LinkGate.Guess guess = gate.check(to, address, given);
        if (guess != null) {
            gate.prove(guess);
        }
    }

    private static void assertRefused(String code, ThrowingCallable action) {
        assertThatThrownBy(action)
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.code()).isEqualTo(code));
    }
}
