package io.onevault.tracking.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a chaos run did and found.
 *
 * @param load average of the machine
 */
record ChaosReport(long seed, List<Round> rounds, double load) {

    /**
     * @param catchUpSeconds of each fault, from its end until all was committed that was in the
     *     topic then
     * @param records that the broker took so far
     * @param lost records that the ledger does not know
     * @param doubled event rows that the undisturbed run does not have
     */
    record Round(
            List<ChaosFault> faults,
            List<Double> catchUpSeconds,
            long records,
            long lost,
            long doubled) {}

    void write() throws IOException {
        List<Double> seconds = new ArrayList<>();
        Map<ChaosFault, Integer> faults = new TreeMap<>();
        for (Round round : rounds) {
            seconds.addAll(round.catchUpSeconds());
            round.faults().forEach(fault -> faults.merge(fault, 1, Integer::sum));
        }
        seconds.sort(null);
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode json = mapper.createObjectNode();
        json.put("seed", seed);
        json.put("rounds", rounds.size());
        json.set("faults", mapper.valueToTree(faults));
        json.put("records", rounds.get(rounds.size() - 1).records());
        json.put("lost", rounds.stream().mapToLong(Round::lost).sum());
        json.put("doubled", rounds.stream().mapToLong(Round::doubled).sum());
        json.put("catch_up_seconds_median", seconds.get(seconds.size() / 2));
        json.put("catch_up_seconds_max", seconds.get(seconds.size() - 1));
        json.put("load_average", load);
        json.set("each", mapper.valueToTree(rounds));
        String text = mapper.writeValueAsString(json);
        Files.writeString(Path.of("target", "chaos-report.json"), text + '\n');
        System.out.println(text);
    }
}
