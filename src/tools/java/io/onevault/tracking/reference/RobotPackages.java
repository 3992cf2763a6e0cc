package io.onevault.tracking.reference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The npm packages crawler-user-agents and isbot, as they are unpacked.
 *
 * @param crawlerPackage folder of crawler-user-agents
 * @param isbotPackage folder of isbot
 */
record RobotPackages(Path crawlerPackage, Path isbotPackage) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Robots by name: pattern, tags, instances. */
    JsonNode crawlers() throws IOException {
        return JSON.readTree(crawlerPackage.resolve("crawler-user-agents.json").toFile());
    }

    /** Agents of robots, as crawler-user-agents gives them for examples. */
    Set<String> instances() throws IOException {
        Set<String> instances = new LinkedHashSet<>();
        for (JsonNode crawler : crawlers()) {
            crawler.path("instances").forEach(instance -> instances.add(instance.asText()));
        }
        return instances;
    }

    /** What isbot looks for in agents. */
    JsonNode expressions() throws IOException {
        String script = Files.readString(isbotPackage.resolve("index.mjs"));
        int start = script.indexOf('[', script.indexOf("patterns_default"));
        return JSON.readTree(script.substring(start, script.indexOf("];", start) + 1));
    }

    JsonNode crawlersOrigin() throws IOException {
        return origin(crawlerPackage);
    }

    JsonNode isbotOrigin() throws IOException {
        return origin(isbotPackage);
    }

    private static JsonNode origin(Path folder) throws IOException {
        return JSON.readTree(folder.resolve("package.json").toFile());
    }
}
