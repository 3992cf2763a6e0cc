package io.onevault.tracking.reprocess;

import io.onevault.tracking.event.SessionRules;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Prints what a plan found. */
final class PlanReport {

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

    void print(Savepoint savepoint) {
        line("%s, %s", savepoint.kind(), savepoint.path());
        line("archive %,.1f MB", (double) savepoint.archiveBytes() / MEGABYTE);
        line(
                "watermark %s",
                savepoint.watermark() == Long.MIN_VALUE
                        ? "none yet"
                        : Instant.ofEpochMilli(savepoint.watermark()));
        savepoint.nextOffsets().forEach((topic, next) -> line("%s", offsets(topic, next)));
    }

    /**
     * @param sums by tenant and day
     */
    void print(List<DaySum> sums) {
        line("%n%-20s %-10s %12s %12s %12s", "tenant", "day", "events", "raw alone", "MB");
        DaySum total = new DaySum("", Long.MIN_VALUE, 0, 0, 0);
        for (DaySum sum : sums) {
            String name = tenants.getOrDefault(sum.tenantHk(), "(not registered)");
            print(name, LocalDate.ofEpochDay(sum.epochDay()).toString(), sum);
            total = total.plus(sum);
        }
        print("all", "", total);
        if (total.events() > 0) {
            line("last event %s", Instant.ofEpochMilli(total.lastAt()));
        }
        line("%s%nsession rules %d", raw(sums), SessionRules.VERSION);
    }

    private static String raw(List<DaySum> sums) {
        List<Long> days =
                sums.stream().filter(sum -> sum.raw() > 0).map(DaySum::epochDay).sorted().toList();
        return days.isEmpty()
                ? "raw adds nothing to the archive"
                : "raw adds events of %s to %s"
                        .formatted(
                                LocalDate.ofEpochDay(days.get(0)),
                                LocalDate.ofEpochDay(days.get(days.size() - 1)));
    }

    /**
     * @param slots that a build will have
     * @param reading how long the plan has read
     * @param build by which a build's time can be told
     */
    void print(long events, int slots, Duration reading, @Nullable MeasuredBuild build) {
        if (build == null) {
            line(
                    "%nA build takes longer than %s, in which all was read with %d slots: how fast"
                            + " events are loaded will be known when one was built here.",
                    time(reading), slots);
            return;
        }
        line(
                "%nA build takes about %s with %d slots, as fast as that of %s: %,d events in %s,"
                        + " %,.0f events/s with %d slots.",
                time(Duration.ofSeconds((long) (events / build.eventsPerSecond()))),
                slots,
                build.began(),
                build.events(),
                time(Duration.ofSeconds((long) build.seconds())),
                build.eventsPerSecond(),
                build.slots());
    }

    private static String time(Duration time) {
        return String.format(
                Locale.ROOT,
                "%d:%02d:%02d",
                time.toHours(),
                time.toMinutesPart(),
                time.toSecondsPart());
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
