package io.onevault.tracking.reference;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    private final Set<String> libraries = new LinkedHashSet<>();

    /**
     * @param detector folder with its Tests
     */
    AgentFixtures(Path detector) throws IOException {
        Path tests = detector.resolve("Tests");
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(tests.resolve("fixtures"), "*.yml")) {
            for (Path file : files) {
                for (Map<?, ?> fixture : read(file)) {
                    of(fixture).add(agent(fixture));
                }
            }
        }
        programs.removeAll(people);
        for (Map<?, ?> fixture : read(tests.resolve("Parser/Client/fixtures/library.yml"))) {
            libraries.add(agent(fixture));
        }
    }

    /** Leaves out what an older edition has. */
    void removeAll(AgentFixtures older) {
        robots.removeAll(older.robots);
        people.removeAll(older.people);
        programs.removeAll(older.programs);
        libraries.removeAll(older.libraries);
    }

    Set<String> robots() {
        return robots;
    }

    /** Agents of browsers. */
    Set<String> people() {
        return people;
    }

    /** Agents of other programs: apps, players, feed readers, a few HTTP libraries. */
    Set<String> programs() {
        return programs;
    }

    /** Agents of libraries for HTTP. */
    Set<String> libraries() {
        return libraries;
    }

    private static List<Map<?, ?>> read(Path file) throws IOException {
        LoadSettings settings = LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build();
        List<Map<?, ?>> fixtures = new ArrayList<>();
        try (InputStream in = Files.newInputStream(file)) {
            for (Object entry : (List<?>) new Load(settings).loadFromInputStream(in)) {
                fixtures.add((Map<?, ?>) entry);
            }
        }
        return fixtures;
    }

    private static String agent(Map<?, ?> fixture) {
        return String.valueOf(fixture.get("user_agent"));
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
