package io.onevault.tracking.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A standalone Flink cluster of separate processes with the configuration that the project ships:
 * flink-conf is its configuration folder, and only what a deployment decides is set otherwise. The
 * script {@code flink} does what that of Flink's distribution does.
 */
final class StandaloneCluster implements AutoCloseable {

    private static final Path CONFIGURATION = Path.of("flink-conf").toAbsolutePath();
    private static final String JVM_OPTIONS = "env.java.opts.all: ";
    private static final int CLI_SECONDS = 120;
    private static final int SLOTS = 2;
    private static final String CLI = "cli";

    private static final String LOGGING =
            """
            rootLogger.level = INFO
            rootLogger.appenderRef.out.ref = out
            appender.out.type = $type
            appender.out.name = out
            appender.out.layout.type = PatternLayout
            appender.out.layout.pattern = %d{HH:mm:ss,SSS} %-5p %c{1} %m%n
            logger.kafka.name = org.apache.kafka
            logger.kafka.level = WARN
            """;

    private final Path folder;
    private final String library;
    private final Map<String, String> settings = new TreeMap<>();
    private final Map<String, ChildProcess> processes = new LinkedHashMap<>();
    private final Map<String, Integer> metricsPorts = new LinkedHashMap<>();
    private final int restPort = freePort();
    private int commands;

