/** Reads records from Kafka, decodes them and keeps event time. */
package io.onevault.tracking.job.read;
