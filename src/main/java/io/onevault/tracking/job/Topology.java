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

/** The data flow, in reading order, as docs/pipeline.md draws it: a line a package. */
final class Topology {

    private Topology() {}

    /** Returns the accepted events. */
    static DataStream<EnrichedEvent> draw(
            StreamExecutionEnvironment env, Loaders loaders, JobSettings settings) {
        var admit = new AdmitSteps(settings);

        var records = new ReadSteps(settings).draw(env);
        var admitted = admit.admit(records);
        var archived = admit.archive(admitted);
        var enriched = admit.enrich(archived);
        var loaded = new LoadSteps(settings).loadEvents(enriched, loaders.events());

        new DescriptionSteps(settings).draw(loaded, loaders.descriptions());
        var late = new SessionSteps(settings).draw(loaded, loaders.sessions());
        new RejectedSteps(settings).draw(admitted, loaded, loaders.rejected());
        new LedgerSteps(settings).draw(admitted, archived, loaded, late, loaders.ledger());
        return loaded;
    }
}
