package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.tool.SampleTraffic;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The packaged job, submitted to a real cluster in the ways that users have. */
@ExtendWith(ClusterExtension.class)
class SubmitClusterIT {

    private static final String[] TENANTS = {"acme-shop", "nimbus-saas", "daily-lantern"};

    private static JobRuns.Input sample(ClusterStack stack, String topic) throws Exception {
        JobRuns.Input input = new JobRuns.Input(topic, 2, 2);
        stack.topic(topic, 2);
        List<byte[]> lines = SampleTraffic.lines().stream().map(JobRuns::utf8).toList();
        JobRuns.send(stack.kafka().bootstrapServers(), input, lines);
        return input;
    }

    @Test
    void commandLineAndRestGiveTheSameVault(ClusterStack stack) throws Exception {
        JobRuns.Input input = sample(stack, "submit");
        TestDatabase byCommand = stack.postgres().vault(TENANTS);
        TestDatabase byRest = stack.postgres().vault(TENANTS);
        FlinkRest rest = stack.flink().rest();

        String first = stack.submit(stack.jobFile("by-command", "submit", byCommand), 2);
        stack.drain(first, input, "by-command", byCommand);
        rest.cancel(first);
        Path file = stack.jobFile("by-rest", "submit", byRest);
        String jar = rest.upload(ClusterStack.jar());
        String second = rest.run(jar, 2, null, List.of("--config", file.toString()));
        stack.awaitRunning(second);
        stack.drain(second, input, "by-rest", byRest);
        rest.cancel(second);

        VaultRows.assertSound(byCommand);
        VaultRows.assertSame("keys", VaultRows.keys(byRest), VaultRows.keys(byCommand));
        VaultRows.assertSame("sessions", VaultRows.sessions(byRest), VaultRows.sessions(byCommand));
        assertThat(VaultRows.ledger(byRest)).isEqualTo(VaultRows.ledger(byCommand));
        assertThat(VaultRows.ledger(byRest)).containsKey("ACCEPTED");
    }
}
