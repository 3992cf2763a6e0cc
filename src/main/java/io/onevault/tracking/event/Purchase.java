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

    /** ISO 4217 code for "no currency": in place of the one of money of which none is told. */
    public static final String NO_CURRENCY = "XXX";

    public static final Purchase NONE = new Purchase(null, null, null);
}
