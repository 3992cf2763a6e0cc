package io.onevault.tracking.sample;

import java.time.Instant;
import java.util.List;

/**
 * The records of oddities.tsv: malformed ones, each with the reason it must be rejected for, and
 * strange ones that must be kept.
 */
final class Oddities {

    private static final String TABLE = "oddities.tsv";
    private static final String TIME = "\"received_at\":\"@\"";
    private static final int TOO_LONG_BYTES = 70 * 1_024;

    private Oddities() {}

    /** Spreads the records evenly between two times in epoch milliseconds. */
    static void insert(Delivery delivery, long start, long end) {
        List<List<String>> rows = SampleTables.rows(TABLE);
        long step = (end - start) / (rows.size() + 2);
        long at = start;
        for (List<String> row : rows) {
            at += step;
            delivery.insert(at, row.get(2).replace(TIME, time(at)));
        }
        delivery.insert(at + step, tooLong(at + step));
    }

    private static String tooLong(long at) {
        return "{\"tenantId\":\"acme-shop\",\"event_id\":\"odd-long\",\"evt_type\":\"page_view\","
                + time(at)
                + ",\"properties\":{\"html\":\""
                + "0123456789abcdef".repeat(TOO_LONG_BYTES / 16)
                + "\"}}";
    }

    private static String time(long at) {
        return "\"received_at\":\"" + Instant.ofEpochMilli(at) + "\"";
    }
}
