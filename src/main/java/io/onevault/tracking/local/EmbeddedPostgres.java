package io.onevault.tracking.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A real PostgreSQL server on 127.0.0.1 with one database. A folder that holds a former run's data
 * is continued, even where that run was killed.
 */
public final class EmbeddedPostgres implements AutoCloseable {

    public static final String DATABASE = "one_vault";
    static final String USER = "postgres";

    private static final int LOG_EXCERPT_CHARS = 500;
    private static final Duration STARTUP_WAIT = Duration.ofSeconds(60);
    private static final Duration STOP_WAIT = Duration.ofSeconds(60);

    private final io.zonky.test.db.postgres.embedded.EmbeddedPostgres server;
    private final Path folder;
    private final int port;

    private EmbeddedPostgres(
            io.zonky.test.db.postgres.embedded.EmbeddedPostgres server, Path folder, int port) {
        this.server = server;
        this.folder = folder;
        this.port = port;
    }

    /**
     * Starts the server and waits until it takes connections.
     *
     * @param binaries where the server's programs are unpacked, once
     */
    public static EmbeddedPostgres start(Path folder, Path binaries, int port)
            throws IOException, SQLException {
        return start(folder, binaries, port, Map.of());
    }

    /**
     * Starts a server that differs from the usual one.
     *
     * @param more settings that beat the usual ones
     */
    public static EmbeddedPostgres start(
            Path folder, Path binaries, int port, Map<String, String> more)
            throws IOException, SQLException {
        RootNamespace.check();
        stopOrphan(folder);
        Files.createDirectories(binaries);
        Files.createDirectories(folder);
        EmbeddedPostgres postgres =
                new EmbeddedPostgres(
                        startServer(folder, builder(folder, binaries, port), more), folder, port);
        postgres.createDatabase(DATABASE);
        return postgres;
    }

    private static io.zonky.test.db.postgres.embedded.EmbeddedPostgres startServer(
            Path folder,
            io.zonky.test.db.postgres.embedded.EmbeddedPostgres.Builder builder,
            Map<String, String> more)
            throws IOException {
        more.forEach(builder::setServerConfig);
        try {
            return builder.start();
        } catch (IOException | IllegalStateException e) {
            String log = Files.readString(log(folder)).strip();
            String last = log.substring(Math.max(0, log.length() - LOG_EXCERPT_CHARS));
            throw new IOException("PostgreSQL does not start; its last words: " + last, e);
        }
    }

    private static Path log(Path folder) {
        return folder.resolveSibling("postgres.log");
    }

    private static io.zonky.test.db.postgres.embedded.EmbeddedPostgres.Builder builder(
            Path folder, Path binaries, int port) {
        return io.zonky.test.db.postgres.embedded.EmbeddedPostgres.builder()
                .setPort(port)
                .setDataDirectory(folder)
                .setCleanDataDirectory(false)
                .setOverrideWorkingDirectory(binaries.toFile())
                .setRegisterShutdownHook(false)
                .setPGStartupWait(STARTUP_WAIT)
                // One collation everywhere, whatever the machine's language.
                .setLocaleConfig("locale", "C")
                .setLocaleConfig("locale-provider", "builtin")
                .setLocaleConfig("builtin-locale", "C.UTF-8")
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("unix_socket_directories", "")
                // The wrapper turns both off for tests; committed offsets must not outlive rows.
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("shared_buffers", "256MB")
                .setServerConfig("max_wal_size", "8GB")
                .setServerConfig("wal_compression", "on")
                .setServerConfig("checkpoint_timeout", "15min")
                .setServerConfig("max_connections", "100")
                .setErrorRedirector(ProcessBuilder.Redirect.appendTo(log(folder).toFile()))
                .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log(folder).toFile()));
    }

    /** Ends the server that a killed run left behind; our lock says that nobody else uses it. */
    private static void stopOrphan(Path folder) throws IOException {
        Path pidFile = folder.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return;
        }
        List<String> lines = Files.readAllLines(pidFile);
        Optional<ProcessHandle> process =
                ProcessHandle.of(Long.parseLong(lines.get(0).trim()))
                        .filter(EmbeddedPostgres::isServer);
        if (process.isPresent()) {
            await(process.get());
        }
        Files.deleteIfExists(pidFile);
    }

    private static boolean isServer(ProcessHandle process) {
        return process.info().command().orElse("").endsWith("postgres");
    }

    private static void await(ProcessHandle process) throws IOException {
        process.destroy();
        try {
            process.onExit().get(STOP_WAIT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new IOException("PostgreSQL of a former run does not stop, pid " + process, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted", e);
        }
    }

    /** Creates a database unless it is there. */
    public void createDatabase(String name) throws SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet found =
                        statement.executeQuery(
                                "SELECT FROM pg_database WHERE datname = '" + name + "'")) {
            if (!found.next()) {
                statement.execute("CREATE DATABASE " + name);
            }
        }
    }

    public String jdbcUrl() {
        return jdbcUrl(port);
    }

    public static String jdbcUrl(int port) {
        return jdbcUrl(port, DATABASE);
    }

    public String jdbcUrl(String database) {
        return jdbcUrl(port, database);
    }

    private static String jdbcUrl(int port, String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    String psqlCommand() {
        return "psql -h 127.0.0.1 -p " + port + " -U " + USER + " " + DATABASE;
    }

    public Connection connect() throws SQLException {
        return connect(DATABASE);
    }

    public Connection connect(String database) throws SQLException {
        // Not through DriverManager, which misses drivers of Maven's class loaders.
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(jdbcUrl(port, database));
        return source.getConnection(USER, USER);
    }

    /** Stops the server; everything committed is on disk when this returns. */
    @Override
    public void close() throws IOException {
        checkpoint();
        Optional<ProcessHandle> process = process();
        server.close();
        if (process.isPresent()) {
            await(process.get());
        }
    }

    /** The wrapper waits 5 s for the stop; a checkpoint before makes the stop a short one. */
    private void checkpoint() {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CHECKPOINT");
        } catch (SQLException stoppedAlready) {
            // Stopping does what is needed, only slower.
        }
    }

    private Optional<ProcessHandle> process() throws IOException {
        Path pidFile = folder.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return Optional.empty();
        }
        long pid = Long.parseLong(Files.readAllLines(pidFile).get(0).trim());
        return ProcessHandle.of(pid);
    }
}
