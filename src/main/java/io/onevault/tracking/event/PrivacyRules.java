package io.onevault.tracking.event;

/**
 * What a tenant wants kept of its visitors.
 *
 * @param keepsAgents whether user agents are kept as they came, or what was read of them
 * @param keepsTexts whether titles, queries and other free texts are kept
 */
public record PrivacyRules(
        ConsentRules consent, AddressPolicy addresses, boolean keepsAgents, boolean keepsTexts) {

    public static final PrivacyRules DEFAULT =
            new PrivacyRules(ConsentRules.DEFAULT, AddressPolicy.NETWORK, false, true);

    /** Of what breaks the contract nothing can be taken out for sure: it is kept whole or not. */
    public boolean keepsRefused(Keeping keeping) {
        return keeping == Keeping.FULL && keepsTexts;
    }
}
