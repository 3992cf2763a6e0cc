package io.onevault.tracking.job;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.job.admit.AdmitSteps;
import io.onevault.tracking.job.admit.History;
import io.onevault.tracking.job.admit.ReplaySteps;
import io.onevault.tracking.job.admit.ReplaySteps.RawDays;
import io.onevault.tracking.job.admit.StoredEvent;
import io.onevault.tracking.job.description.DescriptionSteps;
import io.onevault.tracking.job.load.LoadSteps;
import io.onevault.tracking.job.load.Loaders;
import io.onevault.tracking.job.session.SessionSteps;
import io.onevault.tracking.job.settings.JobSettings;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * The job over history instead of Kafka, in Flink's batch mode: stored events, admitted again, go
 * through the streaming job's own steps from {@code enrich} on. Neither rejected events nor the
 * ledger are made again: they tell what arrived.
 */
public final class ReplayJob {

    private ReplayJob() {}

    /**
     * Draws the job on the environment without starting it.
     *
     * @param second where a second run of the job is to go on from; null where none will
     */
    public static void define(
            StreamExecutionEnvironment env,
            JobSettings settings,
            History history,
            @Nullable RawDays days,
            @Nullable SecondStart second)
            throws IOException {
        Loaders loaders = Loaders.ofHistory(settings);
        var stored = read(env, settings, history, days);
        var admitted = new ReplaySteps(settings).readmit(stored, history);
        var enriched = new AdmitSteps(settings).enrich(admitted);
        var loaded = new LoadSteps(settings).load(enriched, loaders.events());

        new DescriptionSteps(settings)
                .descriptions(inOrderOfArrival(loaded), loaders.descriptions());
        SessionSteps sessions = new SessionSteps(settings);
        var events = sessions.events(loaded);
        sessions.sessions(events, loaders.sessions());
        if (second != null) {
            second.draw(env, sessions, events);
        }
    }

    /** The stored events alone, each once. */
    public static DataStream<StoredEvent> read(
            StreamExecutionEnvironment env,
            JobSettings settings,
            History history,
            @Nullable RawDays days)
            throws IOException {
        StrictEnvironment.forHistory(env);
        env.setRuntimeMode(RuntimeExecutionMode.BATCH);
        return new ReplaySteps(settings).read(env, history, days);
    }

    /**
     * What is new of a visitor, a page or an item depends on the order of arrival, and batch mode
     * orders the elements of a key by their timestamps: of these one stands for a microsecond.
     */
    private static DataStream<EnrichedEvent> inOrderOfArrival(DataStream<EnrichedEvent> loaded) {
        String id = "order-of-arrival";
        return loaded.map(new CountLoaded())
                .name("count-history")
                .uid("count-history")
                .assignTimestampsAndWatermarks(
                        WatermarkStrategy.<EnrichedEvent>noWatermarks()
                                .withTimestampAssigner((event, before) -> arrival(event)))
                .name(id)
                .uid(id);
    }

    private static long arrival(EnrichedEvent event) {
        Instant loadDate = event.admitted().position().loadDate();
        return ChronoUnit.MICROS.between(Instant.EPOCH, loadDate);
    }

    /** Tells whoever waits for the job how many events are loaded. */
    private static final class CountLoaded extends RichMapFunction<EnrichedEvent, EnrichedEvent> {

        private static final long serialVersionUID = 1;

        private transient LongCounter loaded;

        @Override
        public void open(OpenContext context) {
            loaded = getRuntimeContext().getLongCounter(ReplaySteps.EVENTS_LOADED);
        }

        @Override
        public EnrichedEvent map(EnrichedEvent event) {
            loaded.add(1);
            return event;
        }
    }
}