    /**
     * @param overrides what differs from flink-conf/config.yaml
     */
    StandaloneCluster(Path folder, Map<String, String> overrides) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.library = Path.of(System.getProperty("flink.lib")) + "/*";
        settings.putAll(addresses());
        settings.putAll(memory());
        settings.put("execution.checkpointing.dir", checkpoints().toUri().toString());
        settings.put("execution.checkpointing.savepoint-dir", savepoints().toUri().toString());
        // A dead JobManager is missed after 50 s by default, which would be most of a test.
        settings.put("heartbeat.interval", "2 s");
        settings.put("heartbeat.timeout", "15 s");
        settings.put("cluster.registration.error-delay", "500 ms");
        settings.put("jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling", "2 s");
        settings.put(
                "jobmanager.adaptive-scheduler.submission.resource-stabilization-timeout", "2 s");
        settings.putAll(overrides);
        logging("log4j2.properties", "Console");
        // Commands only write what they have to say.
        String file = "File\nappender.out.fileName = " + folder.resolve("flink-cli.log");
        logging("log4j2-cli.properties", file);
        writeScript();
        Path flinkLibrary = Path.of(System.getProperty("flink.lib"));
        Files.createSymbolicLink(folder.resolve("lib"), flinkLibrary);
    }

    private void logging(String name, String appender) throws IOException {
        Files.writeString(folder.resolve(name), LOGGING.replace("$type", appender));
    }

    private Map<String, String> addresses() throws IOException {
        String local = "127.0.0.1";
        Map<String, String> addresses = new TreeMap<>();
        addresses.put("jobmanager.rpc.address", local);
        addresses.put("jobmanager.rpc.port", Integer.toString(freePort()));
        addresses.put("jobmanager.bind-host", local);
        addresses.put("rest.address", local);
        addresses.put("rest.bind-address", local);
        addresses.put("rest.port", Integer.toString(restPort));
        addresses.put("taskmanager.host", local);
        addresses.put("taskmanager.bind-host", local);
        addresses.put("io.tmp.dirs", Files.createDirectories(folder.resolve("tmp")).toString());
        addresses.put("web.upload.dir", Files.createDirectories(folder.resolve("up")).toString());
        return addresses;
    }

    /** What the scripts of Flink's distribution compute from one figure. */
    private static Map<String, String> memory() {
        Map<String, String> memory = new TreeMap<>();
        memory.put("taskmanager.numberOfTaskSlots", Integer.toString(SLOTS));
        memory.put("taskmanager.cpu.cores", "1");
        memory.put("taskmanager.memory.framework.heap.size", "64m");
        memory.put("taskmanager.memory.task.heap.size", "448m");
        memory.put("taskmanager.memory.framework.off-heap.size", "64m");
        memory.put("taskmanager.memory.task.off-heap.size", "0");
        memory.put("taskmanager.memory.network.min", "32m");
        memory.put("taskmanager.memory.network.max", "32m");
        memory.put("taskmanager.memory.managed.size", "128m");
        memory.put("taskmanager.memory.jvm-metaspace.size", "256m");
        memory.put("taskmanager.memory.jvm-overhead.min", "64m");
        memory.put("taskmanager.memory.jvm-overhead.max", "64m");
        return memory;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    Path checkpoints() {
        return folder.resolve("checkpoints");
    }

    Path savepoints() {
        return folder.resolve("savepoints");
    }

    /** Host and port that commands are given. */
    String address() {
        return "127.0.0.1:" + restPort;
    }

    FlinkRest rest() {
        return new FlinkRest(address());
    }

    /** What FLINK_HOME is on a machine with Flink's distribution: the folders bin and lib. */
    Path home() {
        return folder;
    }

    Path bin() {
        return folder.resolve("bin");
    }

    /** Where Prometheus would read the process. */
    String metricsAddress(String name) {
        return "127.0.0.1:" + metricsPorts.get(name);
    }

    void start(int taskManagers) throws Exception {
        startJobManager();
        for (int number = 1; number <= taskManagers; number++) {
            startTaskManager("taskmanager-" + number);
        }
        awaitTaskManagers(taskManagers);
    }

    void startJobManager() throws Exception {
        List<String> options = jvmOptions("jobmanager");
        options.add("-Xmx384m");
        start(
                "jobmanager",
                options,
                "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
                Map.of());
        JobRuns.await(this::answers);
    }

    void startTaskManager(String name) throws IOException {
        List<String> options = jvmOptions(name);
        options.addAll(
                List.of("-Xmx512m", "-XX:MaxDirectMemorySize=160m", "-XX:MaxMetaspaceSize=256m"));
        String own = settings.get("env.java.opts.taskmanager");
        if (own != null) {
            options.addAll(List.of(own.split(" ")));
        }
        start(
                name,
                options,
                "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
                Map.of("taskmanager.resource-id", name));
    }

    private void start(String name, List<String> options, String main, Map<String, String> own)
            throws IOException {
        List<String> command = ChildProcess.java(options, library, main);
        command.addAll(List.of("--configDir", CONFIGURATION.toString()));
        Map<String, String> all = new TreeMap<>(settings);
        metricsPorts.put(name, freePort());
        all.put("metrics.reporter.prom.port", metricsPorts.get(name).toString());
        all.putAll(own);
        all.forEach((key, value) -> command.addAll(List.of("-D", key + "=" + value)));
        Path log = folder.resolve(name + ".log");
        processes.put(name, ChildProcess.start(log, Map.of(), command));
    }

    private List<String> jvmOptions(String name) throws IOException {
        List<String> options = new ArrayList<>();
        for (String line : Files.readAllLines(CONFIGURATION.resolve("config.yaml"))) {
            if (line.startsWith(JVM_OPTIONS)) {
                options.addAll(List.of(line.substring(JVM_OPTIONS.length()).split(" ")));
            }
        }
        String logging = name.equals(CLI) ? "log4j2-cli.properties" : "log4j2.properties";
        options.add("-Dlog4j.configurationFile=" + folder.resolve(logging));
        Path temporary = Files.createDirectories(folder.resolve("tmp").resolve(name));
        options.add("-Djava.io.tmpdir=" + temporary);
        return options;
    }

    private boolean answers() throws IOException, InterruptedException {
        requireAlive("jobmanager");
        try {
            rest().get("/config");
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private void requireAlive(String name) throws IOException {
        ChildProcess process = processes.get(name);
        if (!process.isAlive()) {
            throw new IOException(name + " ended by itself: " + process.lastWords());
        }
    }

    void awaitTaskManagers(int count) throws Exception {
        JobRuns.await(
                () -> {
                    for (String name : processes.keySet()) {
                        requireAlive(name);
                    }
                    return rest().taskManagers() == count;
                });
    }

    long pid(String name) {
        return processes.get(name).pid();
    }

    /** Kill -9. */
    void kill(String name) throws InterruptedException {
        ChildProcess process = processes.remove(name);
        process.kill();
        process.close();
    }

    /** The names of the TaskManagers that were started and not killed. */
    List<String> taskManagers() {
        return processes.keySet().stream().filter(name -> name.startsWith("task")).toList();
    }

    /** Runs {@code flink} with the arguments and returns what it wrote. */
    String flink(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(bin().resolve("flink").toString()));
        command.addAll(List.of(arguments));
        commands++;
        Path log = folder.resolve("flink-" + commands + ".log");
        return ChildProcess.start(log, Map.of(), command).await(CLI_SECONDS);
    }

    /** Flink's own script finds Java, the lib folder and the options of config.yaml alike. */
    private void writeScript() throws IOException {
        List<String> java =
                ChildProcess.java(
                        jvmOptions(CLI), library, "org.apache.flink.client.cli.CliFrontend");
        StringBuilder script = new StringBuilder("#!/bin/sh\n");
        script.append("export FLINK_CONF_DIR='").append(CONFIGURATION).append("'\n");
        script.append("if [ \"$1\" = run ]; then\n  shift\n  set -- run");
        settings.forEach(
                (key, value) -> script.append(" '-D").append(key + "=" + value).append('\''));
        script.append(" \"$@\"\nfi\nexec");
        java.forEach(part -> script.append(" '").append(part).append('\''));
        script.append(" \"$@\"\n");
        Path file = Files.createDirectories(bin()).resolve("flink");
        Files.writeString(file, script);
        if (!file.toFile().setExecutable(true)) {
            throw new IOException("Cannot make " + file + " executable");
        }
    }

    @Override
    public void close() {
        processes.values().forEach(ChildProcess::close);
    }
}
