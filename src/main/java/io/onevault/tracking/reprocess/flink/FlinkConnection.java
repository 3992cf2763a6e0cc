package io.onevault.tracking.reprocess.flink;

import io.onevault.tracking.program.ErrorLine;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.program.ProgramException;
import io.onevault.tracking.program.UsageException;
import java.net.URL;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.rest.messages.ClusterConfigurationInfoHeaders;
import org.apache.flink.runtime.rest.messages.ConfigurationInfo;
import org.apache.flink.runtime.rest.messages.ConfigurationInfoEntry;
import org.apache.flink.runtime.rest.messages.EmptyMessageParameters;
import org.apache.flink.runtime.rest.messages.EmptyRequestBody;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/** Which cluster a program works with, and by which configuration its jobs are submitted. */
public final class FlinkConnection {

    private static final long ANSWER_SECONDS = 30;
    private static final int ATTEMPTS = 2;
    private static final String HIGH_AVAILABILITY = "high-availability";

    private FlinkConnection() {}

    /**
     * The cluster of {@code flink run}, with its configuration; or the one at the address, with the
     * JobManager's.
     *
     * @param address host and port of the REST API; null within {@code flink run}
     */
    public static FlinkJobs open(@Nullable String address) {
        return new FlinkJobs(address == null ? ofFlinkRun() : at(address));
    }

    /** Whether the program was started by {@code flink run}. */
    public static boolean isFlinkRun() {
        return "remote".equals(ofEnvironment().get(DeploymentOptions.TARGET));
    }

    private static Configuration ofFlinkRun() {
        if (!isFlinkRun()) {
            throw new UsageException("--jobmanager is missing, or start this by flink run");
        }
        return ofEnvironment();
    }

    private static Configuration ofEnvironment() {
        var environment = StreamExecutionEnvironment.getExecutionEnvironment();
        return Configuration.fromMap(environment.getConfiguration().toMap());
    }

    private static Configuration at(String address) {
        String[] parts = address.split(":");
        Configuration own = new Configuration();
        try {
            own.set(RestOptions.ADDRESS, parts[0]);
            own.set(RestOptions.PORT, Integer.parseInt(parts[1]));
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            throw new UsageException("--jobmanager must be HOST:PORT, not " + address);
        }
        Configuration configuration = Configuration.fromMap(ofJobManager(own));
        configuration.addAll(own);
        configuration.set(DeploymentOptions.TARGET, "remote");
        URL code = FlinkConnection.class.getProtectionDomain().getCodeSource().getLocation();
        // In a build it is a folder, which only a cluster on this machine can read.
        boolean packaged = code.getPath().endsWith(".jar");
        configuration.set(
                packaged ? PipelineOptions.JARS : PipelineOptions.CLASSPATHS,
                List.of(code.toString()));
        return configuration;
    }

    /** Without secrets, which it does not tell, and without ways to other addresses. */
    private static Map<String, String> ofJobManager(Configuration address) {
        Map<String, String> settings = new TreeMap<>();
        // By default it asks for a minute, and nothing is lost by a command that is run again.
        Configuration impatient = new Configuration(address);
        impatient.set(RestOptions.RETRY_MAX_ATTEMPTS, ATTEMPTS);
        try (var client = new RestClusterClient<>(impatient, "reprocess")) {
            ConfigurationInfo told =
                    client.sendRequest(
                                    ClusterConfigurationInfoHeaders.getInstance(),
                                    EmptyMessageParameters.getInstance(),
                                    EmptyRequestBody.getInstance())
                            .get(ANSWER_SECONDS, TimeUnit.SECONDS);
            for (ConfigurationInfoEntry entry : told) {
                if (!entry.getValue().equals(GlobalConfiguration.HIDDEN_CONTENT)
                        && !entry.getKey().startsWith(HIGH_AVAILABILITY)) {
                    settings.put(entry.getKey(), entry.getValue());
                }
            }
            return settings;
        } catch (Exception e) {
            String message = "FLINK_AWAY: %s does not answer: %s";
            String where = address.get(RestOptions.ADDRESS) + ":" + address.get(RestOptions.PORT);
            throw new ProgramException(Program.AWAY, message.formatted(where, ErrorLine.of(e)), e);
        }
    }
}
