/**
 * The streaming job: Flink's part, thin operators around the pure packages; a package a part of the
 * flow, each with one class that draws its steps.
 */
package io.onevault.tracking.job;
