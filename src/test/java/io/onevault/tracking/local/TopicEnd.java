package io.onevault.tracking.local;

import io.onevault.tracking.contract.HeaderProof;
import io.onevault.tracking.migrate.TestDatabase;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/** Brings a job to the end of its topic, with every session closed. */
final class TopicEnd {

    /** Whether the job is still well; throws when it is not. */
    @FunctionalInterface
    interface Watch {
        void check() throws Exception;
    }

    private static final Duration AFTER_LAST_SESSION = Duration.ofMinutes(31);

    private final String bootstrapServers;
    private final JobRuns.Input input;
    private final String group;
    private final String secret;

    TopicEnd(String bootstrapServers, JobRuns.Input input, String group) {
        this(bootstrapServers, input, group, JobRuns.SECRET);
    }

    /**
     * @param secret under which the job believes ticks
     */
    TopicEnd(String bootstrapServers, JobRuns.Input input, String group, String secret) {
        this.secret = secret;
        this.bootstrapServers = bootstrapServers;
        this.input = input;
        this.group = group;
    }

    /** Waits for everything that the topic holds now, closes every session and waits for that. */
    void drain(TestDatabase database, Watch watch) throws Exception {
        await(watch);
        tick(lastEvent(database) + AFTER_LAST_SESSION.toMillis());
        await(watch);
        JobRuns.await(
                () -> {
                    watch.check();
                    return database.texts(Draining.UNPUBLISHED).contains("f");
                },
                () ->
                        database.number("SELECT count(*) FROM business.event_session_l")
                                + " links of events to sessions to be enough");
    }

    /** Waits for what the topic holds now; ticks without effect have the source commit it. */
    void await(Watch watch) throws Exception {
        Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
        try (Offsets offsets = new Offsets(admin, group, input.topic(), input.partitions())) {
            var ends = offsets.ends();
            JobRuns.await(
                    () -> {
                        watch.check();
                        boolean reached = offsets.lag(ends) == 0;
                        if (!reached) {
                            tick(0);
                        }
                        return reached;
                    },
                    () -> "records by partition " + offsets.lags(ends));
        }
    }

    private static long lastEvent(TestDatabase database) throws Exception {
        return database.number(
                "SELECT coalesce(extract(epoch FROM max(event_timestamp)) * 1000, 0)::bigint"
                        + " FROM business.site_event_h");
    }

    /** Tells that no event before the given instant is missing. */
    private void tick(long epochMillis) throws IOException {
        try (TrackerProducer producer =
                new TrackerProducer(bootstrapServers, input.topic(), HeaderProof.under(secret))) {
            producer.tick(epochMillis);
        }
    }
}
