package io.onevault.tracking.job.description;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.vault.Description;
import io.onevault.tracking.vault.Descriptions;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.util.Collector;

/** Takes from an event what it says of visitor, page and items. */
final class FindDescriptions implements FlatMapFunction<EnrichedEvent, Description> {

    private static final long serialVersionUID = 1;

    @Override
    public void flatMap(EnrichedEvent event, Collector<Description> out) {
        Descriptions.of(event).forEach(out::collect);
    }
}
