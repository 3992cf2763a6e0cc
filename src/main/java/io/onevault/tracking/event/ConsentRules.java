package io.onevault.tracking.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a tenant wants kept by consent.
 *
 * @param honoursGpc whether Global Privacy Control counts as a denial
 * @param honoursDnt whether Do Not Track does
 * @param since from when the tenant's settings hold; null: it has none
 */
public record ConsentRules(
        Policy policy, boolean honoursGpc, boolean honoursDnt, @Nullable Instant since) {

    public static final ConsentRules DEFAULT =
            new ConsentRules(Policy.ANONYMISE, true, false, null);

    /** What consent decides; by name in the tenant's settings. */
    public enum Policy {
        /** Without consent nothing is kept. */
        REQUIRE,
        /** What is denied is kept without the visitor. */
        ANONYMISE,
        /** Everything is kept, whatever the visitor says. */
        IGNORE;

        /** The policy of that name, the default one for any other. */
        public static Policy named(@Nullable String name) {
            for (Policy policy : values()) {
                if (policy.name().equals(name)) {
                    return policy;
                }
            }
            return DEFAULT.policy();
        }
    }

    /** A signal of the browser counts for more than what the site says. */
    public Keeping keeping(Signals signals) {
        Boolean analytics = signals.analytics();
        boolean denied =
                Boolean.FALSE.equals(analytics)
                        || honoursGpc && signals.gpc()
                        || honoursDnt && signals.dnt();
        return switch (policy) {
            case REQUIRE -> denied || analytics == null ? Keeping.NOTHING : Keeping.FULL;
            case ANONYMISE -> denied ? Keeping.ANONYMOUS : Keeping.FULL;
            case IGNORE -> Keeping.FULL;
        };
    }
}
