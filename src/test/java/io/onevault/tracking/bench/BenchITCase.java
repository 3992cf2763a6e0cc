package io.onevault.tracking.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.local.Console;
import io.onevault.tracking.local.Interrupts;
import io.onevault.tracking.local.Progress;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The benchmark, started once with all that goes together. */
class BenchITCase {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void measuresFreshnessBalancesTheBooksAndComparesOnTheSameTopic() throws Exception {
        int exitCode =
                bench(
                        "--events=3000",
                        "--rate=1000",
                        "--warm-up=0",
                        "--compare=copy,textbook",
                        // Without a number it gives the textbook job up after a while.
                        "--compare-events=3000",
                        "--set=execution.checkpointing.interval=1s");

        JsonNode report = lastLine();
        assertThat(report.path("errors")).isEmpty();
        assertThat(exitCode).isZero();
        assertThat(report.at("/ledger/received").asInt()).isEqualTo(3_000);
        assertThat(report.at("/freshness_ms/sampled").asInt()).isGreaterThan(20);
        assertThat(report.at("/freshness_ms/missing").asInt()).isZero();
        assertThat(report.at("/session_freshness_ms/sampled").asInt()).isPositive();
        assertThat(report.at("/cost_per_event_with_warm_up/postgres_us").asDouble()).isPositive();
        assertThat(report.at("/cost_per_event_with_warm_up/wal_bytes").asInt()).isPositive();
        assertThat(report.at("/database/full_page_writes").asText()).isEqualTo("on");
        assertThat(report.at("/disk/tables/business.site_event_h/rows_per_event").asDouble())
                .isBetween(0.9, 1.0);
        assertThat(report.at("/state/bytes_by_step").size()).isPositive();
        assertThat(report.at("/memory/managed").asText()).isEqualTo("512 mb");
        assertThat(report.at("/memory/peak_resident_mib").asInt()).isPositive();
        assertCopiedTheVerySameRows(report);
        assertThat(report.at("/textbook/records").asInt()).isEqualTo(3_000);
        assertThat(report.at("/textbook/cost_per_event/postgres_us").asDouble()).isPositive();
        assertThat(report.at("/textbook/cost_per_event/jvm_us").asDouble()).isPositive();
    }

    private static void assertCopiedTheVerySameRows(JsonNode report) {
        double rows = 0;
        for (JsonNode table : report.at("/disk/tables")) {
            rows += table.path("rows_per_event").asDouble();
        }
        // The report tells rows a table to the second digit; the sum of some 25 is less exact.
        assertThat(report.at("/copy_indexed/rows_per_event").asDouble())
                .isCloseTo(rows, within(0.1));
        assertThat(report.at("/copy_unindexed/rows_per_event"))
                .isEqualTo(report.at("/copy_indexed/rows_per_event"));
        assertThat(report.at("/copy_unindexed/wal_bytes").asInt())
                .isPositive()
                .isLessThan(report.at("/copy_indexed/wal_bytes").asInt());
        assertThat(report.at("/ratios/copy_indexed_to_ours_postgres_us").asDouble()).isPositive();
    }

    @Test
    void refusesArgumentsThatMakeNoSense() {
        assertThat(bench("--events", "0")).isEqualTo(2);
        assertThat(bench("--filled", "1000", "--compare", "copy")).isEqualTo(2);
        assertThat(bench("--without", "loading", "--compare", "textbook")).isEqualTo(2);
        assertThat(bench("--compare", "magic")).isEqualTo(2);
        assertThat(bench("--set", "load.no-such-option=1")).isEqualTo(2);
    }

    private int bench(String... args) {
        PrintStream results = new PrintStream(out, true, StandardCharsets.UTF_8);
        Progress progress = new Progress(System.err, false);
        Console console =
                new Console(InputStream.nullInputStream(), results, progress, new Interrupts());
        return console.run(new Bench(console), args);
    }

    private JsonNode lastLine() throws Exception {
        String[] lines = out.toString(StandardCharsets.UTF_8).strip().split("\n");
        return new ObjectMapper().readTree(lines[lines.length - 1]);
    }
}
