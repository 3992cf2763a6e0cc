package io.onevault.tracking.reprocess;

import io.onevault.tracking.job.ReplayJob;
import io.onevault.tracking.job.admit.History;
import io.onevault.tracking.job.admit.ReplaySteps.RawDays;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.program.ErrorLine;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.reprocess.ReprocessException.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** Command line: tells what a build would read, and how long it will take. */
@Command(
        name = "plan",
        description = {
            "Tells what is stored: tenants, days, events and bytes, what raw adds to the archive,"
                    + " and how long a build of it will take. Changes nothing.",
            ""
        })
final class Plan implements Callable<Integer> {

    static final String JOB = "site-tracking reprocess plan";

    private static final int MOST_SUMS = 1_000_000;

    @ParentCommand private Reprocess program;
    @Mixin private SettingsOptions settings = new SettingsOptions();
    @Mixin private HistoryOptions options = new HistoryOptions();
    @Mixin private Cluster cluster = new Cluster();

    @Override
    public Integer call() {
        JobSettings job = settings.read(program.environment());
        Savepoint savepoint = options.savepoint(job);
        try (Vault vault = new Vault(job.database())) {
            Map<String, String> tenants = vault.tenants();
            vault.requireRunOf(savepoint);
            History history = options.history(savepoint, tenants, Map.of());
            RawDays days = history.raw() ? vault.rawDays() : null;
            StreamExecutionEnvironment env = cluster.environment();
            PlanReport report = new PlanReport(program.out(), tenants);
            if (savepoint != null) {
                report.print(savepoint);
            }
            long began = System.nanoTime();
            List<DaySum> sums = sums(env, job, history, days);
            Duration reading = Duration.ofNanos(System.nanoTime() - began);
            report.print(sums);
            long events = sums.stream().mapToLong(DaySum::events).sum();
            report.print(events, env.getParallelism(), reading, vault.largestBuild());
            return Program.OK;
        }
    }

    /** By tenant and day, in that order. */
    private List<DaySum> sums(
            StreamExecutionEnvironment env,
            JobSettings job,
            History history,
            @Nullable RawDays days) {
        List<DaySum> sums = new ArrayList<>();
        if (history.savepoint() == null && days == null) {
            return sums;
        }
        try {
            DataStream<DaySum> summed =
                    ReplayJob.read(env, job, history, days)
                            .map(DaySum::of)
                            .name("day-of-event")
                            .uid("day-of-event")
                            .keyBy(DaySum::key)
                            .reduce(DaySum::plus)
                            .name("sum-days")
                            .uid("sum-days");
            CloseableIterator<DaySum> collected = summed.collectAsync();
            read(env.executeAsync(JOB), collected, sums);
        } catch (ReprocessException e) {
            throw e;
        } catch (Exception e) {
            throw new ReprocessException(Code.JOB_FAILED, ErrorLine.of(e), e);
        }
        sums.sort(Comparator.comparing(DaySum::tenantHk).thenComparing(DaySum::epochDay));
        return sums;
    }

    private void read(JobClient job, CloseableIterator<DaySum> collected, List<DaySum> sums)
            throws Exception {
        try (collected) {
            while (sums.size() < MOST_SUMS && collected.hasNext()) {
                sums.add(collected.next());
            }
        } catch (RuntimeException e) {
            String why = cluster.failure(job.getJobID(), e);
            throw new ReprocessException(Code.JOB_FAILED, why, e);
        }
    }
}
