package io.onevault.tracking.job.rejected;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.job.load.LoadSteps;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.job.step.Step;
import io.onevault.tracking.vault.Layers;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** The steps that keep what was rejected, by the contract, by tenant, or by the database. */
public record RejectedSteps(JobSettings settings) {

    public void rejected(
            SingleOutputStreamOperator<AdmittedEvent> admitted,
            SingleOutputStreamOperator<EnrichedEvent> loaded,
            Sink<List<RejectedEvent>> loader) {
        var rejected =
                admitted.getSideOutput(SideOutputs.REJECTED)
                        .union(loaded.getSideOutput(SideOutputs.REJECTED));
        Step.PUBLISH_REJECTED.of(rejected.sinkTo(topic()));
        var ofTenants =
                Step.SELECT_REJECTED_OF_TENANTS.of(
                        rejected.filter(event -> event.tenantHk() != null));
        new LoadSteps(settings).load(ofTenants, RejectedEvent.class, Step.LOAD_REJECTED, loader);
    }

    /** What the live job publishes the shadow's need not. */
    private Sink<RejectedEvent> topic() {
        return settings.get(JobOptions.DATABASE_LAYERS) == Layers.SHADOW
                ? new DiscardingSink<>()
                : new RejectedSink(settings.kafka(), settings.get(JobOptions.KAFKA_REJECTED_TOPIC));
    }
}
