package io.onevault.tracking.bench;

import io.onevault.tracking.bench.gauge.DatabaseCounters;
import io.onevault.tracking.bench.gauge.Moment;
import io.onevault.tracking.generator.EventGenerator;
import io.onevault.tracking.local.Console;
import io.onevault.tracking.local.EmbeddedKafka;
import io.onevault.tracking.local.EmbeddedPostgres;
import io.onevault.tracking.local.FlinkCluster;
import io.onevault.tracking.local.StackSettings;
import io.onevault.tracking.local.TenantRegistry;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

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

    /** Drops a database and ends whatever uses it. */
    void drop(String database) throws SQLException {
        try (Connection connection = postgres.connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("DROP DATABASE " + database + " WITH (FORCE)");
        }
    }

    Moment moment(DatabaseCounters database) throws Exception {
        return Moment.read(postmaster, database);
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
