package io.onevault.tracking.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.access.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** docker-compose.yml fits what it starts; whether an engine likes it is not tested here. */
final class ComposeTest {

    private static final Set<String> SERVICE_KEYS =
            Set.of(
                    "image",
                    "user",
                    "restart",
                    "networks",
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

    /** The parser comes with the user agent library. */
    private final Map<String, Object> compose =
            new Yaml().load(read(Path.of("docker-compose.yml")));

    @Test
    void mountsFoldersThatAreThere() {
        List<String> folders = new ArrayList<>();
        for (String service : services().keySet()) {
            for (Object volume : list(service(service).get("volumes"))) {
                String source = volume.toString().split(":")[0];
                if (source.startsWith(".")) {
                    folders.add(source);
                } else {
                    assertThat(map(compose.get("volumes"))).containsKey(source);
                }
            }
        }

        assertThat(folders).contains("./sql", "./flink-conf", "./target");
        assertThat(folders).allSatisfy(folder -> assertThat(Path.of(folder)).isDirectory());
    }

    @Test
    void setsOptionsThatTheJobHas() {
        Map<String, Object> environment = map(service("submit").get("environment"));

        assertThat(environment.keySet())
                .isSubsetOf(JobSettings.keys().stream().map(Environment::variable).toList())
                .containsAll(
                        Settings.REQUIRED.keySet().stream().map(Environment::variable).toList());
    }

    @Test
    void createsTheTopicsOfTheJob() {
        assertThat(list(service("topics").get("command")).toString())
                .contains(
                        "--topic " + JobOptions.KAFKA_TOPIC.defaultValue() + " ",
                        "--topic " + JobOptions.KAFKA_REJECTED_TOPIC.defaultValue() + " ");
    }

    @Test
    void waitsForServicesThatItHas() {
        for (String service : services().keySet()) {
            Object awaited = service(service).get("depends_on");
            if (awaited != null) {
                assertThat(services()).containsKeys(map(awaited).keySet().toArray(String[]::new));
            }
        }
    }

    @Test
    void usesOnlyKeysThatAnEngineKnows() {
        assertThat(compose.keySet().stream().filter(key -> !key.startsWith("x-")))
                .isSubsetOf("services", "networks", "volumes");
        for (String service : services().keySet()) {
            assertThat(service(service).keySet()).as(service).isSubsetOf(SERVICE_KEYS);
            Object check = service(service).get("healthcheck");
            if (check != null) {
                assertThat(map(check).keySet()).isSubsetOf(HEALTH_KEYS).contains("test");
            }
        }
    }

    @Test
    void waitsForConditionsThatCanBeMet() {
        for (String service : services().keySet()) {
            Object awaited = service(service).get("depends_on");
            Map<String, Object> conditions = awaited == null ? Map.of() : map(awaited);
            conditions.forEach(
                    (other, wait) -> {
                        String condition = map(wait).get("condition").toString();
                        assertThat(condition).isIn(HEALTHY, COMPLETED);
                        // One that ends must not be started again, one that stays tells its health.
                        assertThat(service(other).containsKey("healthcheck"))
                                .as("%s waits for %s", service, other)
                                .isEqualTo(condition.equals(HEALTHY));
                        assertThat(service(other).containsKey("restart"))
                                .as("%s waits for %s", service, other)
                                .isEqualTo(condition.equals(HEALTHY));
                    });
        }
    }

    @Test
    void needsNoVariableToBeSet() {
        String text = read(Path.of("docker-compose.yml"));
        Matcher variable = Pattern.compile("(?<!\\$)\\$\\{([A-Z_]+)([^}]*)}").matcher(text);
        List<String> found = new ArrayList<>();
        while (variable.find()) {
            found.add(variable.group(1));
            assertThat(variable.group(2)).as(variable.group(1)).startsWith(":-");
        }

        assertThat(found).contains("POSTGRES_PASSWORD", "PRIVACY_SECRET");
    }

    @Test
    void runsWithTheConfigurationThatIsTested() {
        Map<String, Object> shipped = new Yaml().load(read(Path.of("flink-conf/config.yaml")));
        for (String process : List.of("jobmanager", "taskmanager")) {
            assertThat(list(service(process).get("command")).toString())
                    .contains(
                            "cp /site-tracking/flink-conf/config.yaml /opt/flink/conf/config.yaml");
            String own =
                    map(service(process).get("environment")).get("FLINK_PROPERTIES").toString();
            Map<String, Object> added = new Yaml().load(own);
            assertThat(added.keySet()).doesNotContainAnyElementsOf(shipped.keySet());
        }
        for (String option :
                List.of("execution.checkpointing.dir", "execution.checkpointing.savepoint-dir")) {
            assertThat(shipped.get(option).toString()).startsWith("file:///opt/flink/state/");
        }
        assertThat(list(service("taskmanager").get("volumes")))
                .isEqualTo(list(service("jobmanager").get("volumes")))
                .asString()
                .contains("flink-state:/opt/flink/state");
    }

    @Test
    void submitsTheJobAsItsPageSays() {
        String submit = list(service("submit").get("command")).toString();

        assertThat(submit)
                .contains("flink run --detached --jobmanager ")
                .contains("--fromSavepoint ")
                .contains("target/site-tracking-*.jar");
        assertThat(read(Path.of("docs/operations.md")))
                .contains("flink run --detached --jobmanager ");
    }

    private Map<String, Object> services() {
        return map(compose.get("services"));
    }

    private Map<String, Object> service(String name) {
        return map(services().get(name));
    }

    @SuppressWarnings("unchecked") // keys in YAML of this kind are texts
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    private static List<?> list(Object value) {
        return value == null ? List.of() : (List<?>) value;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
