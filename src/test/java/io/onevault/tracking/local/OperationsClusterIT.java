package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.onevault.tracking.generator.EventGenerator;
import io.onevault.tracking.generator.EventGenerator.Faults;
import io.onevault.tracking.generator.EventGenerator.GeneratedEvent;
import io.onevault.tracking.generator.EventGenerator.Mix;
import io.onevault.tracking.generator.EventGenerator.Pace;
import io.onevault.tracking.migrate.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The packaged job, operated by the commands of docs/operations.md: submitted, watched, stopped,
 * resumed and scaled while events come, and rejected events recovered. It must leave what an
 * undisturbed run leaves. And the collector, which runs beside it.
 */
@ExtendWith(ClusterExtension.class)
class OperationsClusterIT {

    private static final int PER_STEP = 500;
    private static final String[] TENANTS = {EventGenerator.tenant(0), EventGenerator.tenant(1)};
    private static final JobRuns.Input INPUT = new JobRuns.Input("operated", 2, 2);

    private final EventGenerator generator =
            new EventGenerator(
                    Mix.standard()
                            .withTenants(TENANTS.length)
                            .withFaults(new Faults(0.05, 0.05, 0.01))
                            .withPace(new Pace(Instant.parse("2026-11-20T06:00:00Z"), 50, 300)),
                    1);

    @Test
    void everyCommandDoesWhatThePageSays(ClusterStack stack) throws Exception {
        assumeThat(hasCurl()).as("curl, with which the page asks Flink").isTrue();
        stack.topic(INPUT.topic(), INPUT.partitions());
        TestDatabase operated = stack.postgres().vault(TENANTS);
        Runbook runbook = runbook(stack, operated, stack.jobFile("operated", "operated", operated));
        Operator operator = new Operator(stack, runbook);

        operator.start("Submit", 1);
        play(stack);
        for (int parallelism : List.of(2, 1)) {
            runbook.run("Stop", Map.of());
            play(stack);
            operator.start("Resume", parallelism);
            play(stack);
        }
        operator.scale(2);
        play(stack);
        operator.loseJob();
        operator.start("After a lost JobManager", 1);
        recover(stack, runbook, operator);
        operator.watch(operated);
        stack.drain(operator.job(), INPUT, "operated", operated);
        stack.flink().rest().cancel(operator.job());

        TestDatabase reference = stack.postgres().vault(TENANTS);
        Path file = stack.jobFile("reference", "operated", reference);
        operator.start("Submit by REST", 2, Map.of("JOB_CONFIG", file.toString()));
        stack.drain(operator.job(), INPUT, "reference", reference);
        stack.flink().rest().cancel(operator.job());
        assertThat(runbook.rest()).isEmpty();
        assertThat(VaultRows.ledger(operated))
                .isEqualTo(VaultRows.ledger(reference))
                .containsEntry("RECEIVED RECOVERED", 1L);
        VaultRows.assertSound(operated);
        VaultRows.assertSame(VaultRows.fingerprint(operated), VaultRows.fingerprint(reference));
    }

    /**
     * By the command of its page, with the options that decide where it listens and as whom it
     * reads.
     */
    @Test
    void theCollectorRunsWhereThereIsNoFlink(ClusterStack stack) throws Exception {
        TestDatabase vault = stack.postgres().vault(TENANTS);
        stack.topic("collected", 1);
        Path folder = Files.createDirectories(stack.flink().home().resolve("collector"));
        Path config = stack.jobFile("collecting", "collected", vault);
        Path classes = folder.resolve("classes.log");
        String command =
                collectorCommand()
                        .replace("site-tracking.jar", ClusterStack.jar().toString())
                        .replace("job.properties", config.toString())
                        .replace("--user …", "--user " + EmbeddedPostgres.USER + " --port 0");
        Map<String, String> told = Map.of("JAVA_TOOL_OPTIONS", "-Xlog:class+load:file=" + classes);
        Path log = folder.resolve("collector.log");
        try (ChildProcess collector =
                ChildProcess.start(log, told, List.of("bash", "-c", "exec " + command))) {
            String address = awaitAddress(collector, log);
            String key = makeKey(vault);

            assertThat(ask(address + "/in", key, "{\"evt_type\": \"page_view\"}")).isEqualTo(202);
            assertThat(ask(address + "/read/analytics", key, null)).isEqualTo(200);
            collector.stop();
        }
        assertThat(Files.readString(log)).as("its log").contains(" INFO  Server Started ");
        assertThat(Files.readAllLines(classes))
                .anyMatch(line -> line.contains(" io.onevault.tracking.collector.CollectDoor "))
                .anyMatch(line -> line.contains("/logging/log4j-core.jar"))
                .noneMatch(line -> line.contains(" org.apache.flink."));
    }

    private static String collectorCommand() throws IOException {
        String page = Files.readString(Path.of("docs", "collector.md"));
        int start = page.indexOf("```\njava ") + 4;
        return page.substring(start, page.indexOf("\n```", start));
    }

    private static String awaitAddress(ChildProcess collector, Path log) throws Exception {
        Pattern address = Pattern.compile("Dashboard  (http://\\S+)/dashboard/");
        JobRuns.await(
                () -> {
                    assertThat(collector.isAlive()).as("%s", collector.lastWords()).isTrue();
                    return address.matcher(Files.readString(log)).find();
                });
        Matcher found = address.matcher(Files.readString(log));
        assertThat(found.find()).isTrue();
        return found.group(1);
    }

