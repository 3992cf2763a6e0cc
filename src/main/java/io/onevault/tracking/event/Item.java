package io.onevault.tracking.event;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * A business item (product, plan, article, listing) that an event is about.
 *
 * @param currency ISO 4217 code, upper case
 */
public record Item(
        String itemId,
        @Nullable String itemType,
        @Nullable String itemName,
        @Nullable String itemCategory,
        @Nullable String itemBrand,
        @Nullable BigDecimal price,
        @Nullable String currency,
        @Nullable BigDecimal quantity) {

    /** The quantity, one where none is told. */
    public BigDecimal pieces() {
        return quantity == null ? BigDecimal.ONE : quantity;
    }

    /** What all pieces cost, nothing where no price is told. */
    public BigDecimal paid() {
        return price == null ? BigDecimal.ZERO : price.multiply(pieces());
    }

    /** Whether it is given back by its own sign: a negative quantity or price, or both. */
    public boolean isNegative() {
        return pieces().signum() < 0 || price != null && price.signum() < 0;
    }

    /** This line of an event, of an item beyond the tenant's cap: what it costs, not what it is. */
    public Item asOther() {
        return new Item(ValueKind.OTHER, null, null, null, null, price, currency, quantity);
    }
}
