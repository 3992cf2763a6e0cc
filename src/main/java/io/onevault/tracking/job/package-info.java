/** The streaming job: Flink's part, thin operators around the pure packages. */
package io.onevault.tracking.job;
