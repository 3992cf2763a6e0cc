package io.onevault.tracking.local;

/** The started servers of a stack; whoever started them closes them. */
record Servers(EmbeddedKafka kafka, EmbeddedPostgres postgres, FlinkCluster flink, Ports ports) {}
