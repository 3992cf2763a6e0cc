package io.onevault.tracking.job.read;

import io.onevault.tracking.job.settings.InvalidSettingsException;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.step.Step;
import io.onevault.tracking.state.KeptTime;
import java.time.Duration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The steps that read records from Kafka and keep event time. */
public record ReadSteps(JobSettings settings) {

    /**
     * Asks Kafka before the start who stamps the records of the topic.
     *
     * @throws InvalidSettingsException where producers do and the settings do not say that it is
     *     meant
     */
    public void checkTimestamps() throws InterruptedException {
        TopicTimestamps.check(settings);
    }

    /** Name of the state in which the watermark is kept. */
    public static final String KEPT_TIME = "time";

    /**
     * The watermark that steps behind had, which lets them neither go back nor run ahead: the least
     * of the subtasks whose input was flowing, or else the greatest one of all.
     */
    public static long keptWatermark(Iterable<KeptTime> kept) {
        long flowing = Long.MAX_VALUE;
        long greatest = Long.MIN_VALUE;
        for (KeptTime subtask : kept) {
            greatest = Math.max(greatest, subtask.watermark());
            if (!subtask.silent()) {
                flowing = Math.min(flowing, subtask.watermark());
            }
        }
        return Math.min(flowing, greatest);
    }

    public DataStream<DecodedRecord> read(StreamExecutionEnvironment env) {
        Duration grace = settings.get(JobOptions.IDLE_GRACE);
        var records =
                Step.TRACKER_EVENTS.of(
                        env.fromSource(
                                KafkaEndpoints.trackerEvents(settings),
                                TrackerWatermarks.strategy(
                                        settings.get(JobOptions.OUT_OF_ORDERNESS), grace),
                                Step.TRACKER_EVENTS.id()));
        return Step.KEEP_TIME.transform(
                records, records.getType(), new KeepTime(KafkaEndpoints.backlog(settings), grace));
    }
}
