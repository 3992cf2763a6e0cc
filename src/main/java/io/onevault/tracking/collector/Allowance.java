package io.onevault.tracking.collector;

import org.eclipse.jetty.server.Response;

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
     * Takes events from what the sender may send, and tells it what is left.
     *
     * @throws Refused when that is too many
     */
    void charge(Doorkeeper.Sender sender, int events, Response response) {
        int left = perKey.take(sender.key(), events);
        if (left >= 0 && !sender.isServer()) {
            int ofAddress = perAddress.take(sender.address(), events);
            left = ofAddress < 0 ? ofAddress : Math.min(left, ofAddress);
        }
        int most = sender.isServer() ? perKey.burst() : perAddress.burst();
        response.getHeaders().put("RateLimit-Limit", String.valueOf(most));
        response.getHeaders().put("RateLimit-Remaining", String.valueOf(Math.max(0, left)));
        if (left < 0) {
            turnedAway.count(sender.site().tenantBk(), events);
            throw Refused.tooMany(
                    -left, "More events than this key or address may send; try again later.");
        }
    }
}
