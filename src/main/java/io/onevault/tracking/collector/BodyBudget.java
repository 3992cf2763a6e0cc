package io.onevault.tracking.collector;

import io.onevault.tracking.enrich.IpNetworks;
import java.util.HashMap;
import java.util.Map;

/**
 * How many bytes the bodies of requests at hand may have: of all, so that they never fill the heap,
 * and of one address, so that it leaves room for others.
 */
final class BodyBudget {

    private static final String CODE = "TOO_MANY_BODIES";
    private static final int RETRY_SECONDS = 5;

    private final long most;
    private final long mostOfAddress;
    private final Map<String, Long> ofAddresses = new HashMap<>();
    private long taken;

    BodyBudget(long most, long mostOfAddress) {
        this.most = most;
        this.mostOfAddress = mostOfAddress;
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
        long ofSender = ofAddresses.getOrDefault(sender, 0L) + bytes;
        if (ofSender > mostOfAddress) {
            throw Refused.tooMany(
                    CODE, RETRY_SECONDS, "Too much is on its way from this address; try again.");
        }
        if (taken + bytes > most) {
            throw Refused.later(CODE, "Too much is on its way; try again.");
        }
        taken += bytes;
        ofAddresses.put(sender, ofSender);
    }

    /** Gives back what was taken; an address that has nothing under way is forgotten. */
    synchronized void giveBack(String sender, int bytes) {
        taken -= bytes;
        ofAddresses.computeIfPresent(sender, (of, held) -> held > bytes ? held - bytes : null);
    }
}
