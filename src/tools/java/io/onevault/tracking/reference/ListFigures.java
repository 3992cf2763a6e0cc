package io.onevault.tracking.reference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.enrich.UserAgents;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Command line: how well our reference lists do on public lists of agents and of sites. */
@Command(
        name = "ListFigures",
        mixinStandardHelpOptions = true,
        description = {
            "Tells how many robots, people, referrers and sites of public lists are called rightly,",
            "apart for the half that the rules may be tuned on and the half that is held back: the",
            "lowest bit of the first byte of an entry's SHA-256 decides which."
        })
public final class ListFigures implements Callable<Integer> {

    @Option(
            names = "--crawlers",
            paramLabel = "DIR",
            description = "The unpacked npm package crawler-user-agents: its instances.")
    private @Nullable Path crawlers;

    @Option(
            names = "--device-detector",
            paramLabel = "DIR",
            description = "Tests/fixtures of Matomo's device-detector: bots.yml, and people.")
    private @Nullable Path deviceDetector;

    @Option(
            names = "--referrers",
            paramLabel = "FILE",
            description = "referer-tests.json of Snowplow's referer-parser.")
    private @Nullable Path referrers;

    @Option(
            names = "--ga4",
            paramLabel = "FILE",
            description = "GA4's source categories: lines of a source and its category.")
    private @Nullable Path ga4;

    @Option(
            names = "--wrong",
            description = "Print what is called wrongly in the half that rules are tuned on.")
    private boolean wrong;

    private final ObjectMapper json = new ObjectMapper();
    private final UserAgents agents = new UserAgents(1);
    private final PrintStream out;

    ListFigures(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new ListFigures(System.out)).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        if (crawlers != null) {
            tell("robots of crawler-user-agents", crawlerInstances(crawlers), this::isRobot);
        }
        if (deviceDetector != null) {
            AgentFixtures fixtures = new AgentFixtures(deviceDetector);
            tell("robots of device-detector", fixtures.robots(), this::isRobot);
            tell(
                    "browsers of people of device-detector",
                    fixtures.people(),
                    agent -> !isRobot(agent));
            tell(
                    "other programs of people of device-detector",
                    fixtures.programs(),
                    agent -> !isRobot(agent));
        }
        if (referrers != null) {
            SiteFigures figures = new SiteFigures();
            JsonNode tests = json.readTree(referrers.toFile());
            tell("referrers of referer-parser", figures.referrers(tests), figures::isRight);
        }
        if (ga4 != null) {
            SiteFigures figures = new SiteFigures();
            tell("sources of GA4", figures.sources(ReferenceFile.lines(ga4)), figures::isRight);
        }
        return 0;
    }

    private boolean isRobot(String agent) {
        return agents.parse(agent, false).bot();
    }

    private void tell(String title, Set<String> entries, Predicate<String> right) {
        HeldBack halves = new HeldBack();
        for (String entry : entries) {
            boolean isRight = right.test(entry);
            halves.count(entry, isRight);
            if (wrong && !isRight && !HeldBack.isHeldBack(entry)) {
                out.println("  " + entry);
            }
        }
        out.println(title + ": " + halves);
    }

    private Set<String> crawlerInstances(Path packed) throws IOException {
        Set<String> instances = new LinkedHashSet<>();
        for (JsonNode crawler :
                json.readTree(packed.resolve("crawler-user-agents.json").toFile())) {
            crawler.path("instances").forEach(instance -> instances.add(instance.asText()));
        }
        return instances;
    }
}
