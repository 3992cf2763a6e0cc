package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The passwords of links. */
final class LinkGateTest {

    private static final String PASSWORD = "pässword: %41 +";
    private static final String GIVEN = "p%C3%A4ssword%3A%20%2541%20%2B";

    private Instant now = Instant.parse("2026-11-20T10:00:00Z");
    private final LinkGate gate = new LinkGate(() -> now);
    private final Site.Link link = new Site.Link("{}", LinkPassword.hash(PASSWORD));

    @Test
    void storesEachPasswordWithASaltOfItsOwn() {
        assertThat(link.passwordHash())
                .matches("pbkdf2-sha512\\$210000\\$[^$]{24}\\$[^$]{44}")
                .isNotEqualTo(LinkPassword.hash(PASSWORD));
        assertThat(LinkPassword.matches(PASSWORD, "plain$1$AA==$AA==")).isFalse();
    }

    @Test
    void letsThoseInWhoKnowIt() {
        gate.check(new Site.Link("{}", null), null);
        gate.check(link, GIVEN);
        assertRefused("PASSWORD_NEEDED", () -> gate.check(link, null));
        assertRefused("PASSWORD_WRONG", () -> gate.check(link, "%zz"));
    }

    @Test
    void letsNobodyGuessForLong() {
        gate.check(link, GIVEN);
        for (int i = 0; i < 4; i++) {
            String guess = "guess" + i;
            assertRefused("PASSWORD_WRONG", () -> gate.check(link, guess));
        }

        assertRefused("TOO_MANY_REQUESTS", () -> gate.check(link, "guess5"));
        gate.check(link, GIVEN);
        gate.check(new Site.Link("{}", LinkPassword.hash(PASSWORD)), GIVEN);
        now = now.plusSeconds(10);
        assertRefused("PASSWORD_WRONG", () -> gate.check(link, "guess6"));
        assertRefused("TOO_MANY_REQUESTS", () -> gate.check(link, "guess7"));
    }

    private static void assertRefused(String code, ThrowingCallable action) {
        assertThatThrownBy(action)
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.code()).isEqualTo(code));
    }
}
