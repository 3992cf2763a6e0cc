package io.onevault.tracking.reference;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The agents that Matomo's device-detector is tested with, by what it calls them. */
final class AgentFixtures {

    private final Set<String> robots = new LinkedHashSet<>();
    private final Set<String> people = new LinkedHashSet<>();
    private final Set<String> programs = new LinkedHashSet<>();

    AgentFixtures(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.yml")) {
            for (Path file : files) {
                read(file);
            }
        }
        programs.removeAll(people);
    }

    Set<String> robots() {
        return robots;
    }

    /** Agents of browsers. */
    Set<String> people() {
        return people;
    }

    /** Agents of other programs: apps, players, feed readers, HTTP libraries. */
    Set<String> programs() {
        return programs;
    }

    private void read(Path file) throws IOException {
        LoadSettings settings = LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build();
        try (InputStream in = Files.newInputStream(file)) {
            for (Object entry : (List<?>) new Load(settings).loadFromInputStream(in)) {
                Map<?, ?> fixture = (Map<?, ?>) entry;
                of(fixture).add(String.valueOf(fixture.get("user_agent")));
            }
        }
    }

    private Set<String> of(Map<?, ?> fixture) {
        if (fixture.containsKey("bot")) {
            return robots;
        }
        boolean browser =
                fixture.get("client") instanceof Map<?, ?> client
                        && "browser".equals(client.get("type"));
        return browser ? people : programs;
    }
}
