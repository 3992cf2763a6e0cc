package io.onevault.tracking.event;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * The commercial side of an event.
 *
 * @param currency ISO 4217 code, upper case
 */
public record Purchase(
        @Nullable String transactionId, @Nullable BigDecimal value, @Nullable String currency) {

    public static final Purchase NONE = new Purchase(null, null, null);
}
