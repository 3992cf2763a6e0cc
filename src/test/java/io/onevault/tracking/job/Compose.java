package io.onevault.tracking.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.Yaml;

/** docker-compose.yml as tests read it. */
final class Compose {

    /** The parser comes with the user agent library. */
    private final Map<String, Object> parts = new Yaml().load(read(Path.of("docker-compose.yml")));

    Set<String> parts() {
        return parts.keySet();
    }

    Object part(String name) {
        return parts.get(name);
    }

    Map<String, Object> services() {
        return map(parts.get("services"));
    }

    Map<String, Object> service(String name) {
        return map(services().get(name));
    }

    /** As the engine hands it to bash. */
    String command(String service) {
        return list(service(service).get("command")).get(0).toString().replace("$$", "$");
    }

    @SuppressWarnings("unchecked") // keys in YAML of this kind are texts
    static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    static List<?> list(Object value) {
        return value == null ? List.of() : (List<?>) value;
    }

    static String bash(String script) throws IOException, InterruptedException {
        Process bash = new ProcessBuilder("bash", "-euc", script).redirectErrorStream(true).start();
        String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(output).isZero();
        return output;
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
