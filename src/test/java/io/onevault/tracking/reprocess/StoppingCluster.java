package io.onevault.tracking.reprocess;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.flink.runtime.execution.ExecutionState;

/**
 * Tells, as Flink's REST API does, of a job that runs for ever and writes the savepoint of a stop,
 * or of one that fails by that.
 */
final class StoppingCluster implements AutoCloseable {

    static final String JOB = "0".repeat(32);

    private static final String JOBS =
            """
            {"jobs": [{"jid": "%s", "name": "site-tracking", "state": "%s",
                "start-time": 1, "end-time": -1, "duration": 1, "last-modification": 1, "pending-operators": 0,
                "tasks": {"total": 1, %s}}]}""";

    /** Flink wants a number of tasks for each state. */
    private static final String TASKS =
            Arrays.stream(ExecutionState.values())
                    .map(state -> "\"%s\": 0".formatted(state.name().toLowerCase(Locale.ROOT)))
                    .collect(Collectors.joining(", "));

    private static final String CONFIG =
            """
            {"jid": "%s", "name": "site-tracking", "execution-config": {"restart-strategy": "",
                "job-parallelism": 1, "object-reuse-mode": true, "user-config": {%s}}}""";

    private static final String DETAILS =
            """
            {"jid": "%1$s", "name": "site-tracking", "isStoppable": false, "state": "%2$s",
                "start-time": 1, "end-time": -1, "duration": 1, "maxParallelism": -1, "now": 2,
                "timestamps": {}, "vertices": [], "status-counts": {}, "pending-operators": 0,
                "plan": {"jid": "%1$s", "name": "site-tracking", "type": "STREAMING", "nodes": []}}""";

    private static final String NUMBERS =
            """
            {"min": 0, "max": 0, "avg": 0, "p50": 0, "p90": 0, "p95": 0, "p99": 0, "p999": 0}""";

    private static final String CHECKPOINTS =
            """
            {"counts": {"restored": 0, "total": 1, "in_progress": 1, "completed": 0, "failed": 0},
             "summary": {"checkpointed_size": $n, "state_size": $n, "end_to_end_duration": $n,
                "alignment_buffered": $n, "processed_data": $n, "persisted_data": $n},
             "latest": {"completed": null, "savepoint": null, "failed": null, "restored": null},
             "history": [{"className": "in_progress", "id": 1, "status": "IN_PROGRESS",
                "is_savepoint": true, "savepointFormat": "NATIVE",
                "trigger_timestamp": 1, "latest_ack_timestamp": 1, "checkpointed_size": 0,
                "state_size": 0, "end_to_end_duration": 0, "alignment_buffered": 0,
                "processed_data": 0, "persisted_data": 0, "num_subtasks": 1,
                "num_acknowledged_subtasks": 0, "checkpoint_type": "$type", "tasks": {}}]}"""
                    .replace("$n", NUMBERS);

    /** Flink tells the failures of a job as stack traces. */
    private static final String EXCEPTIONS =
            """
            {"exceptionHistory": {"truncated": false, "entries": [{"exceptionName": "x",
                "stacktrace": "java.lang.RuntimeException: outer\\n\\tat a.B.c(B.java:1)\\nCaused by:\
             java.lang.NoClassDefFoundError: net/jpountz/lz4/LZ4Factory\\n\\tat d.E.f(E.java:2)\\n",
                "timestamp": 1, "failureLabels": {}, "concurrentExceptions": []}]}}""";

    private final HttpServer server;

    /** Of Flink's types of savepoints; that of a stop is SYNC_SAVEPOINT. */
    private volatile String type = "SYNC_SAVEPOINT";

    private volatile String job = JOB;
    private volatile String state = "RUNNING";
    private volatile boolean fails;
    private volatile String rules = "";

    StoppingCluster() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** From now on another job has its name. */
    void replace(String other) {
        job = other;
    }

    /** What the job tells of its settings; before this it tells nothing, as of an older program. */
    void tell(String setting, String value) {
        rules = "\"%s\": \"%s\"".formatted(setting, value);
    }

    /** When it is to be stopped next. */
    void failInstead() {
        fails = true;
        goOn();
    }

    /** From now on it runs. */
    void begin() {
        state = "RUNNING";
    }

    /** From now on it has ended, as where somebody has stopped it. */
    void end() {
        state = "FINISHED";
    }

    /** From now on the savepoint is somebody else's, and the job is not stopped. */
    void goOn() {
        type = "SAVEPOINT";
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String answer = "[]";
        int code = 200;
        if (path.endsWith("/checkpoints")) {
            answer = CHECKPOINTS.replace("$type", type);
        } else if (path.contains("/jobs/") && path.endsWith("/config")) {
            answer = CONFIG.formatted(job, rules);
        } else if (path.endsWith("/exceptions")) {
            answer = EXCEPTIONS;
        } else if (path.endsWith("/jobs/overview")) {
            answer = JOBS.formatted(job, state, TASKS);
        } else if (path.endsWith("/jobs/" + job)) {
            answer = DETAILS.formatted(job, state);
        } else if (path.endsWith("/stop") && fails) {
            state = "FAILED";
            code = 409;
            answer = "{\"errors\": [\"it fails\"]}";
        }
        byte[] body = answer.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
