package io.onevault.tracking.job.load;

import io.onevault.tracking.job.step.Metrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Collects elements into micro-batches by size and time; what comes after a pause has nothing to
 * wait for and goes out at once. The step behind it is chained and writes within {@code collect}.
 * Where asked to, an empty micro-batch goes out from time to time: the loader's sign of life.
 */
final class MicroBatch<T> extends FlushedOperator<T, List<T>> {

    private static final long serialVersionUID = 1;

    /** Long enough for what came in one request. */
    private static final long GATHER_MILLIS = 50;

    // -- configuration
    private final int maxSize;
    private final long maxMillis;
    private final long heartbeatMillis;

    // -- runtime
    private transient List<T> batch;
    private transient boolean timerPending;
    private transient long sentAt;
    private transient Counter batches;
    private transient Counter rows;
    private transient Counter writeMillis;

    /**
     * @param maxSize most elements in a batch
     * @param maxAge longest time that an element waits
     * @param heartbeat how often an empty batch goes out; zero for never
     */
    MicroBatch(int maxSize, Duration maxAge, Duration heartbeat) {
        this.maxSize = maxSize;
        this.maxMillis = maxAge.toMillis();
        this.heartbeatMillis = heartbeat.toMillis();
    }

    @Override
    public void open() throws Exception {
        super.open();
        batch = new ArrayList<>();
        batches = metrics.counter(Metrics.BATCHES);
        rows = metrics.counter(Metrics.BATCH_ROWS);
        writeMillis = metrics.counter(Metrics.BATCH_WRITE_MILLIS);
        if (heartbeatMillis > 0) {
            scheduleBeat(0);
        }
    }

    @Override
    public void processElement(StreamRecord<T> element) throws Exception {
        batch.add(element.getValue());
        if (batch.size() >= maxSize) {
            flush();
        } else if (!timerPending) {
            long now = getProcessingTimeService().getCurrentProcessingTime();
            getProcessingTimeService().registerTimer(now + waiting(now), time -> onTimer());
            timerPending = true;
        }
    }

    /** As few go out as if each waited for its age, but the first one after a pause does not. */
    private long waiting(long now) {
        return Math.min(maxMillis, Math.max(GATHER_MILLIS, sentAt + maxMillis - now));
    }

    @Override
    boolean isEmpty() {
        return batch.isEmpty();
    }

    private void scheduleBeat(long afterMillis) {
        long due = getProcessingTimeService().getCurrentProcessingTime() + afterMillis;
        getProcessingTimeService().registerTimer(due, time -> beat());
    }

    private void beat() {
        output.collect(new StreamRecord<>(List.of()));
        scheduleBeat(heartbeatMillis);
    }

    private void onTimer() throws Exception {
        timerPending = false;
        flush();
    }

    @Override
    void flush() throws Exception {
        if (batch.isEmpty()) {
            return;
        }
        List<T> full = batch;
        batch = new ArrayList<>(full.size());
        long start = System.nanoTime();
        output.collect(new StreamRecord<>(full));
        writeMillis.inc((System.nanoTime() - start) / 1_000_000);
        batches.inc();
        rows.inc(full.size());
        sentAt = getProcessingTimeService().getCurrentProcessingTime();
        releaseWatermark();
    }
}
