package io.onevault.tracking.local;

import io.onevault.tracking.tool.EventGenerator;
import java.nio.file.Path;
import java.sql.SQLException;

/**
 * What one run of the benchmark stands on.
 *
 * @param flinkPort of the web UI of the one cluster that is up at a time
 * @param postmaster process id of the database server
 */
record BenchStage(
        BenchOptions options,
        StackSettings settings,
        EmbeddedKafka kafka,
        EmbeddedPostgres postgres,
        Console console,
        Path folder,
        int flinkPort,
        long postmaster) {

    /** A cluster of its own for each job, which so starts without the state of another. */
    FlinkCluster startFlink(String name) throws Exception {
        return FlinkCluster.start(folder.resolve(name), flinkPort, settings.flink());
    }

    BenchMoment moment(BenchDatabase database) throws Exception {
        return BenchMoment.read(postmaster, database);
    }

    /** Registers the tenants of the generated events in a migrated database. */
    void registerTenants(String database) throws SQLException {
        try (TenantRegistry registry = new TenantRegistry(postgres.connect(database))) {
            for (int tenant = 0; tenant < options.tenants; tenant++) {
                registry.register(EventGenerator.tenant(tenant));
            }
        }
    }

    void say(String text) {
        console.progress().say(text);
    }
}
