package io.onevault.tracking.job;

import io.onevault.tracking.job.load.Loaders;
import io.onevault.tracking.job.read.ReadSteps;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.job.settings.JobSettings;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ParameterTool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The streaming job: tracker events from Kafka into the Data Vault in PostgreSQL. */
public final class SiteTrackingJob {

    public static final String NAME = "site-tracking";

    private static final Logger LOG = LoggerFactory.getLogger(SiteTrackingJob.class);

    private SiteTrackingJob() {}

    public static void main(String[] args) throws Exception {
        if (JobSettings.helps(args)) {
            return;
        }
        JobSettings settings = JobSettings.load(args, System.getenv());
        LOG.info("Settings: {}", settings);
        new ReadSteps(settings).checkTopics();
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        define(env, settings);
        env.execute(NAME);
    }

    /** Draws the job on the environment without starting it. */
    public static void define(StreamExecutionEnvironment env, JobSettings settings) {
        StrictEnvironment.configure(env);
        // By its REST API the cluster tells them, whatever the file says by then.
        env.getConfig()
                .setGlobalJobParameters(ParameterTool.fromMap(settings.texts(JobOptions.DECIDING)));
        Topology.draw(env, Loaders.of(settings), settings);
    }
}
