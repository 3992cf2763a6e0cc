package io.onevault.tracking.sample;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who visits a sample site: ids, device, place and tracker version.
 *
 * @param visitorId null for a visitor without cookies, who has no session id either
 * @param device a row of devices.tsv
 * @param place a row of places.tsv
 * @param clockSkewMillis how far the device's clock is ahead
 */
record SampleVisitor(
        String tenant,
        @Nullable String visitorId,
        @Nullable String userId,
        List<String> device,
        List<String> place,
        String address,
        long clockSkewMillis,
        Spelling spelling) {

    private static final int MILLIS_PER_HOUR = 3_600_000;
    private static final List<List<String>> DEVICES = SampleTables.rows("devices.tsv");
    private static final List<List<String>> PLACES = SampleTables.rows("places.tsv");

    /** How a visitor's tracker spells the contract. */
    enum Spelling {
        CANONICAL,
        /** All that the contract has an alias for is spelled with it. */
        ALIASES,
        /** Everything about the page and the items sits in {@code event_data}. */
        NESTED,
        /** Times as epoch milliseconds, no {@code sent_at}. */
        EPOCH_MILLIS
    }

    static SampleVisitor draw(String tenant, double cookieShare, Dice dice) {
        List<String> place = dice.pickWeighted(PLACES);
        return new SampleVisitor(
                tenant,
                dice.chance(cookieShare) ? "v-" + dice.id(16) : null,
                null,
                dice.pickWeighted(DEVICES),
                place,
                place.get(1) + dice.between(1, 199),
                drawClockSkew(dice),
                drawSpelling(dice));
    }

    SampleVisitor withUser(String id) {
        return new SampleVisitor(
                tenant, visitorId, id, device, place, address, clockSkewMillis, spelling);
    }

    SampleVisitor withClient(String clientAddress, String userAgent) {
        List<String> client =
                List.of(device.get(0), device.get(1), device.get(2), device.get(3), userAgent);
        return new SampleVisitor(
                tenant, visitorId, userId, client, place, clientAddress, 0, Spelling.CANONICAL);
    }

    String userAgent() {
        return device.get(4);
    }

    long hoursFromUtc() {
        return Long.parseLong(place.get(4));
    }

    void describeClient(ObjectNode event) {
        event.put("language", place.get(2));
        event.put("timezone", place.get(3));
        event.put("screen_resolution", device.get(1));
        event.put("viewport_width", Integer.parseInt(device.get(2)));
        event.put("viewport_height", Integer.parseInt(device.get(3)));
    }

    private static long drawClockSkew(Dice dice) {
        int draw = dice.below(100);
        if (draw < 88) {
            return dice.between(-900, 900);
        }
        if (draw < 97) {
            return dice.between(-240, 240) * 1_000L;
        }
        return draw < 99 ? dice.between(-3, 3) * MILLIS_PER_HOUR : 49L * MILLIS_PER_HOUR;
    }

    private static Spelling drawSpelling(Dice dice) {
        int draw = dice.below(100);
        if (draw < 80) {
            return Spelling.CANONICAL;
        }
        return draw < 88 ? Spelling.ALIASES : draw < 94 ? Spelling.NESTED : Spelling.EPOCH_MILLIS;
    }
}
