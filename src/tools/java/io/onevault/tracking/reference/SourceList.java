package io.onevault.tracking.reference;

import io.onevault.tracking.program.Program;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Command: brings sources.csv up to date with the public lists of others. */
@Command(
        name = "sources",
        mixinStandardHelpOptions = true,
        description = {
            "Makes sources.csv out of source-exceptions.csv and three public lists.",
            "The first one that names a site decides, in that order: GA4's source categories,"
                    + " Snowplow's referer database, Matomo's list of search engines, social"
                    + " networks and AI assistants. Only what kind of site a domain is goes over."
                    + " Tells what that adds (+), removes (-) and changes (~). A list that is left"
                    + " out can judge what the others know: see 'figures'."
        })
final class SourceList implements Callable<Integer> {

    @ParentCommand private ReferenceLists lists;

    @Option(
            names = "--ga4",
            paramLabel = "FILE",
            description = "GA4's source categories: lines of a source and SOURCE_CATEGORY_…")
    private @Nullable Path ga4;

    @Option(
            names = "--snowplow",
            paramLabel = "FILE",
            description = "referers.yml of snowplow-referer-parser/referer-parser.")
    private @Nullable Path snowplow;

    @Option(
            names = "--matomo",
            paramLabel = "DIR",
            description =
                    "matomo-org/searchengine-and-social-list: SearchEngines.yml, Socials.yml,"
                            + " AIAssistants.yml.")
    private @Nullable Path matomo;

    @Override
    public Integer call() throws IOException {
        SourceKinds kinds = new SourceKinds();
        for (String line :
                ReferenceFile.lines(ReferenceLists.exceptions("source-exceptions.csv"))) {
            String[] row = line.split(",", 2);
            kinds.add(row[1], row[0]);
        }
        if (ga4 != null) {
            kinds.addGa4(ReferenceFile.lines(ga4));
        }
        if (snowplow != null) {
            kinds.addSnowplow(yaml(snowplow));
        }
        if (matomo != null) {
            kinds.addMatomoAssistants(yaml(matomo.resolve("AIAssistants.yml")));
            kinds.addMatomoSocials(yaml(matomo.resolve("Socials.yml")));
            kinds.addMatomoSearchEngines(yaml(matomo.resolve("SearchEngines.yml")));
        }
        ReferenceLists.list("sources.csv").replace(header(), kinds.lines(), lists.out());
        return Program.OK;
    }

    private List<String> header() {
        return List.of(
                "Sites that visitors come from, by their kind. Made by ReferenceLists, not by hand. Date: %s."
                        .formatted(lists.date()),
                "Origin, of the facts which site is what, the first that names it: our own"
                        + " source-exceptions.csv, Apache-2.0;",
                "  GA4's source categories, as Google publishes them beside its default channel group;",
                "  referers.yml of snowplow-referer-parser/referer-parser, after Matomo's lists, GPL-3.0;",
                "  matomo-org/searchengine-and-social-list, CC0-1.0. No text nor code of them is here.",
                "kind,name: with a dot a host and its subdomains; name.* the name under any suffix of a registry; else a"
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
