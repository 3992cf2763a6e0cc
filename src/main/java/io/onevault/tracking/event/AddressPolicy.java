package io.onevault.tracking.event;

import org.jspecify.annotations.Nullable;

/** What is kept of a client's address; by name in the tenant's settings. */
public enum AddressPolicy {
    /** Its network of 16 bits, of IPv6 of 48, and the country. */
    NETWORK,
    /** Its network of 24 bits, of IPv6 of 48, and the country. */
    NETWORK_24,
    /** The country. */
    COUNTRY,
    /** Nothing. */
    NONE;

    /** The policy of that name, the default one for any other. */
    public static AddressPolicy named(@Nullable String name) {
        for (AddressPolicy policy : values()) {
            if (policy.name().equals(name)) {
                return policy;
            }
        }
        return NETWORK;
    }
}
