package io.onevault.tracking.bench;

import io.onevault.tracking.bench.feed.EventFeed;
import io.onevault.tracking.bench.feed.Freshness;
import io.onevault.tracking.bench.gauge.DatabaseCounters;
import io.onevault.tracking.bench.gauge.Machine;
import io.onevault.tracking.bench.gauge.Moment;
import io.onevault.tracking.bench.gauge.Rates;
import io.onevault.tracking.bench.report.BenchReport;
import io.onevault.tracking.local.Ledger;
import io.onevault.tracking.local.StackSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.CheckpointStatsSnapshot;
import org.apache.flink.runtime.util.stats.StatsSummarySnapshot;

/** Turns what was measured into the report's members. */
public final class BenchFindings {

    private static final long WINDOW_NANOS = 10_000_000_000L;

    /** Members that other figures are compared with. */
    static final String COST = "cost_per_event";

    static final String POSTGRES = "postgres_us";
    static final String SUSTAINED = "sustained";
    static final String OVERALL = "overall";
    static final String LEDGER = "ledger";
    static final String RATE = "events_per_s";

    private static final double MEDIAN = 0.5;

    /** Flink's option: what RocksDB may use of each TaskManager. */
    private static final String MANAGED_MEMORY = "taskmanager.memory.managed.size";

    private static final double P99 = 0.99;

    private final BenchOptions options;
    private final BenchReport report;

    BenchFindings(BenchOptions options, BenchReport report) {
        this.options = options;
        this.report = report;
    }

    /** Rates and costs of the whole run and of its part after the warm-up. */
    void rates(BenchPass pass) {
        Map<String, Object> rate = rate(pass, options);
        rate.put("load_average_at_end", Machine.loadAverage());
        report.put("options", options());
        report.put(RATE, rate);
        report.put(COST, cost(pass));
        report.put(
                "cost_per_event_with_warm_up",
                pass.ended().costSince(pass.started(), pass.rates().last().committed()));
    }

    /** How fast records were committed. */
    static Map<String, Object> rate(BenchPass pass, BenchOptions options) {
        double[] windows = pass.rates().perWindow(pass.counted().cpu().atNanos(), WINDOW_NANOS);
        long committed = pass.rates().last().committed();
        double seconds = pass.ended().secondsSince(pass.started());
        Map<String, Object> rate = new LinkedHashMap<>();
        rate.put("warm_up_s", pass.isWarm() ? options.warmUpSeconds : 0);
        if (windows.length > 0) {
            rate.put(SUSTAINED, Math.round(Rates.quantile(windows, MEDIAN)));
            rate.put("per_10_s", Arrays.stream(windows).mapToObj(Math::round).toList());
        }
        rate.put(OVERALL, Math.round(committed / seconds));
        rate.put("seconds", Moment.rounded(seconds));
        return rate;
    }

    /** What a record cost from the end of the warm-up on. */
    static Map<String, Object> cost(BenchPass pass) {
        Rates rates = pass.rates();
        double before = rates.committedAt(pass.counted().cpu().atNanos());
        return pass.ended().costSince(pass.counted(), rates.last().committed() - before);
    }

    private Map<String, Object> options() {
        Map<String, Object> used = new LinkedHashMap<>();
        used.put("events", options.events);
        used.put("rate", options.rate);
        used.put("filled", options.filled);
        used.put("without", options.without.toString());
        used.put("event_time_rate", options.eventTimeRate);
        used.put("seed", options.seed);
        used.put("tenants", options.tenants);
        used.put("partitions", options.partitions);
        used.put("parallelism", options.parallelism);
        used.put("state_backend", options.stateBackend.name());
        used.put("set", options.set);
        return used;
    }

