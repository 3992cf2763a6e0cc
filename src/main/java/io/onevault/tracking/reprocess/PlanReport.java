package io.onevault.tracking.reprocess;

import java.io.PrintStream;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Prints what a plan found. */
final class PlanReport {

    /** Assumed, not measured: the database sets it, and machines differ. */
    static final long EVENTS_PER_SECOND_AND_SLOT = 2_000;

    private static final int MEGABYTE = 1_000_000;

    private final PrintStream out;
    private final Map<String, String> tenants;

    /**
     * @param tenants their names by hash key
     */
    PlanReport(PrintStream out, Map<String, String> tenants) {
        this.out = out;
        this.tenants = tenants;
    }

    /**
     * @param sums by tenant and day
     * @param slots that a build will have
     */
    void print(@Nullable Savepoint savepoint, List<DaySum> sums, int slots) {
        if (savepoint != null) {
            line("%s, %s", savepoint.kind(), savepoint.path());
            line("archive %,.1f MB", (double) savepoint.archiveBytes() / MEGABYTE);
            savepoint.nextOffsets().forEach((topic, next) -> line("%s", offsets(topic, next)));
        }
        line("%n%-20s %-10s %12s %12s %12s", "tenant", "day", "events", "raw alone", "MB");
        DaySum total = new DaySum("", 0, 0, 0, 0);
        for (DaySum sum : sums) {
            String name = tenants.getOrDefault(sum.tenantHk(), "(not registered)");
            print(name, LocalDate.ofEpochDay(sum.epochDay()).toString(), sum);
            total = total.plus(sum);
        }
        print("all", "", total);
        Duration time =
                Duration.ofSeconds(total.events() / (EVENTS_PER_SECOND_AND_SLOT * slots) + 1);
        line(
                "%nA build takes about %d:%02d:%02d with %d slots: an estimate, by %,d events a"
                        + " second and slot, which is assumed.",
                time.toHours(),
                time.toMinutesPart(),
                time.toSecondsPart(),
                slots,
                EVENTS_PER_SECOND_AND_SLOT);
    }

    private void print(String tenant, String day, DaySum sum) {
        double megabytes = (double) sum.bytes() / MEGABYTE;
        line("%-20s %-10s %,12d %,12d %,12.1f", tenant, day, sum.events(), sum.raw(), megabytes);
    }

    private static String offsets(String topic, Map<Integer, Long> next) {
        StringJoiner offsets = new StringJoiner(", ", "goes on in " + topic + " at ", "");
        next.forEach((partition, offset) -> offsets.add(partition + "/" + offset));
        return offsets.toString();
    }

    private void line(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }
}
