package io.onevault.tracking.collector;

import io.onevault.tracking.enrich.IpNetworks;
import java.util.HashMap;
import java.util.Map;

/**
 * How many bytes the bodies of requests at hand may have: of all, so that they never fill the heap,
 * and of one address, so that it leaves room for others. Of an address their number is bounded,
 * too: a proxy, which has no share of connections, may hand on any number of short ones that do not
 * end.
 */
final class BodyBudget {

    private static final String CODE = "TOO_MANY_BODIES";
    private static final int RETRY_SECONDS = 5;

    private final long most;
    private final long mostOfAddress;
    private final int mostBodiesOfAddress;
    private final Map<String, Held> ofAddresses = new HashMap<>();
    private long taken;

    /** What an address has under way. */
    private record Held(long bytes, int bodies) {

        private static final Held NOTHING = new Held(0, 0);
    }

    /**
     * @param most bytes of all
     * @param mostOfAddress bytes of an address
     */
    BodyBudget(long most, long mostOfAddress, int mostBodiesOfAddress) {
        this.most = most;
        this.mostOfAddress = mostOfAddress;
        this.mostBodiesOfAddress = mostBodiesOfAddress;
    }

    /**
     * Takes the bytes of a body before any of it is read.
     *
     * @return whose they are until they are given back
     * @throws Refused when that is too much at once
     */
    String take(String address, int bytes) {
        String sender = IpNetworks.sender(address);
        takeOf(sender, bytes);
        return sender;
    }

    private synchronized void takeOf(String sender, int bytes) {
        Held before = ofAddresses.getOrDefault(sender, Held.NOTHING);
        Held held = new Held(before.bytes() + bytes, before.bodies() + 1);
        if (held.bytes() > mostOfAddress || held.bodies() > mostBodiesOfAddress) {
            throw Refused.tooMany(
                    CODE, RETRY_SECONDS, "Too much is on its way from this address; try again.");
        }
        if (taken + bytes > most) {
            throw Refused.later(CODE, "Too much is on its way; try again.");
        }
        taken += bytes;
        ofAddresses.put(sender, held);
    }

    /** Gives back what was taken; an address that has nothing under way is forgotten. */
    synchronized void giveBack(String sender, int bytes) {
        taken -= bytes;
        ofAddresses.computeIfPresent(
                sender,
                (of, held) ->
                        held.bodies() > 1
                                ? new Held(held.bytes() - bytes, held.bodies() - 1)
                                : null);
    }
}
