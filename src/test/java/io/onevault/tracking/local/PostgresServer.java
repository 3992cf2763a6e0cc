package io.onevault.tracking.local;

import io.onevault.tracking.migrate.Migration;
import io.onevault.tracking.migrate.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A real PostgreSQL server that can be stopped at once and started again, with its vaults. */
final class PostgresServer implements AutoCloseable {

    private static final Path BINARIES = Path.of("target", "postgres-binaries").toAbsolutePath();

    private final Path folder;
    private final int port;
    private final EmbeddedPostgres server;
    private int vaults;

    PostgresServer(Path folder) throws Exception {
        this.folder = Files.createDirectories(folder);
        this.port = StandaloneCluster.freePort();
        server = EmbeddedPostgres.start(data(), BINARIES, port);
        try (Connection connection = server.connect()) {
            Migration.apply(connection, applied -> {});
        }
    }

    int port() {
        return port;
    }

    private Path data() {
        return folder.resolve("data");
    }

    /** Starts the server again, with the options of before, which it keeps in its folder. */
    void start() throws Exception {
        List<String> command = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            // PostgreSQL refuses to run as root.
            command.addAll(List.of("unshare", "-U"));
        }
        command.addAll(List.of(program().resolveSibling("pg_ctl").toString(), "restart"));
        command.addAll(List.of("--pgdata", data().toString(), "--wait", "--timeout", "600"));
        command.addAll(List.of("--log", folder.resolve("postgres.log").toString()));
        ChildProcess.start(folder.resolve("start.log"), Map.of(), command).await(600);
    }

    private Path program() throws IOException {
        String options = Files.readString(data().resolve("postmaster.opts"));
        return Path.of(options.substring(0, options.indexOf(' ')));
    }

    /** A new vault in which the tenants are registered. */
    TestDatabase vault(String... tenants) throws Exception {
        vaults++;
        String name = "vault_" + vaults;
        database("postgres")
                .execute("CREATE DATABASE " + name + " TEMPLATE " + EmbeddedPostgres.DATABASE);
        TestDatabase vault = database(name);
        VaultRows.register(vault, tenants);
        return vault;
    }

    TestDatabase database(String name) {
        return new TestDatabase(
                "jdbc:postgresql://127.0.0.1:" + port + "/" + name + "?user=postgres");
    }

    /** Stops the server without letting it finish anything. */
    void stopImmediately() throws Exception {
        long pid = pid();
        signal("-QUIT", pid);
        JobRuns.await(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }

    /** Kill -9 of one of the job's connections, at which the server ends all others. */
    void killBackend() throws Exception {
        List<String> backends =
                database("postgres")
                        .texts(
                                "SELECT pid::text FROM pg_stat_activity"
                                        + " WHERE application_name LIKE 'site-tracking%'");
        if (!backends.isEmpty()) {
            signal("-KILL", Long.parseLong(backends.get(0)));
        }
    }

    private long pid() throws IOException {
        Path file = data().resolve("postmaster.pid");
        return Long.parseLong(Files.readAllLines(file).get(0).trim());
    }

    private void signal(String signal, long pid) throws Exception {
        List<String> kill = List.of("kill", signal, Long.toString(pid));
        ChildProcess.start(folder.resolve("kill.log"), Map.of(), kill).await(10);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
