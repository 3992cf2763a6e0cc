package io.onevault.tracking.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.access.Environment;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.settings.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/** docker-compose.yml fits what it starts; whether an engine likes it is not tested here. */
final class ComposeTest {

    private static final Set<String> SERVICE_KEYS =
            Set.of(
                    "image",
                    "user",
                    "restart",
                    "shm_size",
                    "networks",
                    "network_mode",
                    "ports",
                    "environment",
                    "volumes",
                    "depends_on",
                    "entrypoint",
                    "command",
                    "healthcheck");

    private static final Set<String> HEALTH_KEYS =
            Set.of("test", "interval", "timeout", "retries", "start_period");
    private static final String HEALTHY = "service_healthy";
    private static final String COMPLETED = "service_completed_successfully";

    private final Compose compose = new Compose();

    @Test
    void mountsFoldersThatAreThere() {
        List<String> folders = new ArrayList<>();
        for (String service : compose.services().keySet()) {
            for (Object volume : Compose.list(compose.service(service).get("volumes"))) {
                String source = volume.toString().split(":")[0];
                if (source.startsWith(".")) {
                    folders.add(source);
                } else {
                    assertThat(Compose.map(compose.part("volumes"))).containsKey(source);
                }
            }
        }

        assertThat(folders).contains("./sql", "./compose", "./flink-conf", "./target");
        assertThat(folders).allSatisfy(folder -> assertThat(Path.of(folder)).isDirectory());
    }

    @Test
    void setsOptionsThatTheJobHas() {
        Map<String, Object> environment = Compose.map(compose.service("submit").get("environment"));

        assertThat(environment.keySet())
                .isSubsetOf(JobSettings.keys().stream().map(Environment::variable).toList())
                .containsAll(
                        Settings.REQUIRED.keySet().stream().map(Environment::variable).toList());
    }

    @Test
    void createsTheTopicsOfTheJob() {
        assertThat(Compose.list(compose.service("topics").get("command")).toString())
                .contains(
                        "--topic " + JobOptions.KAFKA_TOPIC.defaultValue() + " ",
                        "--topic " + JobOptions.KAFKA_REJECTED_TOPIC.defaultValue() + " ");
    }

    @Test
    void waitsForServicesThatItHas() {
        for (String service : compose.services().keySet()) {
            Object awaited = compose.service(service).get("depends_on");
            if (awaited != null) {
                assertThat(compose.services())
                        .containsKeys(Compose.map(awaited).keySet().toArray(String[]::new));
            }
        }
    }

    @Test
    void usesOnlyKeysThatAnEngineKnows() {
        assertThat(compose.parts().stream().filter(key -> !key.startsWith("x-")))
                .isSubsetOf("services", "networks", "volumes");
        for (String service : compose.services().keySet()) {
            assertThat(compose.service(service).keySet()).as(service).isSubsetOf(SERVICE_KEYS);
            Object check = compose.service(service).get("healthcheck");
            if (check != null) {
                assertThat(Compose.map(check).keySet()).isSubsetOf(HEALTH_KEYS).contains("test");
            }
        }
    }

    @Test
    void waitsForConditionsThatCanBeMet() {
        for (String service : compose.services().keySet()) {
            Object awaited = compose.service(service).get("depends_on");
            Map<String, Object> conditions = awaited == null ? Map.of() : Compose.map(awaited);
            conditions.forEach(
                    (other, wait) -> {
                        String condition = Compose.map(wait).get("condition").toString();
                        assertThat(condition).isIn(HEALTHY, COMPLETED);
                        // One that ends must not be started again, one that stays tells its health.
                        assertThat(compose.service(other).containsKey("healthcheck"))
                                .as("%s waits for %s", service, other)
                                .isEqualTo(condition.equals(HEALTHY));
                        assertThat(compose.service(other).containsKey("restart"))
                                .as("%s waits for %s", service, other)
                                .isEqualTo(condition.equals(HEALTHY));
                    });
        }
    }

    @Test
    void needsNoVariableToBeSet() {
        String text = Compose.read(Path.of("docker-compose.yml"));
        Matcher variable = Pattern.compile("(?<!\\$)\\$\\{([A-Z_]+)([^}]*)}").matcher(text);
        List<String> found = new ArrayList<>();
        while (variable.find()) {
            found.add(variable.group(1));
            assertThat(variable.group(2)).as(variable.group(1)).startsWith(":-");
        }

        assertThat(found)
                .contains("KAFKA_PORT")
                .noneMatch(name -> name.contains("PASSWORD") || name.contains("SECRET"));
    }

    @Test
    void hasScriptsThatBashUnderstands() throws Exception {
        for (String service : compose.services().keySet()) {
            if (compose.service(service).containsKey("command") && !service.equals("postgres")) {
                Compose.bash("set -n\n" + compose.command(service));
            }
        }
    }

    /** A statement that fails holds an event. */
    @Test
    void keepsStatementsOutOfPostgresLog() {
        assertThat(Compose.list(compose.service("postgres").get("command")).stream())
                .map(Object::toString)
                .contains("log_min_error_statement=panic", "log_error_verbosity=terse");
    }

    @ParameterizedTest
    @CsvSource({
        "relay, io.onevault.tracking.relay.Relay",
        "collector, io.onevault.tracking.collector.Collector"
    })
    void runsThePrograms(String service, Class<?> program) throws Exception {
        String command = compose.command(service);

        assertThat(command)
                .contains(program.getName() + " ", "--user one_vault_" + service)
                .contains("--password '${file:/site-tracking/secrets/database}'")
                .contains("-cp /site-tracking/target/site-tracking.jar ")
                .doesNotContain("/opt/flink");
        assertThat(Compose.map(compose.service(service).get("environment")).keySet())
                .containsExactlyInAnyOrder(
                        Environment.variable("kafka.bootstrap-servers"),
                        Environment.variable("database.url"));
        assertThat(compose.service(service)).containsKey("restart");
    }

    @Test
    void runsWithTheConfigurationThatIsTested() {
        Map<String, Object> shipped =
                new Yaml().load(Compose.read(Path.of("flink-conf/config.yaml")));
        for (String process : List.of("jobmanager", "taskmanager")) {
            assertThat(Compose.list(compose.service(process).get("command")).toString())
                    .contains(
                            "cp /site-tracking/flink-conf/config.yaml /opt/flink/conf/config.yaml");
            String own =
                    Compose.map(compose.service(process).get("environment"))
                            .get("FLINK_PROPERTIES")
                            .toString();
            Map<String, Object> added = new Yaml().load(own);
            assertThat(added.keySet()).doesNotContainAnyElementsOf(shipped.keySet());
        }
        for (String option :
                List.of("execution.checkpointing.dir", "execution.checkpointing.savepoint-dir")) {
            assertThat(shipped.get(option).toString()).startsWith("file:///opt/flink/state/");
        }
        for (String process : List.of("jobmanager", "taskmanager")) {
            assertThat(Compose.list(compose.service(process).get("volumes")).toString())
                    .contains("flink-state:/opt/flink/state", "./flink-conf:/site-tracking/");
        }
    }

    @Test
    void submitsTheJobAsItsPageSays() {
        String submit = Compose.list(compose.service("submit").get("command")).toString();

        assertThat(submit)
                .contains("flink run --detached --jobmanager ")
                .contains("--fromSavepoint ")
                .contains("target/site-tracking.jar");
        assertThat(Compose.read(Path.of("docs/operations.md")))
                .contains("flink run --detached --jobmanager ");
    }
}
