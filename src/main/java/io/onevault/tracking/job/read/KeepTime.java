package io.onevault.tracking.job.read;

import io.onevault.tracking.event.SourcePosition;
import io.onevault.tracking.state.KeptTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.jspecify.annotations.Nullable;

/**
 * Keeps time where the source has none. After a restart it goes on with the watermark of the run
 * before; when the topic is silent it moves the watermark at the wall clock's rate. It does so only
 * after the grace, only from the moments at which Kafka said that nothing is left to read, and
 * never over time in which Kafka could not be asked. While a partition can't be read, time waits
 * for it. Records pass unchanged.
 */
final class KeepTime extends AbstractStreamOperator<DecodedRecord>
        implements OneInputStreamOperator<DecodedRecord, DecodedRecord> {

    private static final long serialVersionUID = 1;
    private static final long NO_WATERMARK = Long.MIN_VALUE;

    // -- configuration
    private static final ListStateDescriptor<KeptTime> TIME =
            new ListStateDescriptor<>(ReadSteps.KEPT_TIME, TypeInformation.of(KeptTime.class));

    private static final long ASKING_MILLIS = 1_000;

    /** A partition that is away must be noticed before the grace is over. */
    private static final int HOLDUPS_PER_GRACE = 3;

    private final Backlog backlog;
    private final long graceMillis;

    // -- runtime
    private transient ListState<KeptTime> state;
    private transient Map<Integer, Long> nextOffsets;

    /** The greatest one that was passed on, or was so before a restart. */
    private transient long watermark;

    /** The greatest one that the source told, which waits while a partition can't be read. */
    private transient long told;

    private transient Holdup holdup;

    /** The watermark at the begin of the silence, from which its length is counted. */
    private transient long silentFrom;

    /** Processing time of the last record, or else of the first moment that may count. */
    private transient long silentSince;

    /** Whether the source has given anything, be it a record or a word about time. */
    private transient boolean heard;

    private transient boolean sourceIdle;
    private transient boolean announcedIdle;
    private transient @Nullable CompletableFuture<Boolean> question;
    private transient long askedAt;

    /**
     * @param grace how long there is no record before the topic may count as silent
     */
    KeepTime(Backlog backlog, Duration grace) {
        this.backlog = backlog;
        this.graceMillis = grace.toMillis();
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        state = context.getOperatorStateStore().getUnionListState(TIME);
        nextOffsets = new HashMap<>();
        watermark = restore(state.get());
    }

    private long restore(Iterable<KeptTime> before) {
        for (KeptTime subtask : before) {
            subtask.nextOffsets().forEach((at, next) -> nextOffsets.merge(at, next, Math::max));
        }
        return ReadSteps.keptWatermark(before);
    }

    @Override
    public void open() throws Exception {
        super.open();
        silentSince = getProcessingTimeService().getCurrentProcessingTime();
        // A run before may have been told a time that is still to come: this one does not believe
        // it, and goes on from the present.
        watermark = Math.min(watermark, silentSince + TrackerWatermarks.MOST_AHEAD_MILLIS);
        silentFrom = watermark;
        told = watermark;
        holdup = new Holdup(backlog, Math.max(ASKING_MILLIS, graceMillis / HOLDUPS_PER_GRACE));
        if (watermark != NO_WATERMARK) {
            output.emitWatermark(new Watermark(watermark));
        }
        holdup.look(silentSince, nextOffsets);
        scheduleAfter(silentSince);
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        long now = getProcessingTimeService().getCurrentProcessingTime();
        boolean silent = !holdup.holds() && (sourceIdle || announcedIdle || isSilent(now));
        state.update(List.of(new KeptTime(new HashMap<>(nextOffsets), watermark, silent)));
    }

    @Override
    public void close() throws Exception {
        backlog.close();
        super.close();
    }

    @Override
    public void processElement(StreamRecord<DecodedRecord> record) {
        SourcePosition position = record.getValue().position();
        nextOffsets.put(position.partition(), position.offset() + 1);
        countFrom(getProcessingTimeService().getCurrentProcessingTime());
        heard = true;
        output.collect(record);
    }

    @Override
    public void processWatermark(Watermark mark) {
        heard = true;
        if (mark.equals(Watermark.MAX_WATERMARK)) {
            // The end of this input is no time at which the next one could go on.
            output.emitWatermark(mark);
            return;
        }
        silentFrom = Math.max(silentFrom, mark.getTimestamp());
        sourceIdle = false;
        announce(false);
        told = Math.max(told, mark.getTimestamp());
        if (!holdup.holds()) {
            advance(told);
        }
    }

    @Override
    public void processWatermarkStatus(WatermarkStatus status) {
        heard = true;
        sourceIdle = status.isIdle();
        announce(sourceIdle);
    }

    private void onTimer(long scheduled) {
        long now = getProcessingTimeService().getCurrentProcessingTime();
        holdup.look(now, nextOffsets);
        if (holdup.holds()) {
            question = null;
            countFrom(now);
            announce(false);
        } else {
            silentFrom = Math.max(silentFrom, told);
            advance(told);
            goOn(now);
        }
        scheduleAfter(now);
    }

    private void goOn(long now) {
        if (isSilent(now)) {
            watchSilence(now);
        } else {
            question = null;
            if (sourceIdle) {
                announce(true);
            }
        }
    }

    private void scheduleAfter(long now) {
        getProcessingTimeService().registerTimer(now + ASKING_MILLIS, this::onTimer);
    }

    /** A source that is held up is not idle, even if no record comes from it. */
    private boolean isSilent(long now) {
        return (sourceIdle || !heard) && now - silentSince >= graceMillis;
    }

    private void watchSilence(long now) {
        if (watermark == NO_WATERMARK) {
            announce(true);
            return;
        }
        if (question != null && question.isDone()) {
            take(question, now);
            question = null;
        } else {
            announce(true);
        }
        if (question == null && isSilent(now)) {
            askedAt = now;
            question = backlog.isNone(nextOffsets);
        }
    }

    private void take(CompletableFuture<Boolean> answer, long now) {
        if (answer.isCompletedExceptionally()) {
            LOG.debug("Kafka does not tell what is left to read; time stands still.");
            announce(true);
            countFrom(now);
        } else if (!answer.join()) {
            announce(true);
        } else if (askedAt - silentSince >= graceMillis) {
            announce(false);
            advance(silentFrom + askedAt - silentSince - graceMillis);
        }
    }

    /** Lets a silence begin anew. */
    private void countFrom(long now) {
        silentFrom = watermark;
        silentSince = now;
    }

    private void announce(boolean wanted) {
        boolean idle = wanted && !holdup.holds();
        if (idle != announcedIdle) {
            announcedIdle = idle;
            output.emitWatermarkStatus(idle ? WatermarkStatus.IDLE : WatermarkStatus.ACTIVE);
        }
    }

    private void advance(long time) {
        if (time > watermark) {
            watermark = time;
            output.emitWatermark(new Watermark(time));
        }
    }
}
