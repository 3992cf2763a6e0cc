package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What bodies may take of all, and of one address. */
final class BodyBudgetTest {

    private final BodyBudget budget = new BodyBudget(100, 40, 4);

    @Test
    void anAddressHasItsShareAndLeavesTheRestToOthers() {
        budget.take("192.0.2.1", 30);
        assertRefused("192.0.2.1", 11, 429);
        budget.take("192.0.2.1", 10);

        budget.take("192.0.2.2", 40);
        budget.take("192.0.2.3", 20);
        assertRefused("192.0.2.4", 1, 503);
    }

    @Test
    void whatIsGivenBackMayBeTakenAgain() {
        String sender = budget.take("192.0.2.1", 40);
        budget.take("192.0.2.2", 40);
        budget.take("192.0.2.3", 20);

        budget.giveBack(sender, 40);

        budget.take("192.0.2.3", 20);
        budget.take("192.0.2.1", 20);
        assertRefused("192.0.2.4", 1, 503);
    }

    @Test
    void whatIsRefusedTakesNothing() {
        budget.take("192.0.2.1", 40);
        for (int i = 0; i < 9; i++) {
            assertRefused("192.0.2.1", 40, 429);
        }
        budget.take("192.0.2.2", 30);
        assertRefused("192.0.2.3", 40, 503);

        assertThatCode(() -> budget.take("192.0.2.3", 30)).doesNotThrowAnyException();
    }

    @Test
    void anAddressHasItsShareOfBodiesHoweverShort() {
        for (int i = 0; i < 4; i++) {
            budget.take("192.0.2.1", 0);
        }
        assertRefused("192.0.2.1", 0, 429);
        budget.take("192.0.2.2", 1);

        budget.giveBack("192.0.2.1", 0);

        budget.take("192.0.2.1", 40);
        assertRefused("192.0.2.1", 0, 429);
    }

    @Test
    void countsIpv6ByTheNetworkOfACustomer() {
        String sender = budget.take("2001:db8:1:2::1", 40);

        assertRefused("2001:db8:1:2:ffff::3", 1, 429);
        budget.take("2001:db8:1:3::1", 40);
        budget.giveBack(sender, 40);
        budget.take("2001:db8:1:2:ffff::3", 40);
    }

    private void assertRefused(String address, int bytes, int status) {
        assertThatThrownBy(() -> budget.take(address, bytes))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> {
                            assertThat(refused.status()).isEqualTo(status);
                            assertThat(refused.code()).isEqualTo("TOO_MANY_BODIES");
                            assertThat(refused.retryAfterSeconds()).isPositive();
                        });
    }
}
