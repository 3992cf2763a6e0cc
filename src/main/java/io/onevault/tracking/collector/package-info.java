/**
 * The way in by HTTP: takes events of browsers and servers to Kafka, answers questions by the api's
 * functions, and serves the tracker and the dashboard. It knows the event contract, and nothing of
 * Flink.
 */
@NullMarked
package io.onevault.tracking.collector;

import org.jspecify.annotations.NullMarked;