    void checkpoints(CheckpointStatsSnapshot statistics) {
        StatsSummarySnapshot millis = statistics.getSummaryStats().getEndToEndDurationStats();
        StatsSummarySnapshot written = statistics.getSummaryStats().getCheckpointedSize();
        StatsSummarySnapshot state = statistics.getSummaryStats().getStateSizeStats();
        Map<String, Object> checkpoints = new LinkedHashMap<>();
        checkpoints.put("completed", statistics.getCounts().getNumberOfCompletedCheckpoints());
        checkpoints.put("failed", statistics.getCounts().getNumberOfFailedCheckpoints());
        checkpoints.put("ms_median", Math.round(millis.getQuantile(MEDIAN)));
        checkpoints.put("ms_max", millis.getMaximum());
        checkpoints.put("written_bytes_max", written.getMaximum());
        checkpoints.put("state_bytes_max", state.getMaximum());
        checkpoints.put("state_bytes_per_event", state.getMaximum() / options.events);
        report.put("checkpoints", checkpoints);
    }

    /** The most memory that this process has had since the job was started. */
    void memory(StackSettings settings) throws IOException {
        Map<String, Object> memory = new LinkedHashMap<>();
        memory.put("peak_resident_mib", Machine.peakResidentMebibytes());
        memory.put("peak_heap_mib", Machine.peakHeapMebibytes());
        memory.put("managed", settings.flink().get(MANAGED_MEMORY));
        report.put("memory", memory);
    }

    void freshness(Freshness freshness) {
        Map<String, Object> found = quantiles(freshness.millis());
        found.put("missing", freshness.missing());
        report.put("freshness_ms", found);
        report.put("session_freshness_ms", quantiles(freshness.sessionMillis()));
    }

    private static Map<String, Object> quantiles(double[] millis) {
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("sampled", millis.length);
        if (millis.length > 0) {
            found.put("p50", Rates.quantile(millis, MEDIAN));
            found.put("p99", Rates.quantile(millis, P99));
            found.put("max", Rates.quantile(millis, 1));
        }
        return found;
    }

    /**
     * What the run added to the tables.
     *
     * @param before the tables when the job was started
     */
    public void disk(
            Map<String, DatabaseCounters.TableSize> before,
            Map<String, DatabaseCounters.TableSize> after) {
        Map<String, DatabaseCounters.TableSize> added = new TreeMap<>();
        after.forEach((table, size) -> added.put(table, size.since(before.get(table))));
        report.put("disk", disk(added, options.events));
    }

    public static Map<String, Object> disk(
            Map<String, DatabaseCounters.TableSize> tables, long events) {
        Map<String, Object> perTable = new LinkedHashMap<>();
        long bytes = 0;
        for (Map.Entry<String, DatabaseCounters.TableSize> table : tables.entrySet()) {
            DatabaseCounters.TableSize size = table.getValue();
            bytes += size.bytes();
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("bytes_per_event", size.bytes() / events);
            figures.put("rows_per_event", Moment.rounded(size.rows() / (double) events));
            perTable.put(table.getKey(), figures);
        }
        Map<String, Object> disk = new LinkedHashMap<>();
        disk.put("bytes", bytes);
        disk.put("bytes_per_event", bytes / events);
        disk.put("tables", perTable);
        return disk;
    }

    /** Compares the job's ledger with what was sent. */
    void books(EventFeed feed, Ledger ledger, List<String> violations) {
        List<String> errors = new ArrayList<>();
        long rejected = ledger.rejected().values().stream().mapToLong(Long::longValue).sum();
        expect("received", options.events, ledger.received(), errors);
        expect("duplicates", feed.duplicates(), ledger.duplicates(), errors);
        expect("rejected", feed.bad(), rejected, errors);
        expect(
                "loaded + duplicates + rejected + late",
                ledger.received(),
                ledger.loaded() + ledger.duplicates() + rejected + ledger.late(),
                errors);
        errors.addAll(violations);
        report.put(LEDGER, ledger(ledger));
        report.addErrors(errors);
    }

    static Map<String, Object> ledger(Ledger ledger) {
        Map<String, Object> books = new LinkedHashMap<>();
        books.put("received", ledger.received());
        books.put("loaded", ledger.loaded());
        books.put("duplicates", ledger.duplicates());
        books.put("rejected", ledger.rejected());
        books.put("late", ledger.late());
        return books;
    }

    private static void expect(String what, long expected, long actual, List<String> errors) {
        if (expected != actual) {
            errors.add(what + " should be " + expected + " but is " + actual);
        }
    }
}
