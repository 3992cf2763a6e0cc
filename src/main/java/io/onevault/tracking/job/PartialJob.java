package io.onevault.tracking.job;

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
        Topology.Sinks sinks =
                without.contains(Part.LOADING)
                        ? withoutLoading(settings)
                        : withoutSessions(JdbcSinks.vault(settings));
        Topology.build(env, SiteTrackingJob.sources(settings), sinks, settings);
    }

    private static Topology.Sinks withoutLoading(JobSettings settings) {
        return new Topology.Sinks(
                new AcceptEvents(),
                new DiscardingSink<>(),
                new DiscardingSink<>(),
                KafkaEndpoints.rejected(settings),
                new DiscardingSink<>(),
                new DiscardingSink<>());
    }

    private static Topology.Sinks withoutSessions(Topology.Sinks all) {
        return new Topology.Sinks(
                all.events(),
                all.descriptions(),
                new DiscardingSink<>(),
                all.rejectedTopic(),
                all.rejectedRows(),
                all.ledger());
    }
}
