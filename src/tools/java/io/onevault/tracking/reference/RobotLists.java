package io.onevault.tracking.reference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Command line: brings the lists of robots up to date with two packages of the npm registry. */
@Command(
        name = "RobotLists",
        mixinStandardHelpOptions = true,
        description = {
            "Makes robots.csv and robot-words.csv out of two packages that are kept up by others,",
            "and tells which lines that adds (+), removes (-) and changes (~). The packages come",
            "by 'npm pack crawler-user-agents' and 'npm pack isbot', unpacked by 'tar xzf'.",
            "robot-exceptions.csv says which of their expressions are left out, and what the",
            "robots are for that isbot's stand for."
        })
public final class RobotLists implements Callable<Integer> {

    @Option(
            names = "--crawlers",
            paramLabel = "DIR",
            required = true,
            description = "The unpacked package crawler-user-agents.")
    private Path crawlers;

    @Option(
            names = "--isbot",
            paramLabel = "DIR",
            required = true,
            description = "The unpacked package isbot.")
    private Path isbot;

    @Option(
            names = "--exceptions",
            paramLabel = "FILE",
            defaultValue = "src/tools/resources/reference/robot-exceptions.csv",
            description = "Our exceptions. Default: ${DEFAULT-VALUE}.")
    private Path exceptions;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "src/main/resources/reference",
            description = "Where the lists are written. Default: ${DEFAULT-VALUE}.")
    private Path out;

    @Option(
            names = "--date",
            paramLabel = "DATE",
            description = "When the packages were fetched. Default: today.")
    private LocalDate date = LocalDate.now();

    private final ObjectMapper json = new ObjectMapper();
    private final PrintStream report;

    RobotLists(PrintStream report) {
        this.report = report;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new RobotLists(System.out)).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        RobotRules rules = new RobotRules(ReferenceFile.lines(exceptions));
        JsonNode named = json.readTree(crawlers.resolve("crawler-user-agents.json").toFile());
        new ReferenceFile(out.resolve("robots.csv"))
                .replace(
                        header("Robots by their names", crawlers, "agent"),
                        rules.named(named),
                        report);
        new ReferenceFile(out.resolve("robot-words.csv"))
                .replace(
                        header("What robots' agents look like", isbot, "lower-cased agent"),
                        words(rules),
                        report);
        return 0;
    }

    private List<String> words(RobotRules rules) throws IOException {
        String script = Files.readString(isbot.resolve("index.mjs"));
        int start = script.indexOf('[', script.indexOf("patterns_default"));
        return rules.words(json.readTree(script.substring(start, script.indexOf("];", start) + 1)));
    }

    private List<String> header(String title, Path origin, String where) throws IOException {
        JsonNode npm = json.readTree(origin.resolve("package.json").toFile());
        return List.of(
                "%s. Made by RobotLists, not by hand. Origin: %s %s of the npm registry. Licence: %s. Date: %s."
                        .formatted(
                                title,
                                npm.path("name").asText(),
                                npm.path("version").asText(),
                                npm.path("license").asText(),
                                date),
                "what the robot is for,where,token: the first line whose token occurs in the %s decides."
                        .formatted(where));
    }
}
