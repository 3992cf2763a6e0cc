/**
 * The all-in-one local stack: a real Kafka broker, a real PostgreSQL and a Flink cluster in one
 * JVM, fed with sample traffic or a file. Nothing here is in the jar that goes to a cluster.
 */
@NullMarked
package io.onevault.tracking.local;

import org.jspecify.annotations.NullMarked;
