package io.onevault.tracking.event;

import org.jspecify.annotations.Nullable;

/**
 * How an event takes part in sessions, by its tenant's settings at admission.
 *
 * @param ownRules null: the default rules, which most events are spared from carrying
 * @param conversion whether the event is a purchase or one of the tenant's goals
 * @param late whether the event was received too long after it occurred to join a session
 */
public record SessionRole(@Nullable SessionRules ownRules, boolean conversion, boolean late) {

    public static SessionRole of(SessionRules rules, boolean conversion, boolean late) {
        return new SessionRole(rules.equals(SessionRules.DEFAULT) ? null : rules, conversion, late);
    }
}
