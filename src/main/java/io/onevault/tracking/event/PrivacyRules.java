package io.onevault.tracking.event;

/** What a tenant wants kept of its visitors. */
public record PrivacyRules(ConsentRules consent) {

    public static final PrivacyRules DEFAULT = new PrivacyRules(ConsentRules.DEFAULT);
}
