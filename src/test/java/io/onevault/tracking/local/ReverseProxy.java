package io.onevault.tracking.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A proxy by the example in docs/proxy, whose addresses are replaced by those of this machine. */
final class ReverseProxy implements AutoCloseable {

    private static final Path EXAMPLES = Path.of("docs/proxy");

    /** Programs that there is an example for. */
    enum Program {
        NGINX("/usr/sbin/nginx"),
        CADDY("/usr/bin/caddy");

        private final Path path;

        Program(String path) {
            this.path = Path.of(path);
        }

        boolean isThere() {
            return Files.isExecutable(path);
        }
    }

    private final int port;
    private final ChildProcess process;

    private ReverseProxy(int port, ChildProcess process) {
        this.port = port;
        this.process = process;
    }

    static ReverseProxy start(Program program, Path folder, int collector) throws Exception {
        Files.createDirectories(folder);
        int port = freePort();
        ReverseProxy proxy =
                new ReverseProxy(
                        port,
                        ChildProcess.start(
                                folder.resolve("log"),
                                Map.of(
                                        "XDG_DATA_HOME",
                                        folder.toString(),
                                        "XDG_CONFIG_HOME",
                                        folder.toString()),
                                command(program, folder, port, collector)));
        JobRuns.await(() -> proxy.listens() || !proxy.process.isAlive(), proxy.process::lastWords);
        return proxy;
    }

    private static List<String> command(Program program, Path folder, int port, int collector)
            throws IOException {
        return switch (program) {
            case NGINX -> nginx(program.path, folder, port, collector);
            case CADDY -> caddy(program.path, folder, port, collector);
        };
    }

    private static List<String> nginx(Path program, Path folder, int port, int collector)
            throws IOException {
        String site =
                Files.readString(EXAMPLES.resolve("nginx.conf"))
                        .replace("listen 80;", "listen 127.0.0.1:" + port + ";")
                        .replace("127.0.0.1:8080", "127.0.0.1:" + collector)
                        .replace("/var/log/nginx", folder.toString())
                        .replace("timeout 20s", "timeout 2s");
        Path file = folder.resolve("nginx.conf");
        Files.writeString(
                file,
                """
                daemon off;
                master_process off;
                pid $folder/pid;
                error_log stderr;
                events {}
                http {
                    access_log $folder/access.log;
                    error_log $folder/http.log;
                    client_body_temp_path $folder/body;
                    proxy_temp_path $folder/proxy;
                    fastcgi_temp_path $folder/fastcgi;
                    uwsgi_temp_path $folder/uwsgi;
                    scgi_temp_path $folder/scgi;
                    $site
                }
                """
                        .replace("$site", site)
                        .replace("$folder", folder.toString()));
        return List.of(
                program.toString(), "-e", "stderr", "-p", folder.toString(), "-c", file.toString());
    }

    private static List<String> caddy(Path program, Path folder, int port, int collector)
            throws IOException {
        String sites =
                Files.readString(EXAMPLES.resolve("Caddyfile"))
                        .replaceAll("(?m)^(\\w+\\.example\\.com)", "http://$1:" + port)
                        .replaceFirst("(?m)^\\{$", "{\n\tadmin off\n\tauto_https off")
                        .replace("127.0.0.1:8080", "127.0.0.1:" + collector)
                        .replace("read_header 20s", "read_header 2s");
        Path file = folder.resolve("Caddyfile");
        Files.writeString(file, sites);
        return List.of(
                program.toString(), "run", "--config", file.toString(), "--adapter", "caddyfile");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean listens() {
        try (var socket = new java.net.Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    int port() {
        return port;
    }

    String lastWords() throws IOException {
        return process.lastWords();
    }

    @Override
    public void close() {
        process.close();
    }
}
