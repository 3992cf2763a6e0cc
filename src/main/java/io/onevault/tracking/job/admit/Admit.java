package io.onevault.tracking.job.admit;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.ErasedEvent;
import io.onevault.tracking.job.read.DecodedRecord;
import io.onevault.tracking.job.step.Metrics;
import io.onevault.tracking.job.step.SideOutputs;
import java.time.Duration;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamElement;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.clock.SystemClock;

/**
 * Lets events of registered tenants in, free of personal data and with their keys; rejects the
 * rest. Nothing that a client sent is stored before this step.
 *
 * <p>Records of unknown tenants wait a moment for a reading of the tenants that began after they
 * came, and time waits behind them; those of known tenants pass by. What waits is not redacted, so
 * it never becomes state: it is judged before a checkpoint, by what is known then.
 */
final class Admit extends AbstractStreamOperator<AdmittedEvent>
        implements OneInputStreamOperator<DecodedRecord, AdmittedEvent> {

    private static final long serialVersionUID = 1;

    /** How long a record waits at most. */
    static final long MOST_HELD_MILLIS = 5_000;

    /** How long events of all tenants may be held up for those that wait, before a checkpoint. */
    static final Duration BARRIER_WAIT = Duration.ofMillis(500);

    private static final long POLL_MILLIS = 20;

    /** For how long ids, addresses and agents may be in memory that nothing else holds. */
    static final Duration REMEMBERED = Duration.ofHours(1);

    // -- configuration
    private final TenantReader tenantReader;
    private final Duration refresh;
    private final Duration lateness;
    private final Duration barrierWait;
    private final LookUps lookUps;

    // -- runtime
    private transient TenantDirectory tenants;
    private transient ErasedEvents erased;
    private transient Admission admission;
    private transient PlacesFile placesFile;
    private transient HeldElements held;
    private transient boolean polling;
    private transient Judge judge;

    /**
     * @param refresh how often tenants are read again
     * @param lateness how late an event may be to still change its session
     * @param barrierWait how long a checkpoint waits for a reading of the tenants
     * @param lookUps what is looked up before it is cut
     */
    Admit(
            TenantReader tenantReader,
            Duration refresh,
            Duration lateness,
            Duration barrierWait,
            LookUps lookUps) {
        this.tenantReader = tenantReader;
        this.refresh = refresh;
        this.lateness = lateness;
        this.barrierWait = barrierWait;
        this.lookUps = lookUps;
    }

    @Override
    public void open() throws Exception {
        super.open();
        SaltMemory memory = new SaltMemory(getRuntimeContext().getGlobalAggregateManager());
        erased = new ErasedEvents();
        // One subtask tells of them.
        boolean tells = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0;
        tenants =
                new TenantDirectory(
                        tells ? tenantReader.telling(erased) : tenantReader,
                        memory,
                        refresh,
                        barrierWait,
                        SystemClock.getInstance());
        placesFile = lookUps.placesFile();
        placesFile.refresh();
        admission =
                new Admission(lateness, tenants::salt, placesFile::of, lookUps.agentSummaries());
        held = new HeldElements();
        var group = getMetricGroup();
        judge = new Judge(tenants, admission, output, group);
        group.gauge(Metrics.TENANTS_AGE_MILLIS, (Gauge<Long>) tenants::ageMillis);
        group.gauge(Metrics.HELD, (Gauge<Integer>) held::records);
        tenants.open();
        getProcessingTimeService().registerTimer(now(), time -> tellErased());
        forgetInTime();
    }

    @Override
    public void processElement(StreamRecord<DecodedRecord> element) throws Exception {
        DecodedRecord record = element.getValue();
        if (record.isTick()) {
            return;
        }
        releaseRipe();
        String tenantBk = record.tenantBk();
        if (tenantBk == null || tenants.knows(tenantBk)) {
            judge.decide(element, true);
            // A copy, as who sent the element may use it again.
        } else if (held.add(element.copy(record), tenants.ask(), now() + MOST_HELD_MILLIS)) {
            poll();
        } else {
            judge.decide(element, false);
        }
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        releaseRipe();
        if (held.isEmpty()) {
            super.processWatermark(mark);
        } else {
            held.addTime(mark);
        }
    }

    @Override
    public void processWatermarkStatus(WatermarkStatus status) throws Exception {
        releaseRipe();
        if (held.isEmpty()) {
            super.processWatermarkStatus(status);
        } else {
            held.addTime(status);
        }
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        releaseAll();
        placesFile.refresh();
        super.prepareSnapshotPreBarrier(checkpointId);
    }

    @Override
    public void finish() throws Exception {
        releaseAll();
        super.finish();
    }

    @Override
    public void close() throws Exception {
        if (tenants != null) {
            tenants.close();
        }
        super.close();
    }

    /**
     * What state may hold of an event that was erased is removed on the way that the event took.
     */
    private void tellErased() {
        for (ErasedEvent event : erased.take()) {
            output.collect(SideOutputs.ERASED, new StreamRecord<>(event));
        }
        getProcessingTimeService().registerTimer(now() + refresh.toMillis(), time -> tellErased());
    }

    private void forgetInTime() {
        getProcessingTimeService()
                .registerTimer(
                        now() + REMEMBERED.toMillis(),
                        time -> {
                            admission.forget();
                            placesFile.forget();
                            forgetInTime();
                        });
    }

    private void poll() {
        if (!polling) {
            polling = true;
            getProcessingTimeService()
                    .registerTimer(
                            now() + POLL_MILLIS,
                            time -> {
                                polling = false;
                                releaseRipe();
                                if (!held.isEmpty()) {
                                    poll();
                                }
                            });
        }
    }

    private void releaseRipe() throws Exception {
        HeldElements.Held first = held.first();
        while (first != null) {
            boolean answered = tenants.answered(first.reading());
            if (!answered && first.deadline() > now() && first.element().isRecord()) {
                return;
            }
            release(first.element(), answered);
            first = held.first();
        }
    }

    private void releaseAll() throws Exception {
        releaseRipe();
        if (!held.isEmpty()) {
            tenants.await(held.lastReading());
        }
        HeldElements.Held first = held.first();
        while (first != null) {
            release(first.element(), tenants.answered(first.reading()));
            first = held.first();
        }
    }

    private void release(StreamElement element, boolean answered) throws Exception {
        held.removeFirst();
        if (element.isRecord()) {
            judge.decide(element.asRecord(), answered);
        } else if (element.isWatermark()) {
            super.processWatermark(element.asWatermark());
        } else {
            super.processWatermarkStatus(element.asWatermarkStatus());
        }
    }

    private long now() {
        return getProcessingTimeService().getCurrentProcessingTime();
    }
}
