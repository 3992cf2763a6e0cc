package io.onevault.tracking.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program in a process of its own, its output in a file. It never outlives this JVM. */
final class ChildProcess implements AutoCloseable {

    private static final int STOP_SECONDS = 30;
    private static final int LOG_EXCERPT_CHARS = 4_000;

    private final Process process;
    private final Path log;
    private final Thread killAtExit;

    private ChildProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
        this.killAtExit = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(killAtExit);
    }

    static ChildProcess start(Path log, Map<String, String> environment, List<String> command)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        return new ChildProcess(builder.start(), log);
    }

    /** The command that starts a Java program with the Java of this JVM. */
    static List<String> java(List<String> options, String classpath, String main) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-XX:+UseSerialGC");
        command.addAll(options);
        command.addAll(List.of("-cp", classpath, main));
        return command;
    }

    /**
     * Waits for the program's own end.
     *
     * @return what it wrote
     * @throws IOException when it failed or did not end
     */
    String await(int seconds) throws IOException, InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            close();
            throw new IOException("Not done within " + seconds + " s: " + lastWords());
        }
        close();
        if (process.exitValue() != 0) {
            throw new IOException("Exit code " + process.exitValue() + ": " + lastWords());
        }
        return Files.readString(log);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    String lastWords() throws IOException {
        String text = Files.readString(log);
        return log.getFileName()
                + ": "
                + text.substring(Math.max(0, text.length() - LOG_EXCERPT_CHARS));
    }

    /** Kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** Asks the program to end. */
    void terminate() {
        process.destroy();
    }

    /** Lets the program end in order. */
    void stop() throws InterruptedException {
        terminate();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            kill();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        Runtime.getRuntime().removeShutdownHook(killAtExit);
    }
}
