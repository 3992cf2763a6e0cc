package io.onevault.tracking.job.admit;

import io.onevault.tracking.job.read.DecodedRecord;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamElement;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the next reading of the tenants, in the order of its arrival: records of unknown
 * tenants, so many and so large at most, and the time that follows them.
 */
final class HeldElements {

    static final int MOST_RECORDS = 10_000;
    private static final long MOST_BYTES = 16 << 20;

    /**
     * One of them.
     *
     * @param reading number of the reading that it waits for
     * @param deadline processing time at which it waits no longer
     */
    record Held(StreamElement element, long reading, long deadline) {}

    private final Deque<Held> queue = new ArrayDeque<>();
    private int records;
    private long bytes;

    boolean isEmpty() {
        return queue.isEmpty();
    }

    int records() {
        return records;
    }

    /** Holds a record; false when there is no room. */
    boolean add(StreamRecord<DecodedRecord> record, long reading, long deadline) {
        int length = record.getValue().value().length;
        if (records == MOST_RECORDS || bytes + length > MOST_BYTES) {
            return false;
        }
        records++;
        bytes += length;
        queue.add(new Held(record, reading, deadline));
        return true;
    }

    /** Holds a watermark, or whether time is idle, behind what is held. */
    void addTime(StreamElement time) {
        Held last = queue.getLast();
        if (time instanceof Watermark && last.element() instanceof Watermark) {
            queue.removeLast();
        }
        queue.add(new Held(time, last.reading(), last.deadline()));
    }

    @Nullable Held first() {
        return queue.peekFirst();
    }

    void removeFirst() {
        Held first = queue.removeFirst();
        if (first.element().isRecord()) {
            records--;
            bytes -= first.element().<DecodedRecord>asRecord().getValue().value().length;
        }
    }

    /** Number of the reading after which nothing of this has to wait. */
    long lastReading() {
        return queue.getLast().reading();
    }
}