    private static String makeKey(TestDatabase vault) throws Exception {
        return vault.texts(
                        "SELECT auth.site_tracking_make_key('%s', 'both', ARRAY['write', 'read'])"
                                .formatted(TENANTS[0]))
                .get(0);
    }

    /** The status of the answer. */
    private static int ask(String url, String key, String body) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url)).header("Authorization", "Bearer " + key);
        if (body != null) {
            request.header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body));
        }
        return HttpClient.newHttpClient()
                .send(request.build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static boolean hasCurl() {
        for (String folder : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(folder, "curl"))) {
                return true;
            }
        }
        return false;
    }

    private static Runbook runbook(ClusterStack stack, TestDatabase vault, Path jobFile)
            throws IOException {
        StandaloneCluster flink = stack.flink();
        Path folder = flink.home().resolve("operator");
        Path java = Path.of(System.getProperty("java.home"), "bin");
        Path editor = Files.createDirectories(folder).resolve("editor");
        Files.writeString(
                editor, "#!/bin/sh\nsed -i 's/\"page_title\":{}/\"page_title\":\"t\"/' $1");
        assertThat(editor.toFile().setExecutable(true)).isTrue();
        Map<String, String> variables = new TreeMap<>();
        variables.put("PATH", flink.bin() + ":" + java + ":" + System.getenv("PATH"));
        variables.put("FLINK_HOME", flink.home().toString());
        variables.put("JAR", ClusterStack.jar().toString());
        variables.put("JOB_CONFIG", jobFile.toString());
        variables.put("JOBMANAGER", flink.address());
        variables.put("CHECKPOINTS", flink.checkpoints().toString());
        variables.put("DATABASE_URL", vault.url());
        variables.put("EDITOR", editor.toString());
        return new Runbook(Path.of("docs", "operations.md"), variables, folder);
    }

    private void play(ClusterStack stack) throws Exception {
        String servers = stack.kafka().bootstrapServers();
        try (TrackerProducer producer = new TrackerProducer(servers, INPUT.topic())) {
            for (int i = 0; i < PER_STEP; i++) {
                GeneratedEvent event = generator.next();
                producer.send(event.value(), event.key());
            }
            producer.flush();
        }
    }

    /** One event that has a wrong title until it is edited. */
    private static void recover(ClusterStack stack, Runbook runbook, Operator operator)
            throws Exception {
        byte[] wrong =
                JobRuns.utf8(
                        """
                        {"tenantId":"%s","evt_type":"page_view","session_id":"s","page_title":{},\
                        "event_timestamp":"2026-11-20T06:00:00Z"}"""
                                .formatted(TENANTS[0]));
        JobRuns.send(stack.kafka().bootstrapServers(), INPUT, List.of(wrong));
        new TopicEnd(stack.kafka().bootstrapServers(), INPUT, "operated")
                .await(() -> stack.checkpoint(operator.job()));
        assertThat(runbook.run("Recover", Map.of()))
                .containsSubsequence("1 events, 0 left out", "0 events", "1 events", "1 events");
        // What was recovered is read, so that nothing is on its way when the books are looked at.
        new TopicEnd(stack.kafka().bootstrapServers(), INPUT, "operated")
                .await(() -> stack.checkpoint(operator.job()));
    }

    /** Who runs commands and waits for their effect. */
    private record Operator(ClusterStack stack, Runbook runbook) {

        String job() throws IOException {
            return runbook.variable("JOB");
        }

        void start(String heading, int parallelism) throws Exception {
            start(heading, parallelism, Map.of());
        }

        void start(String heading, int parallelism, Map<String, String> variables)
                throws Exception {
            Map<String, String> all = new TreeMap<>(variables);
            all.put("PARALLELISM", Integer.toString(parallelism));
            runbook.run(heading, all);
            stack.awaitRunning(job());
            assertThat(stack.flink().rest().parallelism(job())).isEqualTo(parallelism);
        }

        void scale(int parallelism) throws Exception {
            String job = job();
            FlinkRest rest = stack.flink().rest();
            runbook.run("Scale", Map.of("PARALLELISM", Integer.toString(parallelism)));
            JobRuns.await(() -> rest.parallelism(job) == parallelism && rest.runs(job));
        }

        /** What was not in a checkpoint is lost with it. */
        void loseJob() throws Exception {
            FlinkRest rest = stack.flink().rest();
            JobRuns.await(() -> rest.checkpoint(job()));
            rest.cancel(job());
        }

        void watch(TestDatabase vault) throws Exception {
            // An event has its session a moment after it is loaded.
            JobRuns.await(() -> vault.texts(Draining.UNPUBLISHED).contains("f"));
            StandaloneCluster flink = stack.flink();
            List<String> addresses =
                    flink.taskManagers().stream().map(flink::metricsAddress).toList();
            String all = String.join(" ", addresses);
            assertThat(runbook.run("Watch", Map.of("TASKMANAGERS", all)))
                    .contains("(RUNNING)", "\"restored\":", "events_received_total", "ok ")
                    .doesNotContain("FAILED  ");
            for (String query : runbook.sql("Watch")) {
                vault.execute(query);
            }
        }
    }
}
