package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.tool.EventGenerator;
import io.onevault.tracking.tool.EventGenerator.Faults;
import io.onevault.tracking.tool.EventGenerator.GeneratedEvent;
import io.onevault.tracking.tool.EventGenerator.Mix;
import io.onevault.tracking.tool.EventGenerator.Pace;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The packaged job at changing parallelism, and submitted in both ways that users have. */
@ExtendWith(ClusterExtension.class)
class RescaleClusterIT {

    private static final int PER_STEP = 2_000;
    private static final String[] TENANTS = {EventGenerator.tenant(0), EventGenerator.tenant(1)};
    private static final JobRuns.Input INPUT = new JobRuns.Input("rescale", 2, 2);

    private final EventGenerator generator =
            new EventGenerator(
                    Mix.standard()
                            .withTenants(TENANTS.length)
                            .withFaults(new Faults(0.05, 0.05, 0.01))
                            .withPace(new Pace(Instant.parse("2026-11-20T06:00:00Z"), 50, 300)),
                    1);

    @Test
    void parallelismDoesNotMatterHoweverItIsChanged(ClusterStack stack) throws Exception {
        stack.topic(INPUT.topic(), INPUT.partitions());
        TestDatabase scaled = stack.postgres().vault(TENANTS);
        Path file = stack.jobFile("rescale", INPUT.topic(), scaled);

        String job = stack.submit(file, 1);
        play(stack);
        for (int parallelism : List.of(2, 1)) {
            String savepoint = stop(stack, job);
            play(stack);
            job = stack.submit(file, parallelism, "--fromSavepoint", savepoint);
            assertThat(stack.flink().rest().parallelism(job)).isEqualTo(parallelism);
            play(stack);
        }
        for (int parallelism : List.of(2, 1)) {
            scale(stack, job, parallelism);
            play(stack);
        }
        stack.drain(job, INPUT, "rescale", scaled);
        stack.flink().rest().cancel(job);

        TestDatabase reference = referenceByRest(stack);
        assertThat(VaultRows.ledger(scaled)).isEqualTo(VaultRows.ledger(reference));
        VaultRows.assertSound(scaled);
        VaultRows.assertSame(VaultRows.fingerprint(scaled), VaultRows.fingerprint(reference));
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

    private static String stop(ClusterStack stack, String job) throws Exception {
        String before = "Savepoint completed. Path: ";
        String output =
                stack.flink()
                        .flink("stop", "--type", "canonical", "-m", stack.flink().address(), job);
        return output.substring(output.indexOf(before) + before.length()).strip();
    }

    private static void scale(ClusterStack stack, String job, int parallelism) throws Exception {
        FlinkRest rest = stack.flink().rest();
        String path = "/jobs/" + job + "/resource-requirements";
        JsonNode requirements = rest.get(path);
        for (JsonNode vertex : requirements) {
            ((ObjectNode) vertex.get("parallelism")).put("upperBound", parallelism);
        }
        rest.send("PUT", path, requirements);
        JobRuns.await(() -> rest.parallelism(job) == parallelism && rest.runs(job));
    }

    private static TestDatabase referenceByRest(ClusterStack stack) throws Exception {
        TestDatabase reference = stack.postgres().vault(TENANTS);
        Path file = stack.jobFile("reference", INPUT.topic(), reference);
        FlinkRest rest = stack.flink().rest();
        String jar = rest.upload(ClusterStack.jar());
        String job = rest.run(jar, 2, null, List.of("--config", file.toString()));
        stack.awaitRunning(job);
        stack.drain(job, INPUT, "reference", reference);
        rest.cancel(job);
        return reference;
    }
}
