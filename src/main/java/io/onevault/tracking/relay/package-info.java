/**
 * The relay: moves tracked events from the database's outbox to Kafka. A program of its own that
 * knows nothing of Flink.
 */
package io.onevault.tracking.relay;
