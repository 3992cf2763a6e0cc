package io.onevault.tracking.job.load;

import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.jspecify.annotations.Nullable;

/**
 * Keeps elements for a while and lets them all go before a checkpoint barrier, so that a completed
 * checkpoint proves everything before it to be written and the elements need no state. Watermarks
 * wait for the elements before them: none becomes late by waiting here.
 */
abstract class FlushedOperator<I, O> extends AbstractStreamOperator<O>
        implements OneInputStreamOperator<I, O> {

    private static final long serialVersionUID = 1;

    private transient @Nullable Watermark held;

    /** Whether no element waits. */
    abstract boolean isEmpty();

    /** Lets all elements go, and after them {@link #releaseWatermark}. */
    abstract void flush() throws Exception;

    final void releaseWatermark() throws Exception {
        if (held != null) {
            Watermark watermark = held;
            held = null;
            super.processWatermark(watermark);
        }
    }

    @Override
    public void processWatermark(Watermark watermark) throws Exception {
        if (isEmpty()) {
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
}
