package io.onevault.tracking.bench.gauge;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * CPU time used up to one moment, in nanoseconds: by PostgreSQL, by this JVM and each of its
 * threads, and by the whole machine. Linux only: it reads {@code /proc}.
 *
 * @param atNanos when it was read, by {@link System#nanoTime}
 * @param postgres all processes of the server, those that have ended included
 * @param jvm all threads of this JVM, those that have ended included
 * @param machine all processes, on all cores
 * @param threads the living threads by an id that is theirs alone
 */
public record CpuTimes(
        long atNanos, long postgres, long jvm, long machine, Map<String, ThreadTime> threads) {

    private static final Path PROC = Path.of("/proc");
    private static final Path OWN_TASKS = PROC.resolve("self/task");

    /** Fields of {@code /proc/PID/stat} behind the name, counted from the state. */
    private static final int PARENT = 1;

    private static final int USER = 11;
    private static final int ENDED_CHILDREN_SYSTEM = 14;

    /** The kernel tells times in hundredths of a second. */
    private static final long TICK_NANOS = 10_000_000;

    /** What {@code /proc/stat} counts as not working: idle, waiting for the disk. */
    private static final int IDLE = 3;

    private static final int IO_WAIT = 4;
    private static final int STEAL = 7;

    /** A thread's group and its CPU time in nanoseconds. */
    record ThreadTime(String group, long nanos) {}

    /**
     * Reads all counters now.
     *
     * @param postmaster process id of the database server
     */
    public static CpuTimes read(long postmaster) throws IOException {
        Map<String, ThreadTime> threads = new HashMap<>();
        readJavaThreads(threads);
        readNativeThreads(threads);
        return new CpuTimes(
                System.nanoTime(),
                serverTicks(postmaster) * TICK_NANOS,
                ticks(PROC.resolve("self/stat"), USER, USER + 1) * TICK_NANOS,
                machineTicks() * TICK_NANOS,
                threads);
    }

    private static void readJavaThreads(Map<String, ThreadTime> threads) {
        ThreadMXBean bean = ManagementFactory.getThreadMXBean();
        for (ThreadInfo info : bean.getThreadInfo(bean.getAllThreadIds())) {
            if (info != null) {
                long nanos = Math.max(0, bean.getThreadCpuTime(info.getThreadId()));
                String group = ThreadGroups.ofJava(info.getThreadName());
                threads.put("java-" + info.getThreadId(), new ThreadTime(group, nanos));
            }
        }
    }

    /** Threads of the JVM itself, which only the system knows. */
    private static void readNativeThreads(Map<String, ThreadTime> threads) throws IOException {
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(OWN_TASKS)) {
            for (Path task : tasks) {
                String name = line(task.resolve("comm")).strip();
                String group = ThreadGroups.ofNative(name);
                if (group != null) {
                    long nanos = ticks(task.resolve("stat"), USER, USER + 1) * TICK_NANOS;
                    threads.put("native-" + task.getFileName(), new ThreadTime(group, nanos));
                }
            }
        }
    }

    private static long serverTicks(long postmaster) throws IOException {
        String parent = Long.toString(postmaster);
        long ticks = 0;
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                String[] fields = fields(process.resolve("stat"));
                boolean server = process.getFileName().toString().equals(parent);
                if (fields.length > PARENT && (server || fields[PARENT].equals(parent))) {
                    ticks += ticks(fields, USER, ENDED_CHILDREN_SYSTEM);
                }
            }
        }
        return ticks;
    }

    private static long machineTicks() throws IOException {
        String total = line(PROC.resolve("stat")).lines().findFirst().orElse("cpu");
        String[] fields = total.replaceFirst("cpu +", "").split(" ");
        long busy = 0;
        for (int i = 0; i <= STEAL && i < fields.length; i++) {
            busy += i == IDLE || i == IO_WAIT || i == STEAL ? 0 : Long.parseLong(fields[i]);
        }
        return busy;
    }

    private static long ticks(Path stat, int first, int last) throws IOException {
        return ticks(fields(stat), first, last);
    }

    private static long ticks(String[] fields, int first, int last) {
        long ticks = 0;
        for (int i = first; i <= last && i < fields.length; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return ticks;
    }

    /** The name in brackets may hold spaces; what follows it may not. */
    private static String[] fields(Path stat) {
        String line = line(stat);
        return line.substring(line.lastIndexOf(')') + 1).strip().split(" ");
    }

    /** Empty where the process or thread has just ended. */
    private static String line(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException gone) {
            return "";
        }
    }

    /** This JVM's time since an earlier moment, by group; sums up to the whole process. */
    Map<String, Long> byGroupSince(CpuTimes earlier) {
        Map<String, Long> groups = new TreeMap<>();
        long rest = jvm - earlier.jvm;
        for (Map.Entry<String, ThreadTime> thread : threads.entrySet()) {
            ThreadTime before = earlier.threads.get(thread.getKey());
            long nanos = thread.getValue().nanos() - (before == null ? 0 : before.nanos());
            groups.merge(thread.getValue().group(), nanos, Long::sum);
            rest -= nanos;
        }
        groups.put(ThreadGroups.ENDED, Math.max(0, rest));
        return groups;
    }

    /** Cores kept busy by others since an earlier moment, on average. */
    double otherCoresSince(CpuTimes earlier) {
        long ours = jvm - earlier.jvm + postgres - earlier.postgres;
        long others = Math.max(0, machine - earlier.machine - ours);
        return others / (double) Math.max(1, atNanos - earlier.atNanos);
    }
}
