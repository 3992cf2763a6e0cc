package io.onevault.tracking.reference;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Command line: brings sources.csv up to date with the public lists of others. */
@Command(
        name = "SourceList",
        mixinStandardHelpOptions = true,
        description = {
            "Makes sources.csv out of our own exceptions and three public lists, the first one that",
            "names a site decides, in that order: GA4's source categories, Snowplow's referer",
            "database, Matomo's list of search engines, social networks and AI assistants. Only what",
            "kind of site a domain is goes over. Tells what that adds (+), removes (-) and changes",
            "(~)."
        })
public final class SourceList implements Callable<Integer> {

    @Option(
            names = "--ga4",
            paramLabel = "FILE",
            required = true,
            description = "GA4's source categories: lines of a source and SOURCE_CATEGORY_…")
    private Path ga4;

    @Option(
            names = "--snowplow",
            paramLabel = "FILE",
            required = true,
            description = "referers.yml of snowplow-referer-parser/referer-parser.")
    private Path snowplow;

    @Option(
            names = "--matomo",
            paramLabel = "DIR",
            required = true,
            description =
                    "matomo-org/searchengine-and-social-list: SearchEngines.yml, Socials.yml,"
                            + " AIAssistants.yml.")
    private Path matomo;

    @Option(
            names = "--exceptions",
            paramLabel = "FILE",
            defaultValue = "src/tools/resources/reference/source-exceptions.csv",
            description = "What we know better. Default: ${DEFAULT-VALUE}.")
    private Path exceptions;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "src/main/resources/reference/sources.csv",
            description = "The list to write. Default: ${DEFAULT-VALUE}.")
    private Path out;

    @Option(
            names = "--date",
            paramLabel = "DATE",
            description = "When the lists were fetched. Default: today.")
    private LocalDate date = LocalDate.now();

    private final PrintStream report;

    SourceList(PrintStream report) {
        this.report = report;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new SourceList(System.out)).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        SourceKinds kinds = new SourceKinds();
        for (String line : ReferenceFile.lines(exceptions)) {
            String[] row = line.split(",", 2);
            kinds.add(row[1], row[0]);
        }
        kinds.addGa4(ReferenceFile.lines(ga4));
        kinds.addSnowplow(yaml(snowplow));
        kinds.addMatomoAssistants(yaml(matomo.resolve("AIAssistants.yml")));
        kinds.addMatomoSocials(yaml(matomo.resolve("Socials.yml")));
        kinds.addMatomoSearchEngines(yaml(matomo.resolve("SearchEngines.yml")));
        new ReferenceFile(out).replace(header(), kinds.lines(), report);
        return 0;
    }

    private List<String> header() {
        return List.of(
                "Sites that visitors come from, by their kind. Made by SourceList, not by hand. Date: %s."
                        .formatted(date),
                "Origin, of the facts which site is what, the first that names it: our own"
                        + " source-exceptions.csv, Apache-2.0;",
                "  GA4's source categories, as Google publishes them beside its default channel group;",
                "  referers.yml of snowplow-referer-parser/referer-parser, after Matomo's lists, GPL-3.0;",
                "  matomo-org/searchengine-and-social-list, CC0-1.0. No text nor code of them is here.",
                "kind,name: with a dot a host and its subdomains; name.* the name under any public suffix; else a"
                        + " utm_source; none: no such site, though a part of its name is.");
    }

    private static Map<?, ?> yaml(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            LoadSettings settings =
                    LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build();
            return (Map<?, ?>) new Load(settings).loadFromInputStream(in);
        }
    }
}
