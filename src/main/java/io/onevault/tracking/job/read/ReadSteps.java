package io.onevault.tracking.job.read;

import io.onevault.tracking.job.settings.InvalidSettingsException;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.step.Step;
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
