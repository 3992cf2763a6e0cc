package io.onevault.tracking.job.admit;

import io.onevault.tracking.state.ArchivedEvent;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.state.api.functions.KeyedStateReaderFunction;
import org.apache.flink.util.Collector;

/** Reads the events that {@link Archive} kept; expired ones, too, as long as they are there. */
final class ReadArchive extends KeyedStateReaderFunction<String, StoredEvent> {

    private static final long serialVersionUID = 1;

    /** Longer than anything is kept: a shorter one would have RocksDB drop events while reading. */
    private static final Duration EVER = Duration.ofDays(36_500);

    // -- configuration
    private final History history;

    // -- runtime
    private transient ValueState<ArchivedEvent> archived;

    ReadArchive(History history) {
        this.history = history;
    }

    @Override
    public void open(OpenContext context) {
        var descriptor = Archive.descriptor();
        descriptor.enableTimeToLive(
                StateTtlConfig.newBuilder(EVER)
                        .setStateVisibility(
                                StateTtlConfig.StateVisibility.ReturnExpiredIfNotCleanedUp)
                        .build());
        archived = getRuntimeContext().getState(descriptor);
    }

    @Override
    public void readKey(String key, Context context, Collector<StoredEvent> out) throws Exception {
        ArchivedEvent event = archived.value();
        if (event != null) {
            StoredEvent stored = StoredEvent.archived(key, event);
            if (history.isOf(stored.tenantHk())) {
                out.collect(stored);
            }
        }
    }
}
