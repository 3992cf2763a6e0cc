package io.onevault.tracking.event;

import org.jspecify.annotations.Nullable;

/**
 * How an event takes part in sessions, by its tenant's settings at admission.
 *
 * @param ownRules null: the default rules, which most events are spared from carrying
 * @param conversion whether the event is a purchase or one of the tenant's goals
 * @param perVisitor whether the client's session id counts only together with the visitor
 * @param late whether the event was received too long after it occurred to join a session
 * @param ownLatenessMillis how far the watermark may be beyond its session for the event to join
 *     it; null: as far as the job allows
 * @param named whether the client named a visitor, a user or a session
 * @param ownReferrer whether the tenant's settings say that the referrer is one of its own hosts
 * @param repeated whether it was loaded before, by a run of the job whose state is lost
 */
public record SessionRole(
        @Nullable SessionRules ownRules,
        boolean conversion,
        boolean perVisitor,
        boolean late,
        @Nullable Long ownLatenessMillis,
        boolean named,
        boolean ownReferrer,
        boolean repeated) {

    SessionRole again() {
        return new SessionRole(
                ownRules,
                conversion,
                perVisitor,
                late,
                ownLatenessMillis,
                named,
                ownReferrer,
                true);
    }

    /** The rules as they are carried: null for the default ones. */
    public static @Nullable SessionRules carried(SessionRules rules) {
        return rules.equals(SessionRules.DEFAULT) ? null : rules;
    }
}
