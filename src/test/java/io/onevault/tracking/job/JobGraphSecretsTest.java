package io.onevault.tracking.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.access.TestSecret;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.settings.Settings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;

/** What is sent to the cluster, and what it keeps of a job, tells no secret. */
final class JobGraphSecretsTest {

    private static final List<String> SECRETS =
            List.of(
                    "5ec7e7".repeat(8),
                    "database-unspeakable",
                    "url-unspeakable",
                    "kafka-unspeakable");

    private final List<String> references = SECRETS.stream().map(TestSecret::reference).toList();

    @Test
    void holdsReferencesOnly() throws Exception {
        StreamGraph graph = graph();

        String streamGraph = bytes(graph);
        String jobGraph = bytes(graph.getJobGraph());

        for (String sent : List.of(streamGraph, jobGraph)) {
            assertThat(sent).doesNotContain(SECRETS);
        }
        // The search finds what is there.
        assertThat(jobGraph).contains(references);
    }

    @Test
    void couldHaveFoundThem() throws Exception {
        for (int i = 0; i < SECRETS.size(); i++) {
            String file = references.get(i).replaceAll("\\$\\{file:|}", "");
            assertThat(Files.readString(Path.of(file)).strip()).isEqualTo(SECRETS.get(i));
        }
    }

    private StreamGraph graph() {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(
                        Configuration.fromMap(Map.of("execution.checkpointing.interval", "10 s")));
        JobSettings settings =
                JobSettings.of(
                        Settings.with(
                                "privacy.secret",
                                references.get(0),
                                "database.password",
                                references.get(1),
                                "database.url",
                                "jdbc:postgresql://db/vault?sslpassword=" + references.get(2),
                                "kafka.property.sasl.jaas.config",
                                "module required password=\"" + references.get(3) + "\";"));
        SiteTrackingJob.define(env, settings);
        return env.getStreamGraph();
    }

    private static String bytes(Object graph) throws Exception {
        return new String(InstantiationUtil.serializeObject(graph), StandardCharsets.ISO_8859_1);
    }
}
