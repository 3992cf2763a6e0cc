package io.onevault.tracking.job.load;

import io.onevault.tracking.job.step.Metrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.jspecify.annotations.Nullable;

/**
 * Collects elements into micro-batches by size and time. What is collected always goes out before a
 * checkpoint barrier, so that a completed checkpoint proves everything before it to be written and
 * the operator needs no state. It goes out before a watermark, too: no element becomes late by
 * waiting here. The step behind it is chained and writes within {@code collect}. Where asked to, an
 * empty micro-batch goes out from time to time: the loader's sign of life.
 */
final class MicroBatch<T> extends AbstractStreamOperator<List<T>>
        implements OneInputStreamOperator<T, List<T>> {

    private static final long serialVersionUID = 1;

    // -- configuration
    private final int maxSize;
    private final long maxMillis;
    private final long heartbeatMillis;

    // -- runtime
    private transient List<T> batch;
    private transient boolean timerPending;
    private transient @Nullable Watermark held;
    private transient Counter batches;
    private transient Counter rows;
    private transient Counter writeMillis;

    /**
     * @param maxSize most elements in a batch
     * @param maxAge longest time that an element waits
     */
    MicroBatch(int maxSize, Duration maxAge) {
        this(maxSize, maxAge, Duration.ZERO);
    }

    /**
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
            long due = getProcessingTimeService().getCurrentProcessingTime() + maxMillis;
            getProcessingTimeService().registerTimer(due, time -> onTimer());
            timerPending = true;
        }
    }

    /** Waits for the elements before it. */
    @Override
    public void processWatermark(Watermark watermark) throws Exception {
        if (batch.isEmpty()) {
            super.processWatermark(watermark);
        } else {
            held = watermark;
        }
    }

    /** Steps behind pass over the watermark of an idle input, so a held one goes on before. */
    @Override
    public void processWatermarkStatus(WatermarkStatus status) throws Exception {
        flush();
        super.processWatermarkStatus(status);
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        flush();
    }

    @Override
    public void finish() throws Exception {
        flush();
        super.finish();
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

    private void flush() throws Exception {
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
        if (held != null) {
            Watermark watermark = held;
            held = null;
            super.processWatermark(watermark);
        }
    }
}
