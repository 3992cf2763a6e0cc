package io.onevault.tracking.bench.gauge;

import java.io.IOException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All counters at one moment.
 *
 * @param walBytes of the database, since it was made
 * @param collectionMillis of this JVM's collectors, since it was started
 */
public record Moment(CpuTimes cpu, long walBytes, long collectionMillis) {

    private static final double SECOND_NANOS = 1e9;
    private static final double MICRO_NANOS = 1e3;
    private static final double DIGITS = 1e2;

    public static Moment read(long postmaster, DatabaseCounters database)
            throws IOException, SQLException {
        return new Moment(
                CpuTimes.read(postmaster), database.walBytes(), Machine.collectionMillis());
    }

    public double secondsSince(Moment earlier) {
        return (cpu.atNanos() - earlier.cpu.atNanos()) / SECOND_NANOS;
    }

    /** What each of so many records cost since an earlier moment, in JSON members. */
    public Map<String, Object> costSince(Moment earlier, double records) {
        Map<String, Long> jvm = cpu.byGroupSince(earlier.cpu);
        double postgres = cpu.postgres() - earlier.cpu.postgres();
        double generator =
                jvm.getOrDefault(ThreadGroups.GENERATOR, 0L) + jvm.getOrDefault("producer", 0L);
        double flinkAndBroker = cpu.jvm() - earlier.cpu.jvm() - generator;
        double seconds = secondsSince(earlier);

        Map<String, Object> byGroup = new LinkedHashMap<>();
        jvm.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .forEach(
                        group ->
                                byGroup.put(
                                        group.getKey(),
                                        rounded(group.getValue() / MICRO_NANOS / records)));
        Map<String, Object> cost = new LinkedHashMap<>();
        cost.put("seconds", rounded(seconds));
        cost.put("records", Math.round(records));
        cost.put("postgres_us", rounded(postgres / MICRO_NANOS / records));
        cost.put("jvm_us", rounded(flinkAndBroker / MICRO_NANOS / records));
        cost.put("generator_us", rounded(generator / MICRO_NANOS / records));
        cost.put("jvm_us_by_threads", byGroup);
        cost.put("wal_bytes", Math.round((walBytes - earlier.walBytes) / records));
        cost.put("gc_ms_per_s", rounded((collectionMillis - earlier.collectionMillis) / seconds));
        cost.put(
                "cores_used",
                rounded((postgres + flinkAndBroker + generator) / SECOND_NANOS / seconds));
        cost.put("cores_used_by_others", rounded(cpu.otherCoresSince(earlier.cpu)));
        return cost;
    }

    public static double rounded(double value) {
        return Math.round(value * DIGITS) / DIGITS;
    }
}
