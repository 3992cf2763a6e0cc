package io.onevault.tracking.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** docker-compose.yml fits what it starts; whether an engine likes it is not tested here. */
final class ComposeTest {

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
                .isSubsetOf(JobSettings.keys().stream().map(JobSettings::environmentName).toList())
                .containsAll(
                        Settings.REQUIRED.keySet().stream()
                                .map(JobSettings::environmentName)
                                .toList());
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
