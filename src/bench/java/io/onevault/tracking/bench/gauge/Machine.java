package io.onevault.tracking.bench.gauge;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/** What a figure was measured on, and how busy that machine was already. */
public final class Machine {

    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final Path MODEL = Path.of("/proc/cpuinfo");
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path PEAKS = Path.of("/proc/self/clear_refs");
    private static final String FORGET_PEAK = "5";
    private static final long MEBIBYTE = 1024 * 1024;

    private Machine() {}

    /** The machine and this JVM, in JSON members. */
    public static Map<String, Object> describe() throws IOException {
        Map<String, Object> machine = new LinkedHashMap<>();
        machine.put("cores", Runtime.getRuntime().availableProcessors());
        machine.put("processor", field(MODEL, "model name"));
        machine.put("memory", field(MEMORY, "MemTotal"));
        machine.put("kernel", System.getProperty("os.name") + " " + kernel());
        machine.put("jdk", System.getProperty("java.vm.name") + " " + Runtime.version());
        machine.put("heap_mib", Runtime.getRuntime().maxMemory() / MEBIBYTE);
        machine.put("gc", collectors());
        machine.put("load_average", loadAverage());
        return machine;
    }

    /** Load average of the last minute. */
    public static double loadAverage() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    private static String kernel() {
        return System.getProperty("os.version") + " " + System.getProperty("os.arch");
    }

    private static String collectors() {
        StringJoiner names = new StringJoiner(", ");
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            names.add(collector.getName());
        }
        return names.toString();
    }

    /** Milliseconds in which the collectors stopped this JVM, so far. */
    static long collectionMillis() {
        long millis = 0;
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            millis += collector.getCollectionTime();
        }
        return millis;
    }

    /** Greatest heap use between collections since the JVM's start, in MiB. */
    public static long peakHeapMebibytes() {
        long bytes = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == java.lang.management.MemoryType.HEAP) {
                bytes += pool.getPeakUsage().getUsed();
            }
        }
        return bytes / MEBIBYTE;
    }

    /** Begins anew to note the most memory that this process has; nothing where it may not. */
    public static void forgetPeakResident() {
        try {
            Files.writeString(PEAKS, FORGET_PEAK, StandardOpenOption.WRITE);
        } catch (IOException notAllowed) {
            // The peak is that since the start then.
        }
    }

    /** The most memory that this process has had, in MiB, all but what is swapped out. */
    public static long peakResidentMebibytes() throws IOException {
        String kibibytes = field(STATUS, "VmHWM");
        return Long.parseLong(kibibytes.replace(" kB", "")) * 1024 / MEBIBYTE;
    }

    private static String field(Path file, String name) throws IOException {
        if (!Files.isReadable(file)) {
            return "unknown";
        }
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith(name)) {
                return line.substring(line.indexOf(':') + 1).strip();
            }
        }
        return "unknown";
    }
}
