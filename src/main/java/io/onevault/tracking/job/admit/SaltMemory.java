package io.onevault.tracking.job.admit;

import java.io.IOException;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.runtime.taskexecutor.GlobalAggregateManager;

/**
 * The salts that the job has used, in the memory of its JobManager: they outlive a crash of the
 * database and a restart of the tasks, and unlike in state or a log nothing is left of them when
 * they die. So a visitor stays the same in what is read again after a failure.
 */
final class SaltMemory {

    private static final String NAME = "site-tracking-salts";

    private final GlobalAggregateManager jobManager;

    SaltMemory(GlobalAggregateManager jobManager) {
        this.jobManager = jobManager;
    }

    Map<LocalDate, byte[]> recall() throws IOException {
        return remember(Map.of());
    }

    /** Keeps the salts of days that had none, and returns all that are known. */
    Map<LocalDate, byte[]> remember(Map<LocalDate, byte[]> salts) throws IOException {
        return update(salts, LocalDate.MIN);
    }

    /** Forgets the salts of days before one. */
    void forgetBefore(LocalDate day) throws IOException {
        update(Map.of(), day);
    }

    private Map<LocalDate, byte[]> update(Map<LocalDate, byte[]> salts, LocalDate first)
            throws IOException {
        return jobManager.updateGlobalAggregate(
                NAME, new HashMap<>(salts), new FirstOfEachDay(first));
    }

    /** What was first said of each of the last three days, but for those before a first one. */
    private static final class FirstOfEachDay
            implements AggregateFunction<
                    Map<LocalDate, byte[]>,
                    TreeMap<LocalDate, byte[]>,
                    HashMap<LocalDate, byte[]>> {

        private static final long serialVersionUID = 1;

        /** The last day is tomorrow, the first one that lives yesterday. */
        private static final int DAYS_BEFORE_THE_LAST = 2;

        private final LocalDate first;

        private FirstOfEachDay(LocalDate first) {
            this.first = first;
        }

        @Override
        public TreeMap<LocalDate, byte[]> createAccumulator() {
            return new TreeMap<>();
        }

        @Override
        public TreeMap<LocalDate, byte[]> add(
                Map<LocalDate, byte[]> salts, TreeMap<LocalDate, byte[]> known) {
            salts.forEach(known::putIfAbsent);
            known.headMap(first).clear();
            if (!known.isEmpty()) {
                known.headMap(known.lastKey().minusDays(DAYS_BEFORE_THE_LAST)).clear();
            }
            return known;
        }

        @Override
        public HashMap<LocalDate, byte[]> getResult(TreeMap<LocalDate, byte[]> known) {
            return new HashMap<>(known);
        }

        @Override
        public TreeMap<LocalDate, byte[]> merge(
                TreeMap<LocalDate, byte[]> one, TreeMap<LocalDate, byte[]> other) {
            return add(other, one);
        }
    }
}
