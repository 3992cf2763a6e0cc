/** The job's options, their values, and what derives from its secret. */
package io.onevault.tracking.job.settings;
