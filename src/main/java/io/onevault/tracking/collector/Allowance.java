package io.onevault.tracking.collector;

import io.onevault.tracking.enrich.IpNetworks;
import org.eclipse.jetty.http.HttpFields;

/** How many events a sender may send, by its key and, from browsers, by its address. */
final class Allowance {

    private final Budgets perKey;
    private final Budgets perAddress;
    private final TurnedAway turnedAway;

    Allowance(Budgets perKey, Budgets perAddress, TurnedAway turnedAway) {
        this.perKey = perKey;
        this.perAddress = perAddress;
        this.turnedAway = turnedAway;
    }

    /**
     * Takes events from what the sender may send, and tells it what is left of the tighter limit
     * and when that is whole again, or, when it is too much, when to come back.
     *
     * @param paid what was taken for the same request before
     * @param headers of the answer
     * @throws Refused when that is too many
     */
    void charge(Doorkeeper.Sender sender, int events, int paid, HttpFields.Mutable headers) {
        Budgets tightest = perKey;
        int left = Integer.MAX_VALUE;
        // First: what one address sends too much must not be taken from the others of its key.
        if (!sender.isServer()) {
            tightest = perAddress;
            left = perAddress.take(IpNetworks.sender(sender.address()), events, paid);
        }
        if (left >= 0) {
            int ofKey = perKey.take(sender.key(), events, paid);
            if (ofKey < left) {
                tightest = perKey;
                left = ofKey;
            }
        }
        int full = left < 0 ? -left : tightest.secondsUntilFull(left);
        headers.put("RateLimit-Limit", tightest.burst());
        headers.put("RateLimit-Remaining", Math.max(0, left));
        headers.put("RateLimit-Reset", full);
        if (left < 0) {
            turnAway(sender, paid + events);
            throw Refused.tooMany(
                    -left, "More events than this key or address may send; try again later.");
        }
    }

    /** Counts events that are turned away. */
    void turnAway(Doorkeeper.Sender sender, int events) {
        turnedAway.count(sender.site().tenantBk(), events);
    }
}
