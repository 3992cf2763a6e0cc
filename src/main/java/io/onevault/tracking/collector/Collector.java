package io.onevault.tracking.collector;

import io.onevault.tracking.program.Endpoints;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.program.ProgramException;
import io.onevault.tracking.program.UsageException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Command line: runs the collector until it is stopped. */
@Command(
        name = "Collector",
        description = {
            "Takes events by HTTP to Kafka, answers questions by the api's functions, and serves"
                    + " the tracker and the dashboard, until it is stopped.",
            "",
            "The environment's SITE_TRACKING_DATABASE_URL, SITE_TRACKING_KAFKA_BOOTSTRAP_SERVERS,"
                    + " SITE_TRACKING_KAFKA_TOPIC and SITE_TRACKING_KAFKA_PROPERTY_<NAME> beat the"
                    + " file and are beaten by options.",
            ""
        })
public final class Collector implements Callable<Integer> {

    private static final int HIGHEST_PORT = 65_535;

    /** The user is a member of site_tracking_collector. */
    @Mixin private Endpoints endpoints = new Endpoints();

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            description = "Address to listen on. Default: ${DEFAULT-VALUE}.")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Port to listen on, 0 for any free one. Default: ${DEFAULT-VALUE}.")
    private int port = 8080;

    @Option(
            names = "--proxies",
            split = ",",
            paramLabel = "NETWORK",
            description =
                    "Proxies that are believed when they say whose request it is, such as"
                            + " 10.0.0.0/8.")
    private List<String> proxies = List.of();

    @Option(
            names = "--client-header",
            paramLabel = "NAME",
            description =
                    "The only header in which these proxies say so, such as Forwarded. Without it"
                            + " the first of X-Forwarded-For, Forwarded and CF-Connecting-IP that"
                            + " is there.")
    private @Nullable String clientHeader;

    @Option(
            names = "--events-path",
            paramLabel = "PATH",
            description = "Where pages send events. Default: ${DEFAULT-VALUE}.")
    private String eventsPath = CollectorSettings.Paths.USUAL.events();

    @Option(
            names = "--script-path",
            paramLabel = "PATH",
            description = "Where pages find the tracker. Default: ${DEFAULT-VALUE}.")
    private String scriptPath = CollectorSettings.Paths.USUAL.script();

    @Option(
            names = "--pinned-path",
            paramLabel = "PATH",
            description =
                    "Below it pages find builds of the tracker that they pin by a hash. Ends in a"
                            + " slash. Default: ${DEFAULT-VALUE}.")
    private String pinnedPath = CollectorSettings.Paths.USUAL.pinned();

    @Option(
            names = "--pixel-path",
            paramLabel = "PATH",
            description = "Where pages find the pixel. Default: ${DEFAULT-VALUE}.")
    private String pixelPath = CollectorSettings.Paths.USUAL.pixel();

    public static void main(String[] args) {
        Program.main(new Collector(), args);
    }

    @Override
    public Integer call() throws Exception {
        UsageException.requireRange("--port", port, 0, HIGHEST_PORT);
        if (clientHeader != null && (clientHeader.isBlank() || proxies.isEmpty())) {
            throw new UsageException("--client-header needs a name, and --proxies");
        }
        if (!pinnedPath.matches("/.+/")) {
            throw new UsageException("--pinned-path must be a folder, such as /t/");
        }
        try (CollectorServer server = CollectorServer.start(settings(System.getenv()))) {
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop-collector"));
            System.out.println("Dashboard  http://" + host + ":" + server.port() + "/dashboard/");
            server.join();
            return Program.OK;
        } catch (IOException e) {
            throw new ProgramException(
                    Program.FAILED, "can't listen on " + host + ":" + port + ": it is taken", e);
        }
    }

    private CollectorSettings settings(Map<String, String> environment) {
        Endpoints.Found found = endpoints.find(environment);
        return new CollectorSettings(
                host,
                port,
                found.database(),
                found.kafka(),
                found.topic(),
                new CollectorSettings.Proxies(proxies, clientHeader),
                CollectorSettings.Limits.USUAL,
                new CollectorSettings.Paths(eventsPath, scriptPath, pinnedPath, pixelPath),
                Map.of());
    }
}
