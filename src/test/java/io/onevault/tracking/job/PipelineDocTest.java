package io.onevault.tracking.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.settings.Settings;
import io.onevault.tracking.job.step.Metrics;
import io.onevault.tracking.job.step.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamEdge;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;

/** docs/pipeline.md and docs/sessions.md name what the code has. */
final class PipelineDocTest {

    private static final List<String> LABELS = List.of("REASON", "KIND");
    private static final Pattern STEP = Pattern.compile("(?m)^\\d+\\. `([a-z-]+)`");
    private static final Pattern METRIC = Pattern.compile("(?m)^\\| `([a-z_]+)` \\| (.+?) \\|");
    private static final Pattern DRAWN = Pattern.compile("\\w+Steps\\(settings\\)\\.(\\w+)\\(");
    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");

    private final String pipeline = read(Path.of("docs/pipeline.md"));
    private final String sessions = read(Path.of("docs/sessions.md"));

    @Test
    void numbersTheStepsInTheirOrder() {
        assertThat(groups(STEP, pipeline, 1)).containsExactlyElementsOf(stepIds());
    }

    @Test
    void drawsEveryStep() {
        String picture = pipeline.split("```")[1];

        assertThat(List.of(picture.split("[\\s,]+"))).containsAll(stepIds());
    }

    @Test
    void drawsTheArrowsOfTheGraph() {
        Set<String> drawn = new TreeSet<>();
        for (String line : pictureLines()) {
            String[] parts = line.replaceFirst("^\\w+ ", "").strip().split(" ─► ");
            for (int i = 1; i < parts.length; i++) {
                for (String from : parts[i - 1].split(", ")) {
                    drawn.add(from + " ─► " + parts[i]);
                }
            }
        }

        assertThat(drawn).isEqualTo(arrowsOfTheGraph());
    }

    @Test
    void hasTheLinesOfTheTopology() {
        String topology = read(Path.of("src/main/java/io/onevault/tracking/job/Topology.java"));
        List<String> labels = new ArrayList<>();
        for (String line : pictureLines()) {
            labels.add(line.replaceFirst(" .*", ""));
        }
        labels.removeIf(String::isEmpty);

        assertThat(groups(DRAWN, topology, 1)).containsExactlyElementsOf(labels);
    }

    private List<String> pictureLines() {
        return pipeline.split("```")[1].lines().filter(line -> !line.isBlank()).toList();
    }

    private static Set<String> arrowsOfTheGraph() {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(
                        Configuration.fromMap(Map.of("execution.checkpointing.interval", "10 s")));
        SiteTrackingJob.define(env, JobSettings.of(Settings.REQUIRED));
        StreamGraph graph = env.getStreamGraph(false);
        Set<String> arrows = new TreeSet<>();
        for (StreamNode node : graph.getStreamNodes()) {
            for (StreamEdge edge : node.getOutEdges()) {
                StreamNode target = graph.getStreamNode(edge.getTargetId());
                arrows.add(node.getTransformationUID() + " ─► " + target.getTransformationUID());
            }
        }
        return arrows;
    }

    @Test
    void namesEveryMetricWithAStepThatCountsIt() throws IllegalAccessException {
        List<String> names = new ArrayList<>();
        for (Field constant : Metrics.class.getDeclaredFields()) {
            if (!constant.isSynthetic() && !LABELS.contains(constant.getName())) {
                names.add((String) constant.get(null));
            }
        }

        assertThat(groups(METRIC, pipeline, 1)).containsExactlyInAnyOrderElementsOf(names);
        List<String> places = new ArrayList<>(stepIds());
        places.addAll(List.of("each batch-…", "each load-…"));
        assertThat(groups(METRIC, pipeline, 2))
                .allSatisfy(place -> assertThat(place.replace("`", "")).isIn(places));
    }

    @Test
    void namesOptionsThatThereAre() {
        List<String> prefixes =
                JobSettings.keys().stream().map(key -> key.replaceAll("\\..*", ".")).toList();

        List<String> named = new ArrayList<>(groups(CODE, pipeline, 1));
        named.addAll(groups(CODE, sessions, 1));
        named.removeIf(code -> prefixes.stream().noneMatch(code::startsWith));

        assertThat(named).isNotEmpty();
        assertThat(JobSettings.keys()).containsAll(named);
    }

    @Test
    void statesTheLimitsOfASession() {
        SessionRules rules = SessionRules.DEFAULT;

        assertThat(sessions)
                .contains(
                        String.format(Locale.ROOT, "at most %,d events", rules.maxEvents()),
                        rules.maxMillis() / 3_600_000 + " hours after its first",
                        "these are version " + SessionRules.VERSION + ".");
    }

    private static List<String> stepIds() {
        return Arrays.stream(Step.values()).map(Step::id).toList();
    }

    private static List<String> groups(Pattern pattern, String text, int group) {
        List<String> groups = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            groups.add(matcher.group(group));
        }
        return groups;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
