package io.onevault.tracking.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Flink's REST API, as far as the tests need it. */
final class FlinkRest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BOUNDARY = "site-tracking-boundary";

    private final HttpClient client = HttpClient.newHttpClient();
    private final String address;

    FlinkRest(String address) {
        this.address = address;
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return send("GET", path, "application/json", BodyPublishers.noBody());
    }

    JsonNode send(String method, String path, Object body)
            throws IOException, InterruptedException {
        String json = JSON.writeValueAsString(body);
        return send(method, path, "application/json", BodyPublishers.ofString(json));
    }

    private JsonNode send(String method, String path, String type, BodyPublisher body)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://" + address + path))
                        .timeout(Duration.ofSeconds(60))
                        .header("Content-Type", type)
                        .method(method, body)
                        .build();
        var response = client.send(request, BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IOException(method + " " + path + ": " + response.body());
        }
        return response.body().isEmpty() ? JSON.nullNode() : JSON.readTree(response.body());
    }

    /** Uploads a jar and returns the id under which it can be run. */
    String upload(Path jar) throws IOException, InterruptedException {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        String head =
                "--%s\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"%s\"\r\n"
                        .formatted(BOUNDARY, jar.getFileName());
        form.writeBytes(utf8(head + "Content-Type: application/java-archive\r\n\r\n"));
        form.writeBytes(Files.readAllBytes(jar));
        form.writeBytes(utf8("\r\n--" + BOUNDARY + "--\r\n"));
        String file =
                send(
                                "POST",
                                "/jars/upload",
                                "multipart/form-data; boundary=" + BOUNDARY,
                                BodyPublishers.ofByteArray(form.toByteArray()))
                        .get("filename")
                        .asText();
        return file.substring(file.lastIndexOf('/') + 1);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Runs an uploaded jar and returns the id of its job. */
    String run(String jar, int parallelism, @Nullable String savepoint, List<String> arguments)
            throws IOException, InterruptedException {
        Map<String, Object> body = new HashMap<>();
        body.put("parallelism", parallelism);
        body.put("programArgsList", arguments);
        if (savepoint != null) {
            body.put("savepointPath", savepoint);
        }
        return send("POST", "/jars/" + jar + "/run", body).get("jobid").asText();
    }

    int taskManagers() throws IOException, InterruptedException {
        return get("/overview").get("taskmanagers").asInt();
    }

    String state(String job) throws IOException, InterruptedException {
        return get("/jobs/" + job).get("state").asText();
    }

    /** Whether every task of the job runs. */
    boolean runs(String job) throws IOException, InterruptedException {
        JsonNode details = get("/jobs/" + job);
        for (JsonNode vertex : details.get("vertices")) {
            if (vertex.get("tasks").get("RUNNING").asInt() != vertex.get("parallelism").asInt()) {
                return false;
            }
        }
        return details.get("state").asText().equals("RUNNING");
    }

    /** The parallelism of the job's keyed tasks. */
    int parallelism(String job) throws IOException, InterruptedException {
        int greatest = 0;
        for (JsonNode vertex : get("/jobs/" + job).get("vertices")) {
            greatest = Math.max(greatest, vertex.get("parallelism").asInt());
        }
        return greatest;
    }

    /** How often the job was restored from a checkpoint or savepoint. */
    int restored(String job) throws IOException, InterruptedException {
        return get("/jobs/" + job + "/checkpoints").get("counts").get("restored").asInt();
    }

    /** The newest of the job's checkpoints. */
    Optional<String> latestCheckpoint(String job) throws IOException, InterruptedException {
        JsonNode latest = get("/jobs/" + job + "/checkpoints").path("latest").path("completed");
        return Optional.ofNullable(latest.get("external_path")).map(JsonNode::asText);
    }

    /** Triggers a checkpoint and waits for its end; tells whether it was completed. */
    boolean checkpoint(String job) throws Exception {
        Map<String, Object> body = Map.of("checkpointType", "CONFIGURED");
        String request =
                send("POST", "/jobs/" + job + "/checkpoints", body).get("request-id").asText();
        String path = "/jobs/" + job + "/checkpoints/" + request;
        JobRuns.await(() -> get(path).get("status").get("id").asText().equals("COMPLETED"));
        return !get(path).get("operation").has("failure-cause");
    }

    /** Stops the job with a canonical savepoint and returns where that lies. */
    String stop(String job) throws Exception {
        return stop(job, "CANONICAL");
    }

    /** The same in a format of Flink's. */
    String stop(String job, String format) throws Exception {
        Map<String, Object> body = Map.of("drain", false, "formatType", format);
        String request = send("POST", "/jobs/" + job + "/stop", body).get("request-id").asText();
        String path = "/jobs/" + job + "/savepoints/" + request;
        JobRuns.await(() -> get(path).get("status").get("id").asText().equals("COMPLETED"));
        JsonNode operation = get(path).get("operation");
        if (operation.has("failure-cause")) {
            throw new IOException(operation.get("failure-cause").toString());
        }
        return operation.get("location").asText();
    }

    void cancel(String job) throws Exception {
        send("PATCH", "/jobs/" + job + "?mode=cancel", Map.of());
        JobRuns.await(() -> state(job).equals("CANCELED"));
    }
}
