package io.onevault.tracking.collector;

import io.onevault.tracking.contract.TrackerEventDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.eclipse.jetty.compression.gzip.GzipCompression;
import org.eclipse.jetty.compression.server.CompressionConfig;
import org.eclipse.jetty.compression.server.CompressionHandler;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The running collector: the doors, behind one port. */
public final class CollectorServer implements AutoCloseable {

    private static final int THREADS = 64;

    /** Asked at once, each with a thread and a connection that nothing else has. */
    private static final int QUESTIONS = 12;

    /** Beyond these the next ones wait, and idle ones are ended soon. */
    private static final int CONNECTIONS = 4_000;

    /** And bodies under way, which come over a proxy's connections. */
    private static final int CONNECTIONS_OF_ADDRESS = CONNECTIONS / 8;

    private static final long IDLE_MILLIS = 30_000;
    private static final long IDLE_MILLIS_WHEN_FULL = 5_000;
    private static final long DRAIN_MILLIS = 25_000;
    private static final String DESCRIPTION = "/openapi.json";
    private static final String READ = "/read/";
    private static final String DASHBOARD = "/dashboard/";
    private static final String UPLOT = DASHBOARD + "uplot/";
    private static final String UPLOT_FOLDER = "uplot.folder";
    private static final String PAGES = "/openapi/";
    private static final long COUNT_SECONDS = 5;
    private static final Duration SLOWEST_READER = Duration.ofSeconds(20);

    /** Unknown keys that an address may try a second, and at once. */
    private static final int GUESSES = 1;

    private static final int GUESSES_AT_ONCE = 100;

    /** So many addresses may fill what bodies may take, each its share. */
    private static final int ADDRESSES_AT_ONCE = 16;

    private final Server server;
    private final ServerConnector connector;
    private final KeyDatabase keys;
    private final Database database;
    private final EventWriter writer;
    private final ScheduledExecutorService background = scheduled("background", 2);

    /** A stopped question may keep it waiting, which nothing else has to. */
    private final ScheduledExecutorService watch = scheduled("watch", 1);

    private final ScheduledExecutorService large =
            scheduled("large bodies", CollectDoor.largeAtOnce());
    private final Turns turns = new Turns(QUESTIONS, Turns.PATIENCE, background);
    private final LiveFeed feed;
    private final TurnedAway turnedAway;

    private CollectorServer(CollectorSettings settings, EventWriter writer) {
        keys = new KeyDatabase(settings.database());
        database = new Database(settings.database(), QUESTIONS);
        this.writer = writer;
        feed =
                new LiveFeed(
                        asked -> database.ask(asked, begun -> {}),
                        turns,
                        background,
                        SLOWEST_READER);
        turnedAway = new TurnedAway(keys::addTurnedAway, InstantSource.system());
        background.scheduleWithFixedDelay(
                turnedAway::write, COUNT_SECONDS, COUNT_SECONDS, TimeUnit.SECONDS);
        QueuedThreadPool threads = new QueuedThreadPool(THREADS);
        threads.setName("http");
        server = new Server(threads);
        connector = connector(settings);
        server.addConnector(connector);
        NetworkConnectionLimit most = new NetworkConnectionLimit(CONNECTIONS, connector);
        most.setEndPointIdleTimeout(IDLE_MILLIS_WHEN_FULL);
        server.addBean(most);
        server.setStopTimeout(DRAIN_MILLIS);
        server.setErrorHandler(CollectorServer::refuse);
        HeadDeadline doors =
                new HeadDeadline(
                        settings.limits().patience(),
                        connector.getScheduler(),
                        compressed(doors(settings), settings.paths()));
        connector.addEventListener(doors);
        connector.addEventListener(
                new ConnectionShare(
                        CONNECTIONS_OF_ADDRESS, new ClientAddress(settings.proxies())::isProxy));
        server.setHandler(new GracefulHandler(doors));
    }

