package io.onevault.tracking.job.description;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.job.load.LoadSteps;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.step.Step;
import io.onevault.tracking.vault.Description;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.datastream.DataStream;

/** The steps that find what is new of visitors, pages and items. */
public record DescriptionSteps(JobSettings settings) {

    public void descriptions(DataStream<EnrichedEvent> loaded, Sink<List<Description>> loader) {
        var found = Step.FIND_DESCRIPTIONS.of(loaded.flatMap(new FindDescriptions()));
        var news =
                Step.TRACK_DESCRIPTIONS.of(
                        found.keyBy(Description::key)
                                .process(
                                        new TrackDescriptions(
                                                settings.get(JobOptions.ARCHIVE_TTL))));
        new LoadSteps(settings).load(news, Description.class, Step.LOAD_DESCRIPTIONS, loader);
    }
}
