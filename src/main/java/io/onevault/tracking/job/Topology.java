package io.onevault.tracking.job;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.job.admit.AdmitSteps;
import io.onevault.tracking.job.description.DescriptionSteps;
import io.onevault.tracking.job.ledger.LedgerSteps;
import io.onevault.tracking.job.load.LoadSteps;
import io.onevault.tracking.job.load.Loaders;
import io.onevault.tracking.job.read.ReadSteps;
import io.onevault.tracking.job.rejected.RejectedSteps;
import io.onevault.tracking.job.session.SessionSteps;
import io.onevault.tracking.job.settings.JobSettings;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The data flow in reading order: a line for each line of the picture in docs/pipeline.md. */
final class Topology {

    private Topology() {}

    /** Returns the accepted events. */
    static DataStream<EnrichedEvent> draw(
            StreamExecutionEnvironment env, Loaders loaders, JobSettings settings) {
        var records = new ReadSteps(settings).read(env);
        var admitted = new AdmitSteps(settings).admit(records);
        var archived = new AdmitSteps(settings).archive(admitted);
        var enriched = new AdmitSteps(settings).enrich(archived);
        var loaded = new LoadSteps(settings).load(enriched, loaders.events());

        new DescriptionSteps(settings).descriptions(loaded, loaders.descriptions());
        var late = new SessionSteps(settings).sessions(loaded, loaders.sessions());
        new RejectedSteps(settings).rejected(admitted, loaded, loaders.rejected());
        new LedgerSteps(settings).ledger(admitted, archived, loaded, late, loaders.ledger());
        return loaded;
    }
}
