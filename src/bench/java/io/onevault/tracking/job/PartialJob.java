package io.onevault.tracking.job;

import io.onevault.tracking.job.load.Loaders;
import io.onevault.tracking.job.settings.JobSettings;
import java.util.Set;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * The job without some of its parts, for the benchmark: what a part costs, how large state gets.
 */
public final class PartialJob {

    /** What can be left out. */
    public enum Part {
        /** All writing to the database: every event counts as loaded. */
        LOADING,
        /** The writing of sessions. */
        SESSIONS
    }

    private PartialJob() {}

    /** Draws the job on the environment without starting it. */
    public static void define(
            StreamExecutionEnvironment env, JobSettings settings, Set<Part> without) {
        StrictEnvironment.configure(env);
        Loaders loaders =
                without.contains(Part.LOADING)
                        ? withoutLoading()
                        : withoutSessions(Loaders.of(settings));
        Topology.draw(env, loaders, settings);
    }

    private static Loaders withoutLoading() {
        return new Loaders(
                new AcceptEvents(),
                new DiscardingSink<>(),
                new DiscardingSink<>(),
                new DiscardingSink<>(),
                new DiscardingSink<>());
    }

    private static Loaders withoutSessions(Loaders all) {
        return new Loaders(
                all.events(),
                all.descriptions(),
                new DiscardingSink<>(),
                all.rejected(),
                all.ledger());
    }
}