    private static ScheduledExecutorService scheduled(String name, int threads) {
        return Executors.newScheduledThreadPool(
                threads,
                work -> {
                    Thread thread = new Thread(work, name);
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** Starts listening. */
    public static CollectorServer start(CollectorSettings settings) throws Exception {
        return start(settings, new EventWriter(settings.kafka(), settings.topic()));
    }

    static CollectorServer start(CollectorSettings settings, EventWriter writer) throws Exception {
        CollectorServer collector = new CollectorServer(settings, writer);
        try {
            collector.server.start();
        } catch (Exception e) {
            collector.close();
            throw e;
        }
        collector.writer.wasReached();
        return collector;
    }

    private ServerConnector connector(CollectorSettings settings) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(true);
        http.setHttpCompliance(HttpCompliance.STRICT);
        http.setUriCompliance(UriCompliance.DEFAULT);
        ServerConnector made = new ReadingConnector(server, new HttpConnectionFactory(http));
        made.setHost(settings.host());
        made.setPort(settings.port());
        made.setIdleTimeout(IDLE_MILLIS);
        return made;
    }

    /**
     * Answers only: an end that is missing makes its request wait for ever. Nobody reads what is
     * answered to events, so those are not even asked what they would take.
     */
    private static Handler compressed(Handler doors, CollectorSettings.Paths paths) {
        Set<String> plain = Set.of(paths.events(), paths.pixel());
        CompressionHandler handler =
                new CompressionHandler() {
                    @Override
                    public boolean handle(Request request, Response response, Callback callback)
                            throws Exception {
                        return plain.contains(Doors.path(request))
                                ? doors.handle(request, response, callback)
                                : super.handle(request, response, callback);
                    }
                };
        handler.putCompression(new GzipCompression());
        handler.putConfiguration(
                "/*",
                CompressionConfig.builder().defaults().decompressExcludeEncoding("gzip").build());
        handler.setHandler(doors);
        return handler;
    }

    private Handler doors(CollectorSettings settings) {
        InstantSource clock = InstantSource.system();
        CollectorMetrics metrics = new CollectorMetrics();
        CollectorSettings.Limits limits = settings.limits();
        Doorkeeper doorkeeper =
                new Doorkeeper(
                        new KeyRing(
                                keys::findKey, new Budgets(GUESSES, GUESSES_AT_ONCE, clock), clock),
                        new ClientAddress(settings.proxies()),
                        new Allowance(
                                new Budgets(limits.keyPerSecond(), limits.keyBurst(), clock),
                                new Budgets(
                                        limits.addressPerSecond(), limits.addressBurst(), clock),
                                turnedAway),
                        new LinkGate(clock));
        Taking taking =
                new Taking(
                        doorkeeper,
                        writer,
                        new TrackerEventDecoder(UnaryOperator.identity()),
                        metrics,
                        clock);
        BodyBudget bodies =
                new BodyBudget(
                        limits.bodyBytes(),
                        Math.max(CollectDoor.LONGEST_BODY, limits.bodyBytes() / ADDRESSES_AT_ONCE),
                        CONNECTIONS_OF_ADDRESS);
        StateDoor state =
                new StateDoor(writer, new DatabaseState(keys::isThere, System::nanoTime), metrics);
        Doors doors = new Doors(metrics, server.getThreadPool());
        Vault vault = new Vault(database, turns, watch, metrics);
        settings.folders()
                .forEach(
                        (prefix, folder) ->
                                doors.addPages(
                                        prefix, new FileDoor(prefix, folder, FileDoor.OF_A_SITE)));
        ScriptDoor script = new ScriptDoor(settings.paths().script(), settings.paths().pinned());
        script.paths().forEach(path -> doors.add(path, script));
        return doors.add(settings.paths().pinned(), script)
                .add(
                        settings.paths().events(),
                        List.of("POST", "OPTIONS"),
                        new CollectDoor(taking, large, limits.patience(), bodies),
                        doorkeeper::isStranger)
                .add(
                        settings.paths().pixel(),
                        List.of("GET"),
                        new PixelDoor(taking),
                        doorkeeper::isStranger)
                .add(DESCRIPTION, new FileDoor("/", "collector/", FileDoor.OF_FILES))
                .add(READ, List.of("GET"), new ReadDoor(READ, doorkeeper, vault, feed))
                .add(
                        SettingsDoor.PATH,
                        List.of("POST"),
                        new SettingsDoor(doorkeeper, vault, limits.patience(), bodies, clock))
                .add(
                        ExportDoor.PATH,
                        List.of("POST"),
                        new ExportDoor(doorkeeper, vault, limits.patience(), bodies))
                .addPages(PAGES, new FileDoor(PAGES, "openapi/", FileDoor.OF_PAGES))
                .add(UPLOT, new FileDoor(UPLOT, uplotFolder(), FileDoor.OF_PAGES))
                .addPages(DASHBOARD, new FileDoor(DASHBOARD, "dashboard/", FileDoor.OF_PAGES))
                .add("/", new RedirectDoor(DASHBOARD))
                .add(StateDoor.HEALTH, state)
                .add(StateDoor.LIVE, state)
                .add(StateDoor.READY, state)
                .add(StateDoor.METRICS, state);
    }

    /** Its version is in the name; the build tells it. */
    private static String uplotFolder() {
        byte[] folder = Objects.requireNonNull(FileDoor.resource(UPLOT_FOLDER), UPLOT_FOLDER);
        return new String(folder, StandardCharsets.UTF_8).strip();
    }

    /** What Jetty itself refuses, before a door is reached, has the form of all answers. */
    private static boolean refuse(Request request, Response response, Callback callback) {
        int status = response.getStatus() < 400 ? 500 : response.getStatus();
        Answers.logIfFailed(request, status);
        Answers.closeToOthers(response);
        // What follows it on the connection can't be told from what belongs to it.
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        Answers.refuse(request, response, callback, Refused.unread(status));
        return true;
    }

    /** The port that it listens on. */
    public int port() {
        return connector.getLocalPort();
    }

    /** Waits until the collector is stopped. */
    void join() throws InterruptedException {
        server.join();
    }

    /** Lets requests at hand come to their end, and Kafka acknowledge what was taken. */
    @Override
    public void close() {
        feed.close();
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the server can't be stopped", e);
        } finally {
            background.shutdown();
            watch.shutdown();
            large.shutdown();
            turns.close();
            writer.close();
            turnedAway.write();
            database.close();
            keys.close();
        }
    }
}
