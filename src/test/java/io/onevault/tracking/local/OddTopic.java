package io.onevault.tracking.local;

import io.onevault.tracking.migrate.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The real job on a topic as other programs leave it; a run that fails once has failed for good.
 */
final class OddTopic implements AutoCloseable {

    static final String RECEIVED =
            "SELECT coalesce(sum(event_count), 0) FROM raw.site_tracking_ledger_r"
                    + " WHERE outcome = 'RECEIVED'";

    private static final Map<String, String> SHORT_GRACE =
            Map.of("watermark.idle-grace", "1 s", "watermark.out-of-orderness", "1 s");
    private static final Map<String, String> NO_RESTART = Map.of("restart-strategy.type", "none");
    private static final int GAP_MILLIS = 2_000;

    private final Path folder;
    private final TestDatabase database;
    private final JobRuns runs;
    private final JobRuns.Input input;

    OddTopic(Path folder, TestDatabase database, int partitions, Map<String, String> settings)
            throws Exception {
        this.folder = folder;
        this.database = database;
        this.runs = new JobRuns(folder);
        this.input = new JobRuns.Input("odd", partitions, 2);
        NewTopic topic = new NewTopic(input.topic(), partitions, (short) 1).configs(settings);
        try (Admin admin = admin()) {
            admin.createTopics(List.of(topic)).all().get();
        }
    }

    String name() {
        return input.topic();
    }

    String bootstrapServers() {
        return runs.bootstrapServers();
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", runs.bootstrapServers()));
    }

    /** Registers a tenant whose sessions end after two seconds. */
    void register(String tenant) throws Exception {
        VaultRows.register(database, tenant);
        database.execute(
                """
                INSERT INTO auth.tenant_site_tracking_s
                       (tenant_hk, load_date, session_gap_ms, hash_diff, record_source)
                VALUES (util.hash_binary('%s'), now(), %d, util.hash_binary('-'), 'test')"""
                        .formatted(tenant, GAP_MILLIS));
    }

    KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", runs.bootstrapServers());
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    Map<String, String> settings(String group) {
        Map<String, String> settings = new HashMap<>(runs.settings(group, database));
        settings.putAll(SHORT_GRACE);
        return settings;
    }

    void run(String group, JobRuns.While meanwhile) throws Exception {
        JobRuns.run(folder.resolve(group), input, settings(group), NO_RESTART, meanwhile);
    }

    void await(RunningJob job, String query, long wanted) throws Exception {
        JobRuns.await(
                () -> {
                    job.requireAlive();
                    return database.number(query) == wanted;
                });
    }

    void awaitClosed(RunningJob job, String tenant, long sessions) throws Exception {
        await(
                job,
                """
                SELECT count(*) FROM business.site_session_details_current_v
                 WHERE tenant_hk = util.hash_binary('%s') AND session_status = 'CLOSED'"""
                        .formatted(tenant),
                sessions);
    }

    void awaitNoLag(RunningJob job, String group) throws Exception {
        try (Offsets offsets = new Offsets(admin(), group, input.topic(), input.partitions())) {
            JobRuns.await(
                    () -> {
                        job.requireAlive();
                        return offsets.lag() == 0;
                    });
        }
    }

    @Override
    public void close() throws IOException {
        runs.close();
    }
}
