package io.onevault.tracking.reference;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.enrich.OtherRobots;
import io.onevault.tracking.enrich.UserAgents;
import io.onevault.tracking.program.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Command: how well our reference lists do on public lists of agents and of sites. */
@Command(
        name = "figures",
        mixinStandardHelpOptions = true,
        description = {
            "Tells how many agents and sites of public lists are called rightly.",
            "The half that rules may be tuned on is told apart from the half that is held back: the"
                    + " lowest bit of the first byte of an entry's SHA-256 decides. With --older,"
                    + " robots are known by the lists of older editions, and asked about are the"
                    + " agents that those don't have."
        })
final class ListFigures implements Callable<Integer> {

    @ParentCommand private ReferenceLists lists;

    @Option(
            names = "--robots",
            paramLabel = "DIR",
            description = {
                "A folder with the unpacked npm packages crawler-user-agents and isbot, and",
                "device-detector with the Tests of Matomo's."
            })
    private @Nullable Path robots;

    @Option(
            names = "--older",
            paramLabel = "DIR",
            description = "A folder as for --robots, with older editions.")
    private @Nullable Path older;

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

    private UserAgents agents = new UserAgents(1);

    @Override
    public Integer call() throws IOException {
        if (robots != null) {
            tellOfAgents(robots, older);
        }
        if (referrers != null) {
            SiteFigures figures = new SiteFigures();
            tell(
                    "referrers of referer-parser",
                    figures.referrers(new ObjectMapper().readTree(referrers.toFile())),
                    figures::isRight);
        }
        if (ga4 != null) {
            SiteFigures figures = new SiteFigures();
            tell("sources of GA4", figures.sources(ReferenceFile.lines(ga4)), figures::isRight);
        }
        return Program.OK;
    }

    private void tellOfAgents(Path folder, @Nullable Path earlier) throws IOException {
        Set<String> crawlers = packages(folder).instances();
        AgentFixtures fixtures = fixtures(folder);
        if (earlier != null) {
            RobotPackages before = packages(earlier);
            RobotRules rules = RobotRules.load();
            agents =
                    OtherRobots.reader(
                            rules.named(before.crawlers()), rules.words(before.expressions()));
            crawlers.removeAll(before.instances());
            fixtures.removeAll(fixtures(earlier));
        }
        tell("robots of crawler-user-agents", crawlers, this::isRobot);
        tell("robots of device-detector", fixtures.robots(), this::isRobot);
        tell("browsers of people", fixtures.people(), agent -> !isRobot(agent));
        tell("other programs of people", fixtures.programs(), agent -> !isRobot(agent));
        tell("robots of both that have an id", union(crawlers, fixtures.robots()), this::isSure);
        tell("HTTP libraries that have an id", fixtures.libraries(), agent -> !isSure(agent));
    }

    private static RobotPackages packages(Path folder) {
        return new RobotPackages(folder.resolve("crawler-user-agents"), folder.resolve("isbot"));
    }

    private static AgentFixtures fixtures(Path folder) throws IOException {
        return new AgentFixtures(folder.resolve("device-detector"));
    }

    private static Set<String> union(Set<String> some, Set<String> others) {
        Set<String> all = new LinkedHashSet<>(some);
        all.addAll(others);
        return all;
    }

    private boolean isRobot(String agent) {
        return agents.parse(agent, false).bot();
    }

    private boolean isSure(String agent) {
        return agents.parse(agent, true).bot();
    }

    private void tell(String title, Set<String> entries, Predicate<String> right) {
        HeldBack halves = new HeldBack();
        for (String entry : entries) {
            boolean isRight = right.test(entry);
            halves.count(entry, isRight);
            if (wrong && !isRight && !HeldBack.isHeldBack(entry)) {
                lists.out().println("  " + entry);
            }
        }
        lists.out().println(title + ": " + halves);
    }
}
