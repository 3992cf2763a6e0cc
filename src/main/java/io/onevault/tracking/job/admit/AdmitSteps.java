package io.onevault.tracking.job.admit;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.job.read.DecodedRecord;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.job.step.Step;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** The steps of an event before it is loaded. */
public record AdmitSteps(JobSettings settings) {

    public SingleOutputStreamOperator<AdmittedEvent> admit(DataStream<DecodedRecord> records) {
        return Step.ADMIT.transform(
                records,
                TypeInformation.of(AdmittedEvent.class),
                new Admit(
                        new JdbcTenantReader(settings),
                        settings.get(JobOptions.TENANT_REFRESH),
                        settings.get(JobOptions.SESSION_LATENESS),
                        Admit.BARRIER_WAIT,
                        new LookUps(
                                settings.get(JobOptions.GEO_DATABASE),
                                settings.get(JobOptions.USER_AGENT_CACHE))));
    }

    public SingleOutputStreamOperator<AdmittedEvent> archive(
            SingleOutputStreamOperator<AdmittedEvent> admitted) {
        var erased = admitted.getSideOutput(SideOutputs.ERASED).keyBy(event -> Archive.key(event));
        return Step.ARCHIVE.of(
                admitted.keyBy(event -> Archive.key(event))
                        .connect(erased)
                        .process(new Archive(settings.get(JobOptions.ARCHIVE_TTL))));
    }

    public SingleOutputStreamOperator<EnrichedEvent> enrich(DataStream<AdmittedEvent> archived) {
        return Step.ENRICH.of(archived.map(new Enrich(settings.get(JobOptions.USER_AGENT_CACHE))));
    }
}
