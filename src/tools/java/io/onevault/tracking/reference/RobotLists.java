package io.onevault.tracking.reference;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.program.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Command: brings the lists of robots up to date with two packages of the npm registry. */
@Command(
        name = "robots",
        mixinStandardHelpOptions = true,
        description = {
            "Makes robots.csv and robot-words.csv out of two npm packages.",
            "Tells which lines that adds (+), removes (-) and changes (~). The packages come by 'npm"
                    + " pack crawler-user-agents' and 'npm pack isbot', unpacked by 'tar xzf'."
                    + " robot-exceptions.csv says which of their expressions are left out, and what"
                    + " the robots are for that isbot's stand for; those of its lines that fit no"
                    + " expression are told, too (?)."
        })
final class RobotLists implements Callable<Integer> {

    @ParentCommand private ReferenceLists lists;

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

    @Override
    public Integer call() throws IOException {
        RobotPackages packages = new RobotPackages(crawlers, isbot);
        RobotRules rules = RobotRules.load();
        ReferenceLists.list("robots.csv")
                .replace(
                        header("Robots by their names", packages.crawlersOrigin(), "agent"),
                        rules.named(packages.crawlers()),
                        lists.out());
        ReferenceLists.list("robot-words.csv")
                .replace(
                        header(
                                "What robots' agents look like",
                                packages.isbotOrigin(),
                                "lower-cased agent"),
                        rules.words(packages.expressions()),
                        lists.out());
        rules.unused().forEach(expression -> lists.out().println("? " + expression));
        return Program.OK;
    }

    private List<String> header(String title, JsonNode npm, String where) {
        return List.of(
                "%s. Made by ReferenceLists, not by hand. Origin: %s %s of the npm registry. Licence: %s. Date: %s."
                        .formatted(
                                title,
                                npm.path("name").asText(),
                                npm.path("version").asText(),
                                npm.path("license").asText(),
                                lists.date()),
                "what the robot is for (server, app: only where nothing says whom it acts for),where,token: the first"
                        + " line whose token occurs in the %s decides.".formatted(where));
    }
}
