package io.onevault.tracking.bench.gauge;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells by a thread's name whose work it does. */
public final class ThreadGroups {

    static final String GENERATOR = "generator";
    static final String ENDED = "ended threads";

    /** The thread that generates and sends. */
    public static final String GENERATOR_THREAD = "bench-generator";

    public static final String FRESHNESS_THREAD = "bench-freshness";

    private static final String TASK = "task ";
    private static final String OTHER = "other";
    private static final String SOURCE = "Source: ";

    /** First matching prefix wins. */
    private static final List<Map.Entry<String, String>> JAVA =
            List.of(
                    Map.entry(GENERATOR_THREAD, GENERATOR),
                    Map.entry("bench-", "bench"),
                    Map.entry("kafka-producer-network-thread", "producer"),
                    Map.entry("kafka-admin-client-thread", "bench"),
                    Map.entry("Source Data Fetcher", "kafka source reader"),
                    Map.entry("Kafka Source", "kafka source reader"),
                    Map.entry("data-plane-kafka", "broker"),
                    Map.entry("control-plane-kafka", "broker"),
                    Map.entry("kafka-", "broker"),
                    Map.entry("group-coordinator", "broker"),
                    Map.entry("transaction-coordinator", "broker"),
                    Map.entry("share-coordinator", "broker"),
                    Map.entry("quorum-controller", "broker"),
                    Map.entry("raft-", "broker"),
                    Map.entry("ExpirationReaper", "broker"),
                    Map.entry("executor-", "broker"),
                    Map.entry("broker-", "broker"),
                    Map.entry("controller-", "broker"),
                    Map.entry("OutputFlusher", "flink runtime"),
                    Map.entry("flink-", "flink runtime"),
                    Map.entry("pekko", "flink runtime"),
                    Map.entry("jobmanager", "flink runtime"),
                    Map.entry("mini-cluster", "flink runtime"),
                    Map.entry("cluster-io", "flink runtime"),
                    Map.entry("Checkpoint", "flink runtime"),
                    Map.entry("AsyncOperations", "checkpoint writer"),
                    Map.entry("SourceCoordinator", "flink runtime"),
                    Map.entry("Channel state", "flink runtime"),
                    Map.entry("System Time Trigger", "flink runtime"),
                    Map.entry("Time Trigger", "flink runtime"),
                    Map.entry("load-events-writer", "load-events writer"));

    private static final List<Map.Entry<String, String>> NATIVE =
            List.of(
                    Map.entry("GC Thread", "gc"),
                    Map.entry("G1 ", "gc"),
                    Map.entry("ParGC", "gc"),
                    Map.entry("VM Thread", "gc"),
                    Map.entry("C1 Compiler", "jit"),
                    Map.entry("C2 Compiler", "jit"),
                    Map.entry("rocksdb", "rocksdb"));

    private ThreadGroups() {}

    /** The group of a Java thread; a task of Flink's is a group of its own over all subtasks. */
    static String ofJava(String name) {
        String known = find(JAVA, name);
        if (known != null) {
            return known;
        }
        int subtask = name.lastIndexOf(" (");
        boolean task = subtask > 0 && name.indexOf(")#", subtask) > 0;
        return task ? TASK + chain(name.substring(0, subtask)) : OTHER;
    }

    /** The group of a thread that is none of Java's; null for all others. */
    static @Nullable String ofNative(String name) {
        return find(NATIVE, name);
    }

    private static @Nullable String find(List<Map.Entry<String, String>> prefixes, String name) {
        for (Map.Entry<String, String> prefix : prefixes) {
            if (name.startsWith(prefix.getKey())) {
                return prefix.getValue();
            }
        }
        return null;
    }

    /** The chain by its first step: a chain that branches has a name of several lines' length. */
    public static String chain(String name) {
        String steps = name.startsWith(SOURCE) ? name.substring(SOURCE.length()) : name;
        int arrow = steps.indexOf(" -> ");
        return arrow < 0 ? steps : steps.substring(0, arrow) + " ...";
    }
}
